"""Nets over the steps of sequences, which give scores for the tags of each step."""
