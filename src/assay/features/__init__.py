"""Columns to arrays: one encoder per file, fitted on training rows only, saved without pickle."""
