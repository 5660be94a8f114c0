"""One seed per purpose, so that adding a candidate never changes the draws of another."""

import hashlib


def derive_seed(seed: int, *purpose: object) -> int:
    """A 31-bit seed for a purpose, e.g. ``derive_seed(0, "boosted", "fold", 3)``."""
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little") & 0x7FFFFFFF
