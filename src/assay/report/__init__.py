"""The report: one HTML file that opens offline and says what a run is worth, to people."""

from assay.report._page import write_report

__all__ = ["write_report"]
