"""The cookies Vigie sets, three in all; scripts cannot read them and other sites do not send them."""

from __future__ import annotations

import hashlib
from typing import Final

from starlette.responses import Response

LOOK: Final = "vigie_look"
YEAR_S: Final = 31_536_000


def person_mark(user: str) -> str:
    """Return a mark that tells one person of a browser from the next."""
    return hashlib.sha256(user.encode()).hexdigest()[:12]


def set_cookie(response: Response, name: str, value: str, seconds: int, *, is_secure: bool) -> None:
    """Set a cookie; no seconds remove it."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=is_secure,
        path="/",
    )
