"""Kinds of networks against each other and against other models, each through `assay fit`."""
