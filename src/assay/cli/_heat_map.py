"""`assay heat-map`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.cli import _options as o
from assay.cli._answers import answered, print_json, say

if TYPE_CHECKING:
    from assay.api._heat_map import HeatMap


def heat_map(
    run: o.RunFolder,
    picture: o.PictureFile,
    *,
    out: o.HeatPicture = None,
    label: o.ShownClass = None,
    stride: o.Stride = None,
    json: o.Json = False,
) -> None:
    """Show where in a larger picture a run's net sees a class: its probability in each window, over the picture."""
    with answered():
        import assay
        from assay.cli._place import heat_picture_for
        from assay.cli._progress import Bars

        place = None if json and out is None else heat_picture_for(picture, out)
        with Bars().stage("Scoring the windows"):
            found = assay.load(run).heat_map(picture, stride)
            shown = label or found.strongest
            found.of(shown)
            if place is not None:
                found.save(place, shown)
        if json:
            print_json(_object(found, shown, run, picture, place))
        else:
            score, top, left = found.highest(shown)
            say(f"The class shown is {shown}; its highest probability is {score:.3f}, {left} from left and {top} down.")
            say(f"Scored by {found.method} with {found.member}: {found.reason}.")
            say(f"The picture is in {place}.")


def _object(found: "HeatMap", shown: str, run: Path, picture: Path, place: Path | None) -> dict[str, Any]:
    entries = ((label, *found.highest(label)) for label in found.classes)
    return {
        "run": str(run),
        "picture": str(picture),
        "out": None if place is None else str(place),
        "member": found.member,
        "method": found.method,
        "reason": found.reason,
        "window": {"height": found.window[0], "width": found.window[1]},
        "top": found.places[0].tolist(),
        "left": found.places[1].tolist(),
        "class": shown,
        "scores": found.of(shown).tolist(),
        "highest": {label: {"score": score, "top": top, "left": left} for label, score, top, left in entries},
    }
