"""How rows come to a net, and how its epochs are scored: as they are, augmented, or in batches of like length."""

from collections.abc import Mapping
from typing import Any

import torch

from assay.families._links import Link
from assay.nn.losses._base import Loss
from assay.nn.losses._tempered import Tempered
from assay.training.augment import Augmentation, Augmented
from assay.training.batches import Batch, Resident
from assay.training.bucketed import Bucketed
from assay.training.sequences import Sequences

# Pictures that an epoch is scored on at most: enough to see which epochs are good, and a pass over all takes long.
_SCORED = 2_500
# Fewer rows do not tell a temperature.
_MANY = 500


class AsTheyAre:
    """Rows of tables."""

    def learned(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """The rows to learn from."""
        return rows

    def scored(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """The rows that each epoch is scored on."""
        return rows

    def measure(self, scored: Resident, link: Link) -> Loss:
        """What the epoch to keep has least of."""
        return link.make_loss()

    def rows_in(self, batch: Batch) -> int:
        """How many rows of the table a batch holds."""
        return len(batch)


class InBuckets(AsTheyAre):
    """Texts: in batches of like length."""

    def learned(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """In batches of like length."""
        return Bucketed(rows)

    def scored(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """Also in batches of like length."""
        return Bucketed(rows)


class InSequences(AsTheyAre):
    """Steps: in batches of whole sequences of like length."""

    def learned(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """In sequences."""
        return Sequences(rows)

    def scored(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """Also in sequences."""
        return Sequences(rows)

    def rows_in(self, batch: Batch) -> int:
        """Steps."""
        return int(batch.inputs[0].sum())


class AsPictures(AsTheyAre):
    """Pictures: augmented as the settings say, and scored on some rows, as they will be after the fit."""

    def learned(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """Augmented."""
        return Augmented(rows, Augmentation.of(settings))

    def scored(self, rows: Resident, settings: Mapping[str, Any]) -> Resident:
        """Some of them, evenly from first to last."""
        if len(rows) > _SCORED:
            rows = Resident.on(rows.all.rows(torch.arange(_SCORED) * len(rows) // _SCORED))
        return Augmented(rows, Augmentation.of(settings))

    def measure(self, scored: Resident, link: Link) -> Loss:
        """Log loss at the temperature that suits the net, where rows are enough to tell it (see `Tempered`)."""
        tempered = len(scored) >= _MANY and link.takes == Tempered.target
        return Tempered() if tempered else super().measure(scored, link)
