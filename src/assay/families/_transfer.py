"""Transfer: weights of a file go into the layers of a net that they fit, and what does not fit is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assay.core.errors import PlanError, listed
from assay.nn.headed import Headed
from assay.nn.pictures._staged import Staged

_SHOWN = 8
_COUNTER = "num_batches_tracked"


@dataclass(frozen=True)
class Transfer:
    """How a file of weights fits a net.

    Attributes:
        taken: Name in the file for each weight of the net that is filled.
        body: How many of them are not the head's, nor the scale of pixels.
        channels: The first filters, where they are brought to another number of colours; an empty text if not.
        head: What becomes of the layer that scores classes, for people.
        missing: Weights of the body that the file does not have.
        extra: Weights of the file that the net does not have.
        unfit: Those of other shapes, with both.
    """

    taken: Mapping[str, str]
    body: int
    channels: str
    head: str
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    unfit: tuple[str, ...]

    @classmethod
    def between(cls, net: nn.Module, weights: Mapping[str, Tensor]) -> "Transfer":
        """Lay the names and shapes of a file's weights beside those of a net, which may be on the meta device.

        Names are known as in the net itself, as in its body, and as the published files of torchvision and timm have
        them; the file of an earlier run gives the net that fits best.
        """
        parts = _Parts.of(net)
        weights, own = parts.of_run(weights), net.state_dict()
        named = {here: name for name in weights if (here := parts.named_here(name, own)) is not None}
        first = parts.first_filters
        fits = {here for here, name in named.items() if weights[name].shape == own[here].shape}
        changed = first in named and first not in fits and _adapted(weights[named[first]], own[first]) is not None
        fits |= {first} if changed else set()
        with_head = all(name in fits for name in parts.head)
        taken = {here: named[here] for here in sorted(fits) if with_head or here not in parts.head}
        body = [name for name in own if name.startswith(parts.body_prefix)]
        return cls(
            taken,
            body=sum(name in taken for name in body),
            channels=_colours(weights[named[first]], own[first]) if changed else "",
            head=parts.told(named, weights, own, with_head),
            missing=tuple(name for name in body if name not in named and not name.endswith(_COUNTER)),
            extra=tuple(name for name in weights if name not in named.values() and not name.endswith(_COUNTER)),
            unfit=tuple(
                f"{here} {tuple(weights[named[here]].shape)} for {tuple(own[here].shape)}"
                for here in body
                if here in named and here not in fits
            ),
        )

    def check(self, file: str, *, strict: bool) -> None:
        """Refuse what does not fit.

        Raises:
            PlanError: Something is missing, too many or of another shape, if ``strict``; or nothing fits at all.
        """
        wrong = {"missing": self.missing, "too many": self.extra, "of other shapes": self.unfit}
        told = "; ".join(f"{word}: {listed(names, _SHOWN)}" for word, names in wrong.items() if names)
        if not self.body or (strict and told):
            fix = "set layers, width, norm and the like as they were for the file"
            raise PlanError(
                f"weights = {file!r}, of which {self.body or 'none'} fit the net ({told})",
                expected="the weights of such a net, its head aside",
                fix=f"{fix}, or strict to false to take those that fit" if self.body else fix,
            )

    def apply(self, net: nn.Module, weights: Mapping[str, Tensor]) -> None:
        """Copy them into a net.

        Raises:
            PlanError: A weight is no number.
        """
        weights, own = _Parts.of(net).of_run(weights), net.state_dict()
        with torch.no_grad():
            for here, name in self.taken.items():
                given = weights[name].to(own[here].dtype)
                if not given.isfinite().all():
                    raise PlanError(
                        f"weights with numbers that are NaN or infinite in {name}",
                        expected="weights of a net that was trained soundly",
                        fix="take another file",
                    )
                adapted = given if given.shape == own[here].shape else _adapted(given, own[here])
                own[here].copy_(given if adapted is None else adapted)

    def told(self) -> dict[str, str]:
        """For the evidence."""
        lists = {"missing": self.missing, "extra": self.extra, "unfit": self.unfit}
        rest = {f"transfer_{word}": listed(names, _SHOWN) for word, names in lists.items() if names}
        told = [f"{self.body} weights taken", *filter(None, [self.channels]), self.head]
        return {"transfer": "; ".join(told), **rest}


@dataclass(frozen=True)
class _Parts:
    """Where body and head of a net are, by name."""

    body: Staged
    body_prefix: str
    head: tuple[str, ...]

    @classmethod
    def of(cls, net: nn.Module) -> "_Parts":
        bodies = [(name, module) for name, module in net.named_modules() if isinstance(module, Staged)]
        heads = [name for name, module in net.named_modules() if isinstance(module, Headed)]
        (name, body), head = bodies[0], f"{heads[0]}.head".removeprefix(".")
        return cls(body, f"{name}." if name else "", (f"{head}.weight", f"{head}.bias"))

    @property
    def first_filters(self) -> str:
        """Name of the weight that sees the colours."""
        convs = (name for name, module in self.body.named_modules() if isinstance(module, nn.Conv2d))
        return f"{self.body_prefix}{next(convs, '')}.weight"

    def named_here(self, name: str, own: Iterable[str]) -> str | None:
        """The name in the net for a name in the file."""
        layer, _, kind = name.rpartition(".")
        head = self.head[0].removesuffix("weight") + kind if layer in self.body.heads else ""
        choices = (name, self.body_prefix + name, self.body_prefix + self.body.named_here(name), head)
        return next((choice for choice in choices if choice in own), None)

    def of_run(self, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Of a run's model, which can hold many nets, the weights of the first that fits best; others as they are."""
        runs: dict[str, dict[str, Tensor]] = {}
        for name, value in weights.items():
            place, found, inner = name.partition("/weights/")
            if found and name.startswith("/"):
                runs.setdefault(place, {})[inner] = value
        own = {f"{self.body_prefix}{name}": value.shape for name, value in self.body.state_dict().items()}
        fitting = [sum(own.get(name) == value.shape for name, value in run.items()) for run in runs.values()]
        return list(runs.values())[fitting.index(max(fitting))] if runs else weights

    def told(
        self, named: Mapping[str, str], weights: Mapping[str, Tensor], own: Mapping[str, Tensor], whole: bool
    ) -> str:
        """What becomes of the head."""
        if whole:
            return "head taken"
        name = named.get(self.head[0])
        if name is None:
            return "head begins anew: the file has none"
        there, here = tuple(weights[name].shape), tuple(own[self.head[0]].shape)
        return f"head begins anew: {there[0]} classes from {there[-1]} features there, {here[0]} from {here[1]} here"


def _adapted(given: Tensor, wanted: Tensor) -> Tensor | None:
    """First filters (k, colours, h, w) for another number of colours; None if they cannot be brought to it.

    Filters of several colours for grey are summed: a grey picture in each colour would give the same. Those of grey for
    colours see the mean of the colours.
    """
    if given.dim() != 4 or given.shape[0] != wanted.shape[0] or given.shape[2:] != wanted.shape[2:]:
        return None
    if wanted.shape[1] == 1:
        return given.sum(1, keepdim=True)
    return given.expand(-1, wanted.shape[1], -1, -1) / wanted.shape[1] if given.shape[1] == 1 else None


def _colours(given: Tensor, wanted: Tensor) -> str:
    there, here = given.shape[1], wanted.shape[1]
    return (
        f"first filters summed over {there} colours" if here == 1 else f"first filters see the mean of {here} colours"
    )
