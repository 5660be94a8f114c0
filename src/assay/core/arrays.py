"""Names for the array types that cross floors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Pixels = NDArray[np.uint8]
AnyArray = NDArray[Any]
