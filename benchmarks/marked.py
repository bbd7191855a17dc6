"""Parts of pages of the documentation that benchmarks rewrite: each stands between two marks that hold its name."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, name: str, text: str, *, title: str = "") -> None:
    """Put a text between the marks of a part; behind the whole page where there is no such part yet.

    Parameters
    ----------
    name : str
        ``wire``: the part stands between ``<!-- wire: begin -->`` and ``<!-- wire: end -->``.
    title : str
        What a page that is not there yet begins with.

    Raises
    ------
    ValueError
        If a part has only one of its marks, or is there twice: nothing is written then.
    """
    whole = page.read_text(encoding="utf-8") if page.exists() or not title else title
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    part = f"{begin}\n\n{text.strip()}\n\n{end}"
    if begin not in whole and end not in whole:
        page.write_text(f"{whole.rstrip()}\n\n{part}\n", encoding="utf-8")
        return
    head, _, rest = whole.partition(begin)
    _, found, tail = rest.partition(end)
    if not found or begin in rest or end in head + tail:
        raise ValueError(f"{page.name} must have the marks of {name!r} once each, in their order")
    page.write_text(f"{head}{part}{tail}", encoding="utf-8")
