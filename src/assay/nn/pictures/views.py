"""More than one look at a picture that is to be scored."""

from itertools import product

import torch
from torch import Tensor

from assay.nn.headed import Headed

_AT_ONCE = 64


class Viewed(Headed):
    """A net with a head that can score the mean of several views of a picture.

    Attributes:
        mirror: Whether mirror images are views.
        shift: By how many pixels a view is moved along the diagonal, this way and that; 0 for not at all.
    """

    mirror: bool = False
    shift: int = 0

    @property
    def views(self) -> int:
        """How many there are."""
        return (2 if self.mirror else 1) * (3 if self.shift else 1)

    def over_views(self, x: Tensor, columns: Tensor | None = None) -> Tensor:
        """Scores (n, outputs), a mean over the views in which the picture in its place counts as much as all others."""
        flips, moves = (False, True)[: 1 + self.mirror], (0, -self.shift, self.shift)[: 3 if self.shift else 1]
        looks = [_moved(x.flip(3) if flip else x, by) for by, flip in product(moves, flips)]
        weights = [(1.0 if len(moves) == 1 else 0.25 if by else 0.5) / len(flips) for by in moves for _ in flips]
        if len(x) <= _AT_ONCE:  # one pass over all views is quicker for few rows, and takes no more room than many do
            given = [] if columns is None else [columns.repeat(len(looks), 1)]
            scored = self(torch.cat(looks), *given).view(len(looks), len(x), -1)
        else:
            given = [] if columns is None else [columns]
            scored = torch.stack([self(look, *given) for look in looks])
        mean: Tensor = (scored * scored.new_tensor(weights)[:, None, None]).sum(0)
        return mean


def _moved(x: Tensor, by: int) -> Tensor:
    """Pictures moved by so many pixels down and to the right; what is missing is the mirror image of the border."""
    if not by:
        return x
    rows, columns = (reflected(torch.arange(size, device=x.device) - by, size) for size in x.shape[2:])
    return x.index_select(2, rows).index_select(3, columns)


def reflected(places: Tensor, size: int) -> Tensor:
    """Places on an axis of so many pixels; those beyond an end are counted back from it, its last pixel once."""
    places = places.abs()
    return torch.where(places < size, places, 2 * (size - 1) - places).clamp(0, size - 1)
