import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from assay.core.errors import PlanError
from assay.nn.activations import gain_of, make_activation
from assay.nn.initialise import SCHEMES, initialise, orthogonal
from assay.nn.numpy_activations import ACTIVATIONS

ROWS = torch.randn(64, 800, generator=torch.Generator().manual_seed(5))


def filled(scheme: str | None = None, **settings: object) -> Tensor:
    """The weight (400, 300) of a linear layer."""
    net = nn.Linear(300, 400)
    initialise(net, scheme, **settings)  # type: ignore[arg-type]
    return net.weight.detach()


def normal(weight: Tensor, spread: float) -> bool:
    """Whether mean, variance and fourth moment are those of N(0, spread^2), within five standard errors."""
    z, root = weight / spread, math.sqrt(weight.numel())
    errors = [z.mean(), (z**2).mean() - 1, (z**4).mean() - 3]
    return all(abs(float(e)) < 5 * s / root for e, s in zip(errors, (1, math.sqrt(2), math.sqrt(96)), strict=True))


def even(weight: Tensor, bound: float) -> bool:
    """Whether the values are spread evenly from -bound to bound."""
    shares = torch.histc(weight / bound, 10, -1, 1) / weight.numel()
    return float(weight.abs().max()) <= bound and float((shares - 0.1).abs().max()) < 5 * 0.3 / math.sqrt(120_000)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")  # torch's own first draw
def test_a_layer_without_inputs_has_only_its_offsets() -> None:
    net = nn.Linear(0, 3)
    initialise(net, "kaiming", bias=0.5)
    assert net(torch.ones(2, 0)).tolist() == [[0.5] * 3] * 2


def test_zeros_and_constant() -> None:
    assert bool((filled("zeros") == 0).all())
    assert bool((filled("constant", value=0.25) == 0.25).all())


@pytest.mark.parametrize(
    ("scheme", "settings", "spread"),
    [
        ("normal", {"value": 0.02}, 0.02),
        ("xavier", {"gain": 1.0}, math.sqrt(2 / 700)),
        ("glorot", {"gain": 2.0}, 2 * math.sqrt(2 / 700)),
        ("kaiming", {}, math.sqrt(2 / 300)),
        ("he", {"fan": "out"}, math.sqrt(2 / 400)),
        ("kaiming_normal", {"activation": "selu"}, math.sqrt(1 / 300)),
        ("kaiming", {"gain": 3.0}, 3 / math.sqrt(300)),
    ],
)
def test_normal_schemes_have_their_spread(scheme: str, settings: dict[str, object], spread: float) -> None:
    weight = filled(scheme, **settings)
    assert normal(weight, spread)
    assert not normal(weight, spread * 1.05)


@pytest.mark.parametrize(
    ("scheme", "settings", "bound"),
    [
        ("uniform", {"value": 0.3}, 0.3),
        ("xavier_uniform", {"gain": 1.0}, math.sqrt(6 / 700)),
        ("kaiming_uniform", {}, math.sqrt(6 / 300)),
        ("he_uniform", {"fan": "out"}, math.sqrt(6 / 400)),
    ],
)
def test_uniform_schemes_have_their_bound(scheme: str, settings: dict[str, object], bound: float) -> None:
    assert even(filled(scheme, **settings), bound)


@pytest.mark.parametrize(
    ("activation", "scheme"),
    [("relu", "kaiming"), ("gelu", "kaiming"), ("selu", "kaiming"), ("tanh", "xavier"), ("identity", "xavier")],
)
def test_scheme_and_gain_follow_the_activation(activation: str, scheme: str) -> None:
    wanted = filled(scheme, gain=gain_of(activation))
    assert torch.equal(filled(activation=activation), wanted)
    assert torch.equal(filled(scheme, activation=activation), wanted)


@pytest.mark.parametrize(("rows", "columns"), [(300, 300), (200, 300), (300, 200)])
def test_orthogonal_weights(rows: int, columns: int) -> None:
    net = nn.Linear(columns, rows)
    initialise(net, "orthogonal", gain=1.7)
    weight = net.weight.detach().double()
    product = weight @ weight.T if rows <= columns else weight.T @ weight
    torch.testing.assert_close(product, 1.7**2 * torch.eye(min(rows, columns)).double(), rtol=0, atol=1e-5)


def test_groups_of_a_convolution_are_orthogonal_one_by_one() -> None:
    net = nn.Conv2d(6, 24, 3, groups=3)
    initialise(net, "orthogonal", gain=1.0)
    for part in net.weight.detach().reshape(3, 8, 18):
        torch.testing.assert_close(part @ part.T, torch.eye(8), rtol=0, atol=1e-5)


def test_orthogonal_matrices_are_drawn_evenly_from_all() -> None:
    """Of an even (Haar) draw, the trace has mean 0 and variance 1; without the signs its mean is far below 0."""
    random = torch.Generator().manual_seed(0)
    traces = [float(orthogonal(6, 6, generator=random).trace()) for _ in range(2_000)]
    assert np.mean(traces) == pytest.approx(0, abs=5 / math.sqrt(2_000))
    assert np.var(traces) == pytest.approx(1, abs=5 * math.sqrt(2 / 2_000))


