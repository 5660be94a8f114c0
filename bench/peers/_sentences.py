"""Tagged sentences, for peers and scores: read from CoNLL files, and the features that crfsuite is given."""

from collections.abc import Sequence
from pathlib import Path

Sentence = list[str]


def read_sentences(path: str | Path) -> tuple[list[Sentence], list[list[str]]]:
    """Words and tags of each sentence: the first and last field of each line, an empty line between sentences."""
    words: list[Sentence] = [[]]
    tags: list[list[str]] = [[]]
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            fields = line.split()
            if fields:
                words[-1].append(fields[0])
                tags[-1].append(fields[-1])
            elif words[-1]:
                words.append([])
                tags.append([])
    kept = [at for at, sentence in enumerate(words) if sentence]
    return [words[at] for at in kept], [tags[at] for at in kept]


def windows(words: Sequence[str]) -> list[list[str]]:
    """Features of each word: itself, its ends, its shape, and neighbours up to two away, as ``crf`` of Assay."""
    shown = [_traits(word) for word in words]
    features = []
    for at in range(len(words)):
        found = ["bias", *(f"0:{name}={value}" for name, value in shown[at].items())]
        for away in (-2, -1, 1, 2):
            if 0 <= at + away < len(words):
                wanted = ("word", "lower", "shape", "end3") if abs(away) == 1 else ("lower", "end2")
                found += [f"{away}:{name}={shown[at + away][name]}" for name in wanted]
            else:
                found.append(f"{away}:outside")
        for one, two in ((-1, 0), (0, 1), (-1, 1)):
            if 0 <= at + one and at + two < len(words):
                found.append(f"{one},{two}:lower={shown[at + one]['lower']}|{shown[at + two]['lower']}")
        for one, two in ((-1, 0), (0, 1)):
            if 0 <= at + one and at + two < len(words):
                found += [f"{one},{two}:{n}={shown[at + one][n]}|{shown[at + two][n]}" for n in ("end3", "shape")]
        features.append(found)
    return features


def _traits(word: str) -> dict[str, str]:
    lower = word.lower()
    signs = ["X" if s.isupper() else "x" if s.isalpha() else "0" if s.isdigit() else s for s in word]
    shape = "".join(s for at, s in enumerate(signs) if at < 2 or not signs[at - 2] == signs[at - 1] == s)
    asked = (word.istitle(), word.isupper(), word.isdigit(), any(map(str.isdigit, word)), "-" in word)
    begins = {f"begin{n}": lower[:n] for n in range(1, 5)}
    ends = {f"end{n}": lower[-n:] for n in range(1, 5)}
    return {"word": word, "lower": lower, "shape": shape, "kind": f"{asked} {min(len(word), 9)}", **begins, **ends}
