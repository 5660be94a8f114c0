"""Families whose models are torch nets: plain facts make the net, the engine trains it, weights and facts are saved.

A member says what its net is made of and what it reads; everything else is here.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import PlanError, RunError, listed
from assay.core.members import member
from assay.core.state import State, take
from assay.families._base import Family, Fitted, Learning, Predictor, Settings, alike
from assay.families._links import LINKED, Link, Softmax, link_of, read_link
from assay.features._base import Matrix
from assay.tasks._base import Form
from assay.training.options import Options

if TYPE_CHECKING:
    from torch import Tensor, nn

    from assay.families._ways import AsTheyAre

FAMILIES = "assay.families"
_AT_ONCE = 512
_MOST = 2**31

TRAINING: Settings = MappingProxyType({**Options.defaults(), "loss": "", "loss_options": {}})


class NetPredictor(Predictor):
    """A net as its weights, the facts that it is built from, the family that builds it, and the link to outputs.

    The net itself is made when it first predicts, so that reading a model costs no time for members that are not asked.
    """

    def __init__(
        self,
        family: "NetFamily",
        facts: Mapping[str, Any],
        weights: Mapping[str, AnyArray],
        link: Link | None = None,
    ) -> None:
        self.family, self.facts, self.weights, self.link = family, facts, weights, link or Softmax()
        self._net: nn.Module | None = None

    @property
    def net(self) -> "nn.Module":
        """The net with its weights, in evaluation mode.

        Raises:
            RunError: The weights are not those of such a net.
        """
        if self._net is None:
            self._net = _assembled(self.family, self.facts, self.weights)
        return self._net

    def predict(self, matrix: Matrix) -> FloatArray:
        """Outputs (n, k) by the link."""
        from assay.training.modes import predicting

        inputs = self.family.inputs(matrix, self.facts)
        scores = np.zeros((len(matrix), self.facts["outputs"]))
        with predicting(self.net, len(matrix)):
            for start in range(0, len(matrix), _AT_ONCE):
                rows = slice(start, start + _AT_ONCE)
                scores[rows] = self.family.scores(self.net, tuple(given[rows] for given in inputs)).double().numpy()
        return self.link.outputs(scores)

    def state(self) -> State:
        """Family, facts, weights and link."""
        told = {"family": self.family.name, "facts": dict(self.facts), "link": self.link.state()}
        return {**told, "weights": dict(self.weights)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave; the net is built by code that the family's name stands for, never from the file.

        Raises:
            RunError: The state is damaged.
        """
        try:
            family = member(FAMILIES, Family, take(state, "family", str))()  # type: ignore[type-abstract]
        except PlanError as error:
            raise _damaged(f"a net of the family {state['family']!r}") from error
        if not isinstance(family, NetFamily):
            raise _damaged(f"a net of the family {family.name!r}, which has none")
        _need(family)
        weights, facts = take(state, "weights", dict), take(state, "facts", dict)
        _check_facts(family, facts)
        if not all(isinstance(one, np.ndarray) for one in weights.values()):
            raise _damaged("weights of a net that are no numbers")
        predictor = cls(family, facts, weights, read_link(take(state, "link", dict)))
        _assembled(family, facts, weights, only_look=True)
        return predictor


