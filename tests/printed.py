"""What another program reads in a printed file."""

from __future__ import annotations

from typing import Any

import pypdf


def elements(reader: pypdf.PdfReader) -> list[Any]:
    """Return every element of the tree of tags, in reading order."""
    root: Any = reader.trailer["/Root"]
    found, waiting = [], [root["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop(0).get_object()
        if not isinstance(one, dict):
            continue
        if one.get("/S"):
            found.append(one)
        held = one.get("/K", [])
        waiting = [*(held if isinstance(held, list) else [held]), *waiting]
    return found


def text_of(reader: pypdf.PdfReader) -> str:
    """Return the text of all pages on one line."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())
