"""A design with further rows: scores that no row of the data has, such as those of going from one tag to another.

They are solved for with all others, since they too are linear in the solution: they are a part of it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.core.arrays import Float32Array
from assay.families._design import Design


@dataclass(frozen=True)
class FurtherDesign(Design):
    """The rows of a design, and after them ``further`` ones; ``curvature_there`` is theirs, about."""

    further: int = 0
    curvature_there: float = 1.0

    @classmethod
    def over(cls, design: Design, further: int, curvature: float) -> "FurtherDesign":
        """The design with so many further rows."""
        return cls(**_parts(design), further=further, curvature_there=curvature)

    @property
    def width(self) -> int:
        """Solver coordinates p."""
        return super().width + self.further

    def forward(self, solution: Float32Array) -> Float32Array:
        """Scores (n + further, c) of a solution (p, c)."""
        return np.vstack([super().forward(solution[: -self.further]), solution[-self.further :]])

    def backward(self, residual: Float32Array) -> Float32Array:
        """Gradient (p, c) of scores whose own gradient is ``residual`` (n + further, c)."""
        own = Design(**_parts(self)).backward(residual[: -self.further])
        return np.vstack([own, residual[-self.further :]])

    def curvature(self, weight: Float32Array) -> Float32Array:
        """Weighted mean square (p, 1) of each coordinate."""
        own = Design(**_parts(self)).curvature(weight)
        return np.vstack([own, np.full((self.further, own.shape[1]), self.curvature_there, np.float32)])


def _parts(design: Design) -> dict[str, Any]:
    return {name: getattr(design, name) for name in ("dense", "sparse", "centre", "axes", "scale")}
