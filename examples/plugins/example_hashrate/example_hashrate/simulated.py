"""Answers as the pool would; `vigie plugin check` and the tests ask it in its place."""

from __future__ import annotations

FIRST_DAY = 1_700_006_400
DAY_S = 86_400


def answer(method: str, path: str, body: bytes) -> tuple[int, object]:
    """Return status and JSON of an answer."""
    if (method, path.partition("?")[0]) != ("GET", "/v1/hash-rate"):
        return 404, {"error": "not found"}
    return 200, [
        {"day": FIRST_DAY + place * DAY_S, "hash_rate": 4.2e18 + place * 1e16} for place in range(30)
    ]
