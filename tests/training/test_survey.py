import torch
from torch import Tensor, nn
from torch.nn import functional

from assay.nn.activations import make_activation
from assay.training._survey import Survey, is_layer, tensors, titled

N = 64


def surveyed(net: nn.Module, x: Tensor) -> Survey:
    survey = Survey(net, [x])
    with survey.watching():
        net(x)
    return survey


def kept(survey: Survey) -> list[int]:
    return [layer.kept for layer in survey.layers.values()]


def test_shapes_and_calls_in_the_order_of_computation() -> None:
    class Crossed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.first, self.spare = nn.Linear(7, 2), nn.Linear(5, 7), nn.Linear(9, 9)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.first(x) + self.first(x))

    survey = surveyed(Crossed(), torch.ones(N, 5))
    assert [(seen.name, seen.inputs, seen.outputs, seen.calls) for seen in survey.layers.values()] == [
        ("first", ((N, 5),), ((N, 7),), 2),
        ("last", ((N, 7),), ((N, 2),), 1),
        ("spare", (), (), 0),
    ]
    assert survey.last is survey.layers["last"]
    assert survey.running == []


def test_what_is_kept_is_what_the_formulas_of_the_gradients_need() -> None:
    """A linear layer needs its input, relu its own result, dropout its input and its factors."""
    net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 2))
    hidden = 4 * N * 32
    assert kept(surveyed(net, torch.ones(N, 5))) == [0, hidden, 2 * hidden, 0]


def test_a_convolution_with_batch_norm_keeps_what_the_norm_reads() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    picture, half = 4 * N * 8 * 14 * 14, 4 * N * 8 * 7 * 7
    mean_and_deviation, places_of_maxima = 2 * 4 * 8, 2 * half
    survey = surveyed(net, torch.ones(N, 3, 16, 16))
    # Nothing after the pooling needs its output.
    assert kept(survey) == [picture, mean_and_deviation, picture, places_of_maxima, 0]
    assert [seen.largest for seen in survey.layers.values()] == [picture, picture, picture, half, half]


def test_the_loss_and_loose_operations_are_told_apart_from_layers() -> None:
    net, x, y = nn.Linear(5, 3), torch.ones(N, 5), torch.zeros(N, dtype=torch.long)
    survey = Survey(net, [x, y])
    with survey.watching():
        functional.cross_entropy(net(x), y, reduction="sum").backward()
    log_softmax, weight_of_the_rows = 4 * N * 3, 4
    assert survey.loose == log_softmax + weight_of_the_rows
    assert net.weight.grad is not None


def test_operations_within_a_frame_are_nobodys() -> None:
    class Bent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(5, 8)

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(x).tanh().exp()

    survey = surveyed(Bent(), torch.ones(N, 5))
    assert (kept(survey), survey.loose) == ([0], 2 * 4 * N * 8)


def test_the_first_layer_with_numbers_that_are_none() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    net[0].weight.data[:] = 1e38
    assert surveyed(net, torch.full((2, 3), 10.0)).bad == "layer '0' (Linear) gives infinite numbers"
    assert surveyed(nn.Sequential(nn.Identity(), nn.ReLU()), torch.tensor([float("nan")])).bad.endswith("gives NaN")
    assert surveyed(net, torch.zeros(2, 3)).bad == ""


def test_after_a_failure_it_is_known_where() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Linear(5, 6)))
    survey = Survey(net)
    try:
        with survey.watching():
            net(torch.ones(2, 3))
    except RuntimeError:
        pass
    assert [ran.name for ran in survey.running] == ["", "1", "1.0"]
    assert [tuple(tensor.shape) for tensor in survey.running[-1].given] == [(2, 4)]
    assert survey.last is survey.layers["0"]


def test_no_hook_stays() -> None:
    net = nn.Linear(3, 4)
    surveyed(net, torch.ones(2, 3))
    assert not net._forward_hooks and not net._forward_pre_hooks


def test_an_error_that_a_net_catches_itself_is_no_failure() -> None:
    class Careful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.wrong, self.right = nn.Linear(9, 9), nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            try:
                return self.wrong(x)
            except RuntimeError:
                return self.right(x)

    survey = surveyed(Careful(), torch.ones(2, 3))
    assert (survey.running, survey.layers["wrong"].calls, survey.layers["right"].calls) == ([], 0, 1)


def test_layers_are_modules_without_others_or_with_parameters_of_their_own() -> None:
    parametric = make_activation("relu", parametric=True, width=3)
    assert is_layer(nn.ReLU()) and is_layer(parametric)
    assert not is_layer(nn.Sequential(nn.ReLU()))


def test_titles_and_nested_tensors() -> None:
    assert titled("a.0", nn.ReLU()) == "layer 'a.0' (ReLU)"
    assert titled("", nn.ReLU()) == "the net (ReLU)"
    assert [int(one) for one in tensors({"a": [torch.tensor(1), (torch.tensor(2), None)], "b": 3})] == [1, 2]


def test_of_packed_rows_only_the_words_are_listed() -> None:
    from torch.nn.utils.rnn import pack_padded_sequence

    x = torch.arange(24.0).view(2, 4, 3)
    packed = pack_padded_sequence(x, torch.tensor([4, 1]), batch_first=True)
    found = list(tensors((packed, [torch.zeros(2)])))
    assert [tuple(tensor.shape) for tensor in found] == [(5, 3), (2,)]
    assert torch.equal(found[0], torch.stack([x[0, 0], x[1, 0], *x[0, 1:]]))
