"""Conformance suites: what every member of a contract must do, one module per contract, run over all that are found."""
