"""Assay and its peers side by side: which sets, which systems, one measurement, the scores and the page."""
