"""`assay evaluate`."""

from assay.cli import _options as o
from assay.cli._answers import answered, notices, print_json


def evaluate(run: o.RunFolder, data: o.Data, *, query: o.Query = None, json: o.Json = False) -> None:
    """Score a run's model on labelled rows that it has not seen."""
    with answered():
        import assay
        from assay.cli._objects import evaluation_object
        from assay.cli._progress import Bars
        from assay.cli._screen import Screen

        with Bars().stage("Evaluating"):
            opened = assay.load(run)
            found = opened.evaluate(data, query=query)
        if json:
            notices(found.notices)
            print_json(evaluation_object(opened, found))
        else:
            Screen().evaluated(found)
