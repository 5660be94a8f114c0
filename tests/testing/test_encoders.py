"""Every encoder against every check of the suite."""

import numpy as np
import pytest

from assay.core.members import member, member_names
from assay.features._base import Encoder
from assay.features.raw import Raw
from assay.testing.encoders import CHECKS, Check, check_blocks, check_damaged_state, check_training_rows_only

NAMES = member_names("assay.features")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_every_encoder_passes_every_check(name: str, check: Check) -> None:
    kind = member("assay.features", Encoder, name)
    if (reason := kind().missing()) is not None:
        pytest.skip(reason)
    check(kind)


class Peeking(Raw):
    """Learns from all rows: subtracts the mean of the whole table."""

    def transform(self, data, rows):
        block = super().transform(data, np.arange(len(data)))
        return np.nan_to_num(block - np.nanmean(np.where(np.isnan(block), 0, block), axis=0))[rows]


class Misnamed(Raw):
    """Says less than it gives."""

    feature_names = property(lambda self: self.columns[:1])


class Trusting(Raw):
    """Takes any state."""

    @classmethod
    def from_state(cls, state):
        return cls()


@pytest.mark.parametrize(
    ("wrong", "check", "says"),
    [
        (Peeking, check_training_rows_only, "outside the training rows"),
        (Misnamed, check_blocks, "for"),
        (Trusting, check_damaged_state, "is accepted"),
    ],
)
def test_the_suite_catches_a_wrong_encoder(wrong: type[Encoder], check: Check, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check(wrong)
