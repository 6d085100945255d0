"""Four shops, played by functions: one works, one is busy at first, one never answers in time, one is closed."""

from __future__ import annotations

import time


def corner(product: str) -> float:
    return _price(product, 3)


def market(product: str, attempt: int) -> float:
    if attempt == 1:
        raise ConnectionError("busy, please try again")
    return _price(product, 2)


def depot(product: str) -> float:
    time.sleep(2)  # longer than the node's timeout
    return _price(product, 1)


def harbour(product: str) -> float:
    raise LookupError(f"no price for '{product}', we are closed")


def _price(product: str, factor: int) -> float:
    return round(9.9 + factor * len(product), 2)
