"""First weights of a net, by schemes that keep the size of signals and gradients from layer to layer."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assay.core.errors import PlanError, did_you_mean, listed
from assay.nn._inputs import Inputs
from assay.nn._weights import Weight, weights_of
from assay.nn.activations import gain_of, scheme_of
from assay.nn.lsuv import unit_variance

_BY_VALUE = ("constant", "normal", "uniform")
_BY_GAIN = ("xavier", "xavier_uniform", "kaiming", "kaiming_uniform", "orthogonal")
SCHEMES = ("zeros", *_BY_VALUE, *_BY_GAIN, "lsuv")
_OTHER_NAMES = {
    "xavier_normal": "xavier",
    "glorot": "xavier",
    "glorot_normal": "xavier",
    "glorot_uniform": "xavier_uniform",
    "kaiming_normal": "kaiming",
    "he": "kaiming",
    "he_normal": "kaiming",
    "he_uniform": "kaiming_uniform",
}


def initialise(
    net: nn.Module,
    scheme: str | None = None,
    *,
    activation: str = "relu",
    gain: float | None = None,
    value: float | None = None,
    fan: str = "in",
    bias: float = 0.0,
    forget_bias: float | None = None,
    inputs: Inputs | None = None,
    seed: int = 0,
    generator: torch.Generator | None = None,
) -> None:
    """Give every weight of two axes or more its first values, and every offset beside one.

    | scheme | weights |
    |---|---|
    | ``zeros``, ``constant`` | 0, ``value`` |
    | ``normal``, ``uniform`` | N(0, value^2), from -value to value |
    | ``xavier``, ``xavier_uniform`` | variance gain^2 2 / (fan_in + fan_out) (Glorot & Bengio 2010) |
    | ``kaiming``, ``kaiming_uniform`` | variance gain^2 / fan_in, or / fan_out (He et al. 2015) |
    | ``orthogonal`` | W W^T = gain^2 I, or W^T W where there are more rows than columns (Saxe et al. 2014) |
    | ``lsuv`` | orthogonal, then scaled until outputs have variance 1 (Mishkin & Matas 2016): see `unit_variance` |

    ``glorot`` and ``he`` are other names of ``xavier`` and ``kaiming``. The first four are taken as they are told for
    all weights. With the others, gates of recurrent modules are orthogonal from the state (one by one) and xavier from
    the input, with gain 1; embeddings, which sum nothing, are N(0, 1), and 0 for padding. Normalisations are left
    alone, and so is a module that has ``initialises_itself = True`` with all that is in it. Weights that torch
    recomputes (``torch.nn.utils.parametrizations``) are not reached.

    Args:
        net: Changed in place.
        scheme: By default the one for ``activation``, see `scheme_of`.
        activation: What follows the layers; decides about ``scheme`` and ``gain`` where they are not given.
        gain: By default the one for ``activation``, see `gain_of`.
        value: For ``constant``, ``normal`` and ``uniform`` only.
        fan: ``"in"`` keeps the variance forward, ``"out"`` that of gradients backward; for ``kaiming`` only.
        bias: Of all offsets.
        forget_bias: Of the forget gates of LSTMs, e.g. 1.0 to remember from the start (Jozefowicz et al. 2015); None
            for ``bias``.
        inputs: A batch, for ``lsuv`` only.
        seed: For the draws; torch's global generator is never drawn from.
        generator: To draw from, instead of ``seed``.

    Raises:
        PlanError: There is no such scheme, activation or fan, or a setting does not go with the scheme.
        DataError: As `unit_variance`.
    """
    name = _scheme_named(scheme or scheme_of(activation))
    _check(name, gain, value, fan, inputs)
    usual_gain = gain_of(activation) if gain is None else gain
    random = generator or torch.Generator().manual_seed(seed)
    draws = _Draws(name, 1.0 if name == "lsuv" else usual_gain, value or 0.0, fan, random)
    with torch.no_grad():
        for weight in weights_of(net):
            weight.values.copy_(draws.of(weight))
            _keep_padding(weight)
            _set_biases(weight, bias, forget_bias)
    if inputs is not None:
        unit_variance(net, inputs)


def orthogonal(rows: int, columns: int, *, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """A matrix (rows, columns) with orthonormal rows, or columns where there are fewer of them, drawn evenly from all.

    It is the Q of a QR decomposition of normal numbers. The signs of R's diagonal are moved into it: without that,
    what comes out depends on the algorithm and is not even (Mezzadri 2007).
    """
    shape = (max(rows, columns), min(rows, columns))
    q, r = torch.linalg.qr(torch.randn(shape, generator=generator, dtype=dtype, device=generator.device))
    signed: Tensor = q * torch.where(r.diagonal() < 0, -1, 1)
    return signed if rows >= columns else signed.T


@dataclass(frozen=True)
class _Draws:
    """Values for weights by a scheme."""

    scheme: str
    gain: float
    value: float
    fan: str
    random: torch.Generator

    def of(self, weight: Weight) -> Tensor:
        """All parts of a weight; nothing for a layer without inputs."""
        if not weight.values.numel():
            return weight.values
        scheme, gain = self._scheme_for(weight)
        rows, *rest = weight.values.shape
        shape = (rows // weight.parts, *rest)
        dtype = torch.float64 if weight.values.dtype == torch.float64 else torch.float32
        return torch.cat([self._part(scheme, gain, weight, shape, dtype) for _ in range(weight.parts)])

    def _scheme_for(self, weight: Weight) -> tuple[str, float]:
        if weight.kind == "layer" or self.scheme in ("zeros", *_BY_VALUE):
            return self.scheme, self.gain
        return {"input": "xavier", "recurrent": "orthogonal", "table": "unit"}[weight.kind], 1.0

    def _part(self, scheme: str, gain: float, weight: Weight, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        if scheme in ("orthogonal", "lsuv"):
            flat = orthogonal(shape[0], math.prod(shape[1:]), generator=self.random, dtype=dtype)
            return gain * flat.reshape(shape)
        made = torch.empty(shape, dtype=dtype, device=self.random.device)
        if scheme in ("zeros", "constant"):
            return made.fill_(self.value)
        spread = self._spread(scheme, gain, weight)
        if scheme.endswith("uniform"):
            bound = spread if scheme == "uniform" else math.sqrt(3) * spread
            return made.uniform_(-bound, bound, generator=self.random)
        return made.normal_(0, spread, generator=self.random)

    def _spread(self, scheme: str, gain: float, weight: Weight) -> float:
        """Standard deviation; for ``uniform`` the bound."""
        if scheme.startswith("xavier"):
            return gain * math.sqrt(2 / (weight.fan_in + weight.fan_out))
        if scheme.startswith("kaiming"):
            return gain / math.sqrt(weight.fan_in if self.fan == "in" else weight.fan_out)
        return 1.0 if scheme == "unit" else self.value


def _keep_padding(weight: Weight) -> None:
    padding = getattr(weight.module, "padding_idx", None)
    if weight.kind == "table" and padding is not None:
        weight.values[padding].zero_()


def _set_biases(weight: Weight, bias: float, forget_bias: float | None) -> None:
    """Of two offsets that are added, as in torch's recurrent modules, the second is 0."""
    module = weight.module
    for name, values in module.named_parameters(recurse=False):
        if values.dim() == 1 and "bias" in name:
            values.fill_(0.0 if name.startswith("bias_hh") else bias)
            if name.startswith("bias_ih") and forget_bias is not None and isinstance(module, nn.LSTM | nn.LSTMCell):
                # Torch stacks the gates as input, forget, cell, output.
                values[module.hidden_size : 2 * module.hidden_size] = forget_bias


