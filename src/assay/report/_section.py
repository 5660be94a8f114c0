"""A section of the page: what it says in plain words, its pictures, and what its template needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Chart:
    """A picture: a Vega-Lite spec, in words what it shows, and (name, colour) of each line or group of dots in it."""

    key: str
    spec: Mapping[str, Any]
    caption: str
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        key: Anchor in the page and name of the template.
        title: Heading.
        tab: The same in one or two words, for the way to it.
        says: Sentences that say what the picture means for this run.
        charts: By the names that the template uses.
        shown: What else the template shows; texts as they are, the template escapes them.
    """

    key: str
    title: str
    tab: str
    says: tuple[str, ...]
    charts: Mapping[str, Chart] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
