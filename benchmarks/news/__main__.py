"""Measures how news are read and prints it: `python -m benchmarks.news`; with ``--write`` into docs/news-figures.md."""

from __future__ import annotations

import argparse

from benchmarks.news import copies, finding, linking, names, newsroom, pace, relevance_weeks, telling, weeks
from benchmarks.news.page import write_section

PARTS = {
    "linking": linking,
    "names": names,
    "copies": copies,
    "telling": telling,
    "newsroom": newsroom,
    "weeks": weeks,
    "relevance": relevance_weeks,
    "pace": pace,
    "finding": finding,
}


def main() -> None:
    """Measure every part, or those asked for."""
    parser = argparse.ArgumentParser(description="How well and how fast are news read?")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all where none is named"
    )
    parser.add_argument("--write", action="store_true", help="rewrite the sections of docs/news-figures.md")
    given = parser.parse_args()
    for name in given.parts or PARTS:
        text = PARTS[name].section(PARTS[name].measure())
        print(text)
        if given.write:
            write_section(name, text)


if __name__ == "__main__":
    main()
