"""What the addresses of pages look like."""

from __future__ import annotations

import re
from functools import cache

from vigie.views.web.page import pages


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Return what addresses of each page look like, those of one address first."""
    return {
        path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        for path in sorted((page.path for page in pages().values()), key=lambda path: path.count("{"))
    }
