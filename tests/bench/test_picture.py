"""The picture is sound SVG that says every rank."""

import xml.etree.ElementTree as ET

from contest.picture import picture
from contest.ranks import Ranking

SPACE = "{http://www.w3.org/2000/svg}"
TITLES = {"assay": "Assay", "flaml": "Bits & <pieces>", "logistic": "Logistic"}
MEANS = {"assay": 1.2, "flaml": 2.1, "logistic": 2.7}


def test_each_system_is_named_with_its_rank_and_groups_are_joined() -> None:
    ranking = Ranking("tabular", MEANS, 8)
    tree = ET.fromstring(picture([ranking], TITLES, "assay"))
    said = [text.text for text in tree.iter(f"{SPACE}text")]
    assert {"Tables", "Assay  1.20", "Bits & <pieces>  2.10", "2.70  Logistic"} <= set(said)
    assert f"critical difference {ranking.difference:.2f}" in said
    bars = [line for line in tree.iter(f"{SPACE}line") if line.get("class") == "alike"]
    assert len(bars) == len(ranking.alike) == 2
    assert [text.text for text in tree.iter(f"{SPACE}text") if text.get("class") == "ours"] == ["Assay  1.20"]


def test_panels_lie_below_each_other() -> None:
    one, two = (picture([Ranking("tabular", MEANS, 8)] * panels, TITLES, "assay") for panels in (1, 2))
    heights = [int(ET.fromstring(each).get("height", "0")) for each in (one, two)]
    assert heights[1] == 2 * heights[0]
    assert ET.fromstring(picture([], TITLES, "assay")).get("height") == "0"