def deep(activation: str, depth: int = 20, width: int = 800) -> nn.Sequential:
    """Wide enough for chance to matter little: of relu, the log of sizes has a spread of sqrt(5 depth / width)."""
    pairs = ((skip_init(nn.Linear, width, width), make_activation(activation)) for _ in range(depth))
    return nn.Sequential(*itertools.chain.from_iterable(pairs))


def moments(net: nn.Sequential, x: Tensor) -> list[float]:
    """Mean square of what each linear layer gives."""
    found = []
    with torch.no_grad():
        for module in net:
            x = module(x)
            if isinstance(module, nn.Linear):
                found.append(float(x.square().mean()))
    return found


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_signals_keep_their_size_from_layer_to_layer(activation: str) -> None:
    """Through 20 layers within a factor of 2; through 10 where a small deviation grows, see `gain_of`."""
    net = deep(activation, 10 if activation in ("gelu", "silu", "mish") else 20)
    initialise(net, activation=activation)
    found = moments(net, make_activation(activation)(ROWS))
    assert found[0] == pytest.approx(1, rel=0.1)
    assert all(0.5 < moment < 2 for moment in found), found


@pytest.mark.parametrize("activation", ["elu", "selu", "tanh", "sigmoid", "softplus"])
def test_signals_of_another_size_come_back_to_1(activation: str) -> None:
    """For the activations that `gain_of` says are steady."""
    net = deep(activation)
    initialise(net, activation=activation)
    for size in (0.3, 3.0):
        assert moments(net, ROWS * size)[-1] == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize(("activation", "scheme"), [("identity", "orthogonal"), ("tanh", "xavier_uniform")])
def test_other_schemes_keep_it_as_well(activation: str, scheme: str) -> None:
    net = deep(activation)
    initialise(net, scheme, activation=activation)
    assert all(0.5 < moment < 2 for moment in moments(net, make_activation(activation)(ROWS)))


def test_fan_out_keeps_gradients() -> None:
    """Layers that become wider: with fan in gradients shrink by their ratio, with fan out they stay."""
    widths = [40 * 2**number for number in range(5)]
    net = nn.Sequential(*[nn.Sequential(nn.Linear(*pair), nn.ReLU()) for pair in itertools.pairwise(widths)])
    for fan, factor in (("out", 1.0), ("in", 16.0)):
        initialise(net, fan=fan)
        x = torch.randn(400, 40, generator=torch.Generator().manual_seed(0), requires_grad=True)
        given = net(x)
        given.backward(torch.randn(given.shape, generator=torch.Generator().manual_seed(1)))
        assert x.grad is not None
        assert float(x.grad.square().mean()) == pytest.approx(factor, rel=0.4)


def test_too_small_weights_let_signals_vanish() -> None:
    net = deep("tanh")
    initialise(net, "normal", value=0.01)
    assert moments(net, ROWS)[-1] < 1e-10


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme not in ("zeros", "constant")])
def test_the_seed_decides_and_torch_is_not_drawn_from(scheme: str) -> None:
    value = 0.1 if scheme in ("normal", "uniform") else None
    inputs = ROWS if scheme == "lsuv" else None
    net = nn.Linear(800, 20)
    state, found = torch.get_rng_state(), []
    for seed in (1, 1, 2):
        initialise(net, scheme, value=value, inputs=inputs, seed=seed)
        found.append(net.weight.detach().clone())
    initialise(net, scheme, value=value, inputs=inputs, generator=torch.Generator().manual_seed(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])
    assert torch.equal(net.weight.detach(), found[2])


def test_a_generator_goes_on() -> None:
    random = torch.Generator().manual_seed(0)
    assert not torch.equal(filled(generator=random), filled(generator=random))


def test_layers_do_not_repeat_each_other() -> None:
    net = nn.Sequential(nn.Linear(9, 9), nn.Linear(9, 9))
    initialise(net)
    assert not torch.equal(net[0].weight, net[1].weight)


def test_parameters_stay_the_same_objects_and_go_on_learning() -> None:
    net = nn.Linear(3, 3)
    weight = net.weight
    initialise(net)
    assert net.weight is weight and weight.is_leaf and weight.requires_grad


def test_offsets_are_set() -> None:
    net = nn.Sequential(nn.Linear(4, 4), nn.Conv1d(4, 4, 1), nn.Linear(4, 4, bias=False))
    initialise(net, bias=0.1)
    assert all(bool((net[number].bias == 0.1).all()) for number in (0, 1))
    initialise(net)
    assert all(bool((net[number].bias == 0).all()) for number in (0, 1))


class Own(nn.Module):
    initialises_itself = True

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.full((3, 3), 7.0)), nn.Parameter(torch.full((3,), 7.0))
        self.inner = nn.Linear(3, 3)


def test_normalisations_and_what_initialises_itself_are_left_alone() -> None:
    net = nn.Sequential(nn.BatchNorm1d(3), nn.LayerNorm((3, 3)), nn.GroupNorm(1, 3), nn.PReLU(3), Own())
    before = [parameter.clone() for parameter in net.parameters()]
    initialise(net, "constant", value=3.0, bias=3.0)
    assert all(torch.equal(now, then) for now, then in zip(net.parameters(), before, strict=True))


