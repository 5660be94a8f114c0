"""`assay report`."""

from assay.cli import _options as o
from assay.cli._answers import answered, say


def report(run: o.RunFolder, *, out: o.Page = None) -> None:
    """Write a run's report, one HTML file that opens offline."""
    with answered():
        import assay
        from assay.cli._progress import Bars

        with Bars().stage("Writing the report"):
            page = assay.load(run).report(out)
        say(f"The report is in {page}; open it in a browser.")
