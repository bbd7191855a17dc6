"""Letters without accents and case, so that two spellings of a word are one."""

from __future__ import annotations

import unicodedata


def unaccented(text: str) -> str:
    """Return a text without accents; what is drawn as one sign is taken apart (``ﬁ`` is ``fi``)."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one))


def folded(text: str) -> str:
    """Return a text without case and accents."""
    return unaccented(text.casefold())