class NetFamily(Family):
    """A kind of net. Its ``defaults`` are `TRAINING` and what its net can be told.

    Attributes:
        of_net: The settings that its net is built by.
        sizes: What else the net needs to know, found in the training rows: a whole number each, or a list of them.
    """

    of_net: ClassVar[tuple[str, ...]]
    sizes: ClassVar[tuple[str, ...]]

    predictor = NetPredictor
    forms = LINKED
    costly = True
    appetite = 3.0
    loading = 2.0

    @abstractmethod
    def facts(self, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """What `net` needs to know, as JSON values by name: ``of_net`` and ``sizes``."""

    @abstractmethod
    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights, which it draws from torch's global generator; ``facts`` hold also ``outputs``.

        Raises:
            PlanError: A setting is out of range, or the net does not fit such rows.
        """

    @abstractmethod
    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """What the net's ``forward`` takes, each of n rows."""

    def scores(self, net: "nn.Module", inputs: tuple["Tensor", ...]) -> "Tensor":
        """Scores (n, k) before the link for rows to be predicted; more than one look at a row can be averaged here."""
        scores: Tensor = net(*inputs)
        return scores

    def before(
        self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings
    ) -> Mapping[str, Any] | None:
        """What is done with the first weights once the training rows are known: whitening, vectors from a file.

        What it gives goes into the notes of the fit.
        """
        return None

    def way(self, settings: Settings) -> "AsTheyAre":
        """How its rows come to a net."""
        from assay.families._ways import AsTheyAre

        return AsTheyAre()

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families, and by what the loss and the training have to say of their own options."""
        from assay.families._nets import check

        super().check({key: value for key, value in settings.items() if key not in Options.defaults()}, form)
        check({**self.defaults, **settings}, form)

    def load(self) -> None:
        """Import torch, and what its first optimizer imports."""
        from assay.families._nets import warm_up

        warm_up()

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Train, and keep the epoch that validation rows like best."""
        import torch

        from assay.families._nets import train
        from assay.training.modes import own_draws

        facts, link = {**self.facts(settings, learning.train), "outputs": len(learning.task.labels)}, link_of(learning)
        rows, valid = self.inputs(learning.train, facts), self.inputs(learning.valid, facts)
        with own_draws(learning.seed, torch.device("cpu")):
            net = self.net(facts)
            _start_at_prior(net, learning, link)
            told = self.before(net, learning, rows, settings) or {}
        trained = train(net, learning, rows, valid, settings, way=self.way(settings))
        weights = {name: tensor.cpu().numpy().copy() for name, tensor in net.state_dict().items()}
        return Fitted(
            self.predictor(self, facts, weights, link), trained.history.fixed, {**told, **trained.notes}, trained.seen
        )


def _start_at_prior(net: "nn.Module", learning: Learning, link: Link) -> None:
    import torch

    from assay.nn.headed import WithHead

    scores = torch.from_numpy(link.scores(learning.task.prior(learning.y, learning.weight)))
    for module in net.modules():
        if isinstance(module, WithHead):
            module.start_at(scores)


def _need(family: NetFamily) -> None:
    try:
        family.need()
    except PlanError as error:
        raise RunError(f"a model with a net, but {error.found}", expected=error.expected, fix=error.fix) from error


def _check_facts(family: NetFamily, facts: Mapping[str, Any]) -> None:
    sizes = {*family.sizes, "outputs"}
    wrong = list({*family.of_net, *sizes} ^ facts.keys())
    wrong += [name for name in sizes & facts.keys() if not _is_size(facts[name])]
    wrong += [name for name in facts.keys() & {*family.of_net} if not alike(facts[name], family.defaults[name])]
    if wrong:
        raise _damaged(
            f"a net of {family.name} with facts that are missing, too many or wrong: {listed(sorted(wrong))}"
        )


def _is_size(value: Any) -> bool:
    numbers = value if isinstance(value, list) and value else [value]
    return all(isinstance(number, int) and 0 <= number <= _MOST for number in numbers)


def _assembled(
    family: NetFamily, facts: Mapping[str, Any], weights: Mapping[str, AnyArray], *, only_look: bool = False
) -> "nn.Module":
    """The net of these facts with these weights.

    It is built without memory of its own first, so that a forged size costs nothing before it is seen not to fit.
    """
    import torch

    from assay.training.modes import own_draws

    try:
        with torch.device("meta"):
            net = family.net(facts)
    except Exception as error:  # forged facts can fail anywhere; whatever it is, the files are to blame
        raise _damaged(f"a net of {family.name} that cannot be built ({type(error).__name__}: {error})") from error
    wanted = net.state_dict()
    wrong = [name for name in wanted.keys() | weights.keys() if not _alike(wanted.get(name), weights.get(name))]
    if wrong:
        raise _damaged(f"weights that are missing, too many, or of another shape: {listed(sorted(wrong), 6)}")
    if not only_look:
        if any(buffer.is_meta for buffer in _unsaved(net)):  # what is not saved has to be computed
            with own_draws(0, torch.device("cpu")):
                net = family.net(facts)
        net.load_state_dict({name: torch.from_numpy(weights[name].copy()) for name in wanted}, assign=True)
        net.requires_grad_(False).eval()
    return net


def _unsaved(net: "nn.Module") -> "list[Tensor]":
    saved = net.state_dict().keys()
    return [buffer for name, buffer in net.named_buffers() if name not in saved]


def _alike(wanted: "Tensor | None", found: AnyArray | None) -> bool:
    if wanted is None or found is None or tuple(wanted.shape) != found.shape:
        return False
    return str(wanted.dtype).removeprefix("torch.") == str(found.dtype)


def _damaged(what: str) -> RunError:
    return RunError(
        what,
        expected="the weights of a net as Assay wrote them",
        fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
    )
