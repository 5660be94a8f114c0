"""Variants of classification against peers: tags, labels, numbers, additive models, binary decompositions."""
