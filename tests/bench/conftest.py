"""The benchmark is a folder of scripts beside the package; its tests find it through the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
