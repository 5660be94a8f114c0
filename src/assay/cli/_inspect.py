"""`assay inspect`."""

from assay.cli import _options as o
from assay.cli._answers import answered, print_json


def inspect(run: o.RunFolder, *, json: o.Json = False) -> None:
    """Show what was asked, what the columns are, how each candidate did, and what the model decides by."""
    with answered():
        import assay
        from assay.cli._objects import inspection_object
        from assay.cli._screen import Screen

        opened = assay.load(run)
        if json:
            print_json(inspection_object(opened))
        else:
            Screen().inspected(opened)
