"""`Run.vectors`: words that a net takes for alike, and its vectors in a file that another net begins with."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import assay
from assay.api._vectors import WordVectors
from assay.core.errors import PlanError
from assay.families.bag import Bag
from assay.nn.texts.vectors import read_vectors
from tests.families.text_runs import bag_run, linear_run

VALUES = np.array([[1, 0], [2, 2], [-3, 0], [0, 0], [0, 5]], np.float32)
VECTORS = WordVectors(("good", "fine", "bad", "void", "côté"), VALUES, "bag")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    return bag_run(tmp_path_factory.mktemp("texts") / "run")


def test_words_are_near_by_the_cosine_of_their_vectors() -> None:
    near = VECTORS.nearest("good")
    assert [word for word, _ in near] == ["fine", "void", "côté", "bad"]
    assert [cosine for _, cosine in near] == pytest.approx([0.5**0.5, 0, 0, -1])
    assert VECTORS.nearest("CÔTÉ", 1) == [("fine", pytest.approx(0.5**0.5))]
    assert len(VECTORS.nearest("bad", 99)) == len(VECTORS) - 1 == 4


def test_a_word_that_the_net_does_not_know() -> None:
    with pytest.raises(PlanError, match=r"no word 'goood' among the 5 words of 'bag'(?s:.*)did you mean 'good'"):
        VECTORS.nearest("goood")
    with pytest.raises(PlanError, match=r"n = 0(?s:.*)1 word or more"):
        VECTORS.nearest("good", 0)
    none = WordVectors((), np.zeros((0, 2), np.float32), "bag")
    with pytest.raises(PlanError, match="it knows no word"):
        none.nearest("good")


def test_what_was_learned_is_given_and_read_back(run: assay.Run, tmp_path: Path) -> None:
    found = run.vectors()
    assert found.member == "bag"
    assert found.values.shape == (len(found), Bag.small["width"])
    assert {"good", "bad", "film", "the"} <= set(found.words)
    assert np.isfinite(found.values).all()
    path = found.write(tmp_path / "vectors.txt")
    read = read_vectors(str(path), found.words)
    np.testing.assert_array_equal(read.values, found.values)
    np.testing.assert_array_equal(assay.load(run.path).vectors().values, found.values)


def test_words_and_vectors_belong_together(run: assay.Run) -> None:
    """A text of one word, told by NumPy from the vectors, is told by the model in the same way."""
    found, (member,) = run.vectors(), run.model.members
    weights = member.parts[0][1].state()["weights"]
    scores = found.values[found.words.index("good")] @ weights["head.weight"].T + weights["head.bias"]
    wanted = np.exp(scores) / np.exp(scores).sum()
    assert run.predict_proba(pl.DataFrame({"text": ["good"]}))[0] == pytest.approx(wanted, abs=1e-5)


def test_a_run_without_a_net_of_texts_says_which_families_have_vectors(tmp_path: Path) -> None:
    wanted = r"without word vectors: its model is made of linear(?s:.*)bag, (?s:.*)textcnn(?s:.*)--families bag"
    with pytest.raises(PlanError, match=wanted):
        linear_run(tmp_path / "run").vectors()
