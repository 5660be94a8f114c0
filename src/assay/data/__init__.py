"""Readers, schema, splits and fingerprints: from a source that a person has to a `Dataset`."""
