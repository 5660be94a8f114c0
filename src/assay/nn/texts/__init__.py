"""Nets that read words by number."""