def _scheme_named(scheme: str) -> str:
    scheme = _OTHER_NAMES.get(scheme, scheme)
    if scheme not in SCHEMES:
        raise PlanError(
            f"no scheme of initialisation named {scheme!r}",
            expected=f"one of: {listed(SCHEMES)}",
            fix=f"{did_you_mean(scheme, [*SCHEMES, *_OTHER_NAMES])}change the name",
        )
    return scheme


def _check(scheme: str, gain: float | None, value: float | None, fan: str, inputs: Inputs | None) -> None:
    """Nothing that a person sets is passed over in silence."""
    settings = {"value": (value, _BY_VALUE), "gain": (gain, _BY_GAIN), "inputs": (inputs, ("lsuv",))}
    for name, (given, schemes) in settings.items():
        if given is not None and scheme not in schemes:
            raise PlanError(
                f"{name} for initialisation by {scheme!r}, which does not use it",
                expected=f"{name} only with: {listed(schemes)}",
                fix=f"leave {name} out, or change the scheme",
            )
        if given is None and scheme in schemes and name != "gain":
            raise PlanError(
                f"initialisation by {scheme!r} without {name}",
                expected="a batch of rows" if name == "inputs" else "a number, such as 0.01",
                fix=f"give {name}, or another scheme",
            )
    if fan not in ("in", "out"):
        raise PlanError(f"fan = {fan!r}", expected="'in' or 'out'", fix="change it to one of them")
