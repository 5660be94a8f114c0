"""From a dataset and a plan to a model, with the evidence of what it is worth."""
