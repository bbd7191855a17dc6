"""Sections of docs/news-figures.md: each stands between marks and is rewritten by what measures it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.marked import put

PAGE = Path(__file__).resolve().parents[2] / "docs" / "news-figures.md"
TITLE = """# How well news analysis works

This page gives the measured quality and speed of the steps that analyse news. Each section names the command that
repeats its measurement. The data are public archives and labelled cases in a folder beside the repository
(`VIGIE_SHARED`), and the repository's own cases.

- **Precision** is the share of what Vigie finds that is right; **recall** is the share of what it should find that it
  finds. **F1** is their harmonic mean, **macro-F1** the mean of F1 over all labels.
- **Readers** label texts. They see neither Vigie's answer nor the labels of others, unless a section says otherwise.
- A figure on data that somebody looked at while making rules is too good. Each section says who looked at what.
- **CryptoLin** is a public set of labelled crypto headlines. No weight that ships is fitted to it.
"""


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put a text between the marks of a section, at the end where there is none yet."""
    put(page, name, text, title=TITLE)
