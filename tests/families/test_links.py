"""Between scores and outputs: each link gives what its form wants, begins at the prior, and survives files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import RunError
from assay.families._links import FLOOR, LINKED, link_for, read_link
from assay.tasks._base import Form

SHARES = st.lists(st.floats(0.01, 0.99), min_size=2, max_size=6)


@pytest.mark.parametrize("form", sorted(LINKED - {Form.NUMBERS}))
@given(shares=SHARES)
def test_a_net_begins_at_the_prior(form: Form, shares: list[float]) -> None:
    prior = np.array(shares)
    if form is Form.CLASSES:
        prior = prior / prior.sum()
    link = link_for(form)()  # type: ignore[abstract]
    assert link.outputs(link.scores(prior)[None])[0] == pytest.approx(prior, abs=2e-4)


@pytest.mark.parametrize("form", sorted(LINKED - {Form.NUMBERS}))
def test_outputs_are_never_certain(form: Form) -> None:
    outputs = link_for(form)().outputs(np.array([[900.0, -900.0], [-900.0, 900.0]]))  # type: ignore[abstract]
    assert outputs.min() == pytest.approx(FLOOR, rel=1e-3)
    assert outputs.max() < 1


def test_what_has_no_rows_has_finite_scores() -> None:
    for form in (Form.CLASSES, Form.LABELS):
        assert np.isfinite(link_for(form)().scores(np.array([0.0, 1.0]))).all()  # type: ignore[abstract]


def test_a_link_that_there_is_not_is_refused() -> None:
    with pytest.raises(RunError, match=r"a net that gives 'wishes'[\s\S]*classes"):
        read_link({"form": "wishes"})
