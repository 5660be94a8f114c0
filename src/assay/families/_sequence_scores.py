"""What a net says of the steps of sequences, laid back to the rows that they stand in."""

import numpy as np
import torch
from torch import Tensor, nn

from assay.core.arrays import Float32Array, IntArray
from assay.training.batches import Batch, Resident
from assay.training.modes import predicting
from assay.training.sequences import Sequences

_AT_ONCE = 256


def scores_of(net: nn.Module, inputs: tuple[Tensor, ...], sequence: IntArray) -> Float32Array:
    """Scores (n + k + 2, k) of n > 0 steps and of going between tags.

    Args:
        net: Gives such scores for each sequence, see `assay.nn.losses._chain`.
        inputs: What the net reads of each step.
        sequence: (n,) which steps stand in one sequence.
    """
    numbers = torch.from_numpy(sequence)
    steps = Sequences(Resident.on(Batch(inputs, torch.stack([torch.zeros_like(numbers), numbers], 1))))
    with predicting(net, len(sequence)):
        found = [(net(*batch.inputs).float(), batch.target >= 0, rows) for batch, rows in steps.with_rows(_AT_ONCE)]
    k = found[0][0].shape[2]
    scores = np.empty((len(sequence) + k + 2, k), np.float32)
    scores[-k - 2 :] = found[0][0][0, -k - 2 :].numpy()
    for outputs, there, rows in found:
        scores[rows.numpy()] = outputs[:, : -k - 2][there].numpy()
    return scores
