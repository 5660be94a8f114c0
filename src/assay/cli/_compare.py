"""`assay compare`."""

from dataclasses import asdict

from assay.cli import _options as o
from assay.cli._answers import answered, print_json


def compare(runs: o.RunFolders, *, json: o.Json = False) -> None:
    """Set the models of several runs on the same data side by side: score, seconds, parameters, size."""
    with answered():
        import assay
        from assay.cli._screen import Screen

        found = assay.compare(*runs)
        if json:
            print_json(asdict(found))
        else:
            Screen().compared(found)
