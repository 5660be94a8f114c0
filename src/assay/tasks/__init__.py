"""What is decided: target encoding, metrics and the decision rule, one task per file."""
