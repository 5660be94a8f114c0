"""Nets that see pictures, and what they are made of."""
