import numpy as np
import pytest
import torch

from assay.nn.texts.textcnn import TextCnn

IDS = torch.tensor([[3, 4, 5, 6, 7, 8], [6, 3, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
LENGTHS = (6, 2, 1, 1)


def body(**given: float) -> TextCnn:
    torch.manual_seed(0)
    made = TextCnn(10, vector=5, widths=(2, 3, 5), filters=4, **given)  # type: ignore[arg-type]
    for layer in made.filters:
        torch.nn.init.uniform_(layer.bias, 0.5, 1.0)  # windows of padding alone would answer above zero
    return made


def by_hand(net: TextCnn, words: list[int]) -> np.ndarray:
    """Dot products of filters with windows around each word, in NumPy."""
    vectors = net.words.embedding.weight.detach().numpy()[words]
    found = []
    for layer in net.filters:
        weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        width = weight.shape[2]
        padded = np.pad(vectors, (((width - 1) // 2, width // 2), (0, 0)))
        answers = [np.einsum("fdw,wd->f", weight, padded[i : i + width]) + bias for i in range(len(words))]
        found.append(np.maximum(np.max(answers, axis=0), 0))
    return np.concatenate(found)


def test_it_gives_the_largest_answer_of_each_filter() -> None:
    net = body().eval()
    wanted = [by_hand(net, row[:length]) for row, length in zip(IDS.tolist(), LENGTHS, strict=True)]
    assert net(IDS).detach().numpy() == pytest.approx(np.array(wanted), abs=1e-5)
    assert net.features == 12


def test_a_row_alone_is_what_it_is_among_longer_ones_however_short() -> None:
    net = body().eval()
    together, trained = net(IDS), body().train()(IDS)
    assert torch.allclose(together, trained, atol=1e-6)  # nothing is dropped here
    for row, length in enumerate(LENGTHS):
        assert torch.allclose(net(IDS[row : row + 1, :length])[0], together[row], atol=1e-6)
    assert net(IDS[:0]).shape == (0, 12)


def test_padding_moves_no_answer_even_if_its_vector_did_not_stay_zero() -> None:
    net = body().eval()
    before = net(IDS)
    with torch.no_grad():
        net.words.embedding.weight[0] = 5.0
    assert torch.allclose(net(IDS), before, atol=1e-6)


def test_words_and_numbers_are_dropped_in_training_only() -> None:
    net = body(drop_words=0.4, drop_inputs=0.4)
    assert not torch.allclose(net(IDS), net(IDS))
    net.eval()
    assert torch.equal(net(IDS), net(IDS))
