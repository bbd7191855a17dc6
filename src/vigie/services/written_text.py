"""What people may write as names and texts: no letter that acts on what is shown instead of being read.

Besides control characters those are the marks that turn the direction of writing: with them, a name can change the
order of what stands beside it.
"""

from __future__ import annotations

import re
from typing import Final

_DIRECTION: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ACTING: Final = rf"\x00-\x1f\x7f{_DIRECTION}"
# Something to read, on one line.
TEXT: Final = rf"^[^{_ACTING}]*[^\x20{_ACTING}][^{_ACTING}]*$"
# The same, or nothing.
LINE: Final = rf"^[^{_ACTING}]*$"
# A word on every screen; commas stand between several.
TAG: Final = rf"^[^{_ACTING},]{{1,40}}$"
# Tabs and new lines may stand in it.
PARAGRAPHS: Final = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f{_DIRECTION}]*$"
_ACTING_LETTERS: Final = re.compile(rf"[{_ACTING}]")


def is_written(text: str) -> bool:
    """Tell whether a text may be a name: something to read, and nothing that acts."""
    return re.search(TEXT, text) is not None


def without_acting(text: str) -> str:
    """Return a text of a file without the letters that no name may hold."""
    return _ACTING_LETTERS.sub("", text)
