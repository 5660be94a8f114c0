"""Assay: train a classifier, and know what it is worth."""