def test_embeddings_are_normal_and_padding_is_0() -> None:
    net = nn.Embedding(2_000, 60, padding_idx=4)
    initialise(net, "orthogonal")
    rows = torch.arange(2_000) != 4
    assert normal(net.weight.detach()[rows], 1.0)
    assert bool((net.weight[4] == 0).all())
    initialise(net, "normal", value=0.01)
    assert normal(net.weight.detach()[rows], 0.01)


@pytest.mark.parametrize(("kind", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.LSTMCell, 4), (nn.RNNCell, 1)])
def test_gates_are_orthogonal_from_the_state_and_xavier_from_the_input(kind: type[nn.Module], gates: int) -> None:
    net = kind(300, 50)
    initialise(net, "kaiming")
    parameters = dict(net.named_parameters())
    suffix = "_l0" if "weight_ih_l0" in parameters else ""
    for gate in parameters[f"weight_hh{suffix}"].detach().reshape(gates, 50, 50):
        torch.testing.assert_close(gate @ gate.T, torch.eye(50), rtol=0, atol=1e-5)
    assert normal(parameters[f"weight_ih{suffix}"].detach(), math.sqrt(2 / 350))


@pytest.mark.parametrize(("kind", "suffix"), [(nn.LSTM, "_l0"), (nn.LSTMCell, "")])
def test_the_forget_gate_alone_begins_open_when_asked(kind: type[nn.Module], suffix: str) -> None:
    """Torch's formula for f adds both offsets."""
    net = kind(3, 5)
    initialise(net, forget_bias=1.0)
    total = net.get_parameter(f"bias_ih{suffix}") + net.get_parameter(f"bias_hh{suffix}")
    assert total.tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10
    initialise(net, bias=0.5)
    total = net.get_parameter(f"bias_ih{suffix}") + net.get_parameter(f"bias_hh{suffix}")
    assert total.tolist() == [0.5] * 20


def test_an_open_forget_gate_remembers() -> None:
    """With all weights 0, a step multiplies the cell by sigmoid(forget_bias)."""
    net = nn.LSTMCell(1, 1)
    initialise(net, "zeros", forget_bias=2.0)
    _, cell = net(torch.zeros(1, 1), (torch.zeros(1, 1), torch.ones(1, 1)))
    assert cell.item() == pytest.approx(1 / (1 + math.exp(-2)))


def test_the_matrices_of_attention_count_one_by_one() -> None:
    net = nn.MultiheadAttention(300, 4)
    initialise(net, "xavier", gain=1.0, bias=0.0)
    assert net.in_proj_weight is not None
    assert normal(net.in_proj_weight.detach(), math.sqrt(2 / 600))


def test_double_weights_are_drawn_as_such() -> None:
    net = nn.Linear(30, 30).double()
    initialise(net, "orthogonal", gain=1.0)
    torch.testing.assert_close(net.weight @ net.weight.T, torch.eye(30).double(), rtol=0, atol=1e-12)


def test_lsuv_is_orthogonal_and_of_unit_variance() -> None:
    """Also through 20 layers of silu, where a gain alone lets sizes drift apart."""
    net = deep("silu", width=200)
    rows = ROWS[:, :200] * 4 + 1
    initialise(net, "lsuv", inputs=rows)
    for layer in (net[0], net[-2]):
        product = layer.weight.detach() @ layer.weight.detach().T
        torch.testing.assert_close(product / product[0, 0], torch.eye(200), rtol=0, atol=1e-4)
    x = rows
    for module in net:
        x = module(x).detach()
        if isinstance(module, nn.Linear):
            assert float(x.var()) == pytest.approx(1, abs=0.011)


def test_an_unknown_scheme_is_told() -> None:
    with pytest.raises(PlanError, match=r"no scheme of initialisation named 'orthogonl'(.|\n)*mean 'orthogonal'"):
        initialise(nn.Linear(2, 2), "orthogonl")
    with pytest.raises(PlanError, match=r"no activation named 'rlu'"):
        initialise(nn.Linear(2, 2), activation="rlu")


@pytest.mark.parametrize(
    ("scheme", "settings", "message"),
    [
        ("normal", {}, "initialisation by 'normal' without value"),
        ("constant", {}, "initialisation by 'constant' without value"),
        ("lsuv", {}, "initialisation by 'lsuv' without inputs"),
        ("kaiming", {"value": 0.1}, r"value for initialisation by 'kaiming'(.|\n)*leave value out"),
        ("normal", {"value": 0.1, "gain": 2.0}, "gain for initialisation by 'normal'"),
        ("xavier", {"inputs": ROWS}, "inputs for initialisation by 'xavier'"),
        ("kaiming", {"fan": "inn"}, "fan = 'inn'"),
    ],
)
def test_settings_that_do_not_go_with_the_scheme_are_told(
    scheme: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        initialise(nn.Linear(2, 2), scheme, **settings)  # type: ignore[arg-type]
