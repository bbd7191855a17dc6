"""Which part of a page a script asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PART: Final = re.compile(r"[a-z]+#([a-z]+(?:-[a-z]+)*)")


def requested_fragment(headers: Mapping[str, str]) -> str:
    """Return the id of the part of a page that a script asks for, as templates name it; empty for the whole page."""
    if headers.get("hx-request") != "true":
        return ""
    match = _PART.fullmatch(headers.get("hx-target", ""))
    return match[1].replace("-", "_") if match else "main"
