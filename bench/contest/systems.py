"""Who takes part, and the virtual environment that each one runs in."""

import subprocess
import sys
import venv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parents[1]
ROOT = BENCH.parent
KINDS = ("tabular", "text")


@dataclass(frozen=True)
class System:
    """One contestant: ``bench/peers/peer_PEER.py`` run by the Python of its own environment.

    Attributes:
        name: Of its results.
        title, about: For the page.
        budgeted: Whether it knows a budget of seconds.
        options: What its script is told besides, such as which families Assay is to try.
        peer: Of its script; its own name if empty.
        at_home: Whether it runs in the checkout's own environment, as Assay does.
        home: Name of its environment and requirements, where it shares them; its own name if empty.
        scale: How many times the seconds of the others it is given.
        kinds: Of the sets it takes part in.
        patience: Seconds over its budget after which a process of it is stopped.
    """

    name: str
    title: str
    about: str
    budgeted: bool
    options: Mapping[str, Any] = field(default_factory=dict)
    peer: str = ""
    at_home: bool = False
    home: str = ""
    scale: float = 1.0
    kinds: tuple[str, ...] = KINDS
    patience: float = 900.0

    @property
    def is_assay(self) -> bool:
        """Whether it is Assay, in one form or another."""
        return (self.peer or self.name) == ASSAY

    @property
    def script(self) -> Path:
        """The script that fits and predicts."""
        return BENCH / "peers" / f"peer_{self.peer or self.name}.py"

    @property
    def requirements(self) -> Path:
        """What its environment holds."""
        return BENCH / "peers" / f"requirements-{self.home or self.name}.txt"

    @property
    def environment(self) -> Path:
        """Folder of its virtual environment."""
        return ROOT / ".venv" if self.is_assay or self.at_home else ROOT / ".venvs" / (self.home or self.name)

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return self.environment / "bin" / "python"

    @property
    def ready(self) -> bool:
        """Whether its environment is complete and holds what the requirements file asks for today."""
        home = self.is_assay or self.at_home
        return home or (self._seal.is_file() and self._seal.read_text() == self.requirements.read_text())

    @property
    def _seal(self) -> Path:
        return self.environment / "requirements.txt"

    def build(self) -> None:
        """Make the environment anew with pip.

        Raises:
            subprocess.CalledProcessError: pip could not install the requirements.
        """
        if self.is_assay or self.at_home:
            return
        venv.create(self.environment, clear=True, with_pip=True)
        command = [str(self.python), "-m", "pip", "install", "--quiet", "-r", str(self.requirements)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        self._seal.write_text(self.requirements.read_text())


ASSAY, ASSAY_30, LOGISTIC, LIGHTGBM = "assay", "assay-30", "logistic", "lightgbm"
NBSVM, FASTTEXT, FLAML, AUTOGLUON, BEST = "nbsvm", "fasttext", "flaml", "autogluon", "autogluon-best"
SYSTEMS = (
    System(
        LOGISTIC,
        "Logistic regression",
        "scikit-learn, C=1, at most 1,000 iterations; numbers: median, standardised; categories: one-hot; text: tf-idf",
        budgeted=False,
    ),
    System(
        LIGHTGBM,
        "LightGBM",
        "LGBMClassifier defaults (100 rounds), pandas categories; text: tf-idf words, min_df 2, at most 20,000",
        budgeted=False,
    ),
    System(
        NBSVM,
        "nbsvm",
        "Wang & Manning 2012, alpha 1, words and pairs of words, each class against the rest, by scikit-learn; for the "
        "sake of probabilities a logistic regression (C=1, not interpolated) in place of the SVM",
        budgeted=False,
        home=LOGISTIC,
        kinds=("text",),
    ),
    System(
        FASTTEXT,
        "fastText",
        "lower-cased words and pairs; on a tenth of the training rows the more accurate of its tutorial's settings "
        "(lr 0.5, 25 epochs) and those that its autotune finds in the budget; then trained on all rows, on top of that",
        budgeted=True,
        kinds=("text",),
    ),
    System(
        ASSAY,
        "Assay",
        '`assay.fit(train, target="label", time=...)` and `rare_classes="keep"`',
        budgeted=True,
    ),
    System(
        ASSAY_30,
        "Assay, half the time",
        "as Assay",
        budgeted=True,
        peer=ASSAY,
        scale=0.5,
    ),
    System(
        FLAML,
        "FLAML",
        "AutoML defaults, metric log_loss, on both cores",
        budgeted=True,
        kinds=("tabular",),
    ),
    System(
        AUTOGLUON,
        "AutoGluon",
        "medium_quality, eval_metric log_loss, with LightGBM, CatBoost and XGBoost; text: its own text features",
        budgeted=True,
        options={"presets": "medium_quality"},
    ),
    System(
        BEST,
        "AutoGluon best",
        "best_quality, eval_metric log_loss, five times the seconds, else as AutoGluon",
        budgeted=True,
        options={"presets": "best_quality"},
        peer=AUTOGLUON,
        home=AUTOGLUON,
        scale=5.0,
        kinds=("tabular",),
    ),
)


def prepare(systems: Iterable[System], say: Callable[[str], None]) -> None:
    """Build the environments that are not there, each once; a peer without one is left out and the page says so."""
    sharing: dict[Path, dict[str, System]] = {}
    for system in systems:
        sharing.setdefault(system.environment, {})[system.title] = system
    for named in sharing.values():
        titles, system = ", ".join(named), next(iter(named.values()))
        if not system.ready:
            say(f"building the environment of {titles}; this takes some minutes")
            try:
                system.build()
            except (subprocess.CalledProcessError, OSError) as error:
                say(f"left out: {titles}: {error}")
