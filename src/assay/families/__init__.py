"""Kinds of model, one per file; `_base.py` is the contract, an entry point `assay.families` adds one from outside."""
