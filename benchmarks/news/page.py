"""Sections of docs/news-figures.md: each stands between marks and is rewritten by what measures it."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "news-figures.md"
TITLE = """# Figures of reading news

What is measured of the steps that read news, each section by the command it names. The data are public archives and
labelled cases beside the repository (`VIGIE_SHARED`), and cases of the repository's own.
"""


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put a text between the marks of a section, at the end where there is none yet."""
    whole = page.read_text(encoding="utf-8") if page.exists() else TITLE
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    section = f"{begin}{text.strip()}\n{end}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    is_there = pattern.search(whole) is not None
    whole = pattern.sub(lambda _: section, whole) if is_there else f"{whole.rstrip()}\n\n{section}"
    page.write_text(whole, encoding="utf-8")
