"""SpaCy trained from scratch: hashed vectors and a CNN, then a tagger, or an entity recogniser where tags are BIO."""

import random
import time
from typing import Any

import spacy
from _harness import Job, main
from _sentences import read_sentences
from spacy.tokens import Doc
from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo
from spacy.util import compounding, fix_random_seed, minibatch

# Of the training sentences, what is scored after each pass; no better for so many passes ends it.
_HELD, _PATIENCE = 10, 4
_WIDTH, _DEPTH = 96, 4


class Spacy:
    """The configuration that ``spacy init config --lang en --pipeline tagger|ner`` gives for a CPU, by its API.

    Width 96, depth 4, dropout 0.1, Adam at 0.001, batches from 100 to 1,000 words; the best of the passes is kept, and
    training ends with patience or at the budget.
    """

    packages: tuple[str, ...] = ("spacy", "thinc")

    def read(self, path: str, hidden: list[str]) -> Any:
        """Sentences as lists of words."""
        return read_sentences(path)[0]

    def fit(self, job: Job) -> None:
        """Train until it stops to get better or the seconds are over."""
        fix_random_seed(0)
        words, tags = read_sentences(job.train)
        entities = any(tag.startswith("B-") for sentence in tags for tag in sentence)
        nlp = spacy.blank("en")
        pipe = "ner" if entities else "tagger"
        nlp.add_pipe("tok2vec", config=_tok2vec())
        listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": _WIDTH, "upstream": "*"}
        nlp.add_pipe(pipe, config={"model": {**_MODELS[pipe], "tok2vec": listener}})
        examples = [_example(nlp, *pair, entities=entities) for pair in zip(words, tags, strict=True)]
        random.Random(0).shuffle(examples)
        held, learned = examples[: len(examples) // _HELD], examples[len(examples) // _HELD :]
        optimizer = nlp.initialize(lambda: learned)
        best, since, score = -1.0, 0, "ents_f" if entities else "tag_acc"
        while since < _PATIENCE and time.time() - job.started < job.seconds:
            random.shuffle(learned)
            for batch in minibatch(learned, size=compounding(8, 64, 1.001)):
                nlp.update(batch, sgd=optimizer, drop=0.1)
                if time.time() - job.started > job.seconds:
                    break
            with nlp.use_params(optimizer.averages):
                found = nlp.evaluate(held)[score] or 0.0
                since = 0 if found > best else since + 1
                if found > best:
                    best = found
                    nlp.to_disk(job.model)

    def load(self, job: Job) -> None:
        """Load the pipeline."""
        self.nlp = spacy.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """The tags of all words behind each other."""
        found = self.nlp.pipe(Doc(self.nlp.vocab, words=sentence) for sentence in frame)
        return [_tag(token) for doc in found for token in doc], []


_MODELS: dict[str, dict[str, Any]] = {
    "tagger": {"@architectures": "spacy.Tagger.v2", "nO": None},
    "ner": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
    },
}


def _tok2vec() -> dict[str, Any]:
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": _WIDTH,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
        "rows": [5000, 1000, 2500, 2500],
        "include_static_vectors": False,
    }
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": _WIDTH, "depth": _DEPTH}
    encode |= {"window_size": 1, "maxout_pieces": 3}
    return {"model": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}}


def _example(nlp: Any, words: list[str], tags: list[str], *, entities: bool) -> Any:
    doc = Doc(nlp.vocab, words=words)
    true = Doc(nlp.vocab, words=words, **({} if entities else {"tags": tags}))
    if entities:
        true.ents = biluo_tags_to_spans(true, iob_to_biluo(tags))
    return Example(doc, true)


def _tag(token: Any) -> str:
    if token.tag_:
        return str(token.tag_)
    return f"{token.ent_iob_}-{token.ent_type_}" if token.ent_iob_ in ("B", "I") else "O"


if __name__ == "__main__":
    main(Spacy())
