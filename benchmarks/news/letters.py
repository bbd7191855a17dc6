"""Counts which groups of three letters tell French from English, and which words both are written in.

    python -m benchmarks.news.letters [--words]

Writes `letters.csv` and `vocabulary.csv` beside the module that reads them. The texts are the project's own: those that
pages show with their translations, the handbook, and the headlines that were written to learn sentiment from.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po

from vigie.intelligence.news.judging.rows import shipped_rows
from vigie.intelligence.news.reading import languages
from vigie.intelligence.news.reading.words import tokenize

ROOT = Path(__file__).resolve().parents[2] / "src" / "vigie"
KEPT = 700
LEAST_COUNT = 12
HANDBOOK = ROOT.parents[1] / "docs"
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
FILLED_IN = re.compile(r"%\(\w+\)s|%s|\{[^}]*\}|<[^>]*>|https?://\S+")


def texts() -> tuple[str, str]:
    """Return what is written in English, and in French."""
    english, french = [], []
    for path in sorted(ROOT.rglob("fr.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and isinstance(message.string, str) and message.string:
                    english.append(message.id)
                    french.append(message.string)
    # Pages speak in few words, mostly names of things; the handbook adds whole English sentences.
    english += [CODE.sub(" ", path.read_text(encoding="utf-8")) for path in sorted(HANDBOOK.glob("*.md"))]
    return "\n".join(english), "\n".join(french)


def groups(text: str) -> Counter[str]:
    """Return the groups of three letters of the words of a text, word for word."""
    found: Counter[str] = Counter()
    for word in tokenize(FILLED_IN.sub(" ", text), limit=len(text)).folded:
        padded = f" {word} "
        found.update(
            padded[at : at + 3] for at in range(len(padded) - 2) if padded[at : at + 3].strip().isalpha()
        )
    return found


def weights() -> dict[str, float]:
    """Return the log-odds of the groups that tell most, weighed by how often they stand."""
    english, french = map(groups, texts())
    totals = sum(english.values()), sum(french.values())
    found = {}
    for group in english.keys() | french.keys():
        if english[group] + french[group] >= LEAST_COUNT:
            shares = ((french[group] + 2) / totals[1], (english[group] + 2) / totals[0])
            found[group] = max(-1.5, min(1.5, math.log(shares[0] / shares[1]))) * 0.35
    often = {
        group: abs(weight) * math.sqrt(english[group] + french[group]) for group, weight in found.items()
    }
    kept = sorted(found, key=lambda group: (-often[group], group))[:KEPT]
    return {group: round(found[group], 3) for group in sorted(kept)}


def vocabulary() -> dict[str, str]:
    """Return the words of the texts with the languages that have them."""
    found = [set(tokenize(FILLED_IN.sub(" ", text), limit=len(text)).folded) for text in texts()]
    for row in shipped_rows():
        found[row.language == "fr"].update(tokenize(row.title).folded)
    english, french = ({word for word in one if word.isalpha() and len(word) > 1} for one in found)
    return {
        word: " ".join(["en"] * (word in english) + ["fr"] * (word in french))
        for word in sorted(english | french)
    }


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Count letters and words of both languages.")
    parser.add_argument("--words", action="store_true", help="write the vocabulary alone")
    given = parser.parse_args()
    write("vocabulary.csv", ("word", "languages"), vocabulary())
    if not given.words:
        found = {group.replace(" ", "_"): weight for group, weight in weights().items()}
        write("letters.csv", ("letters", "weight"), found)


def write(name: str, head: tuple[str, str], found: Mapping[str, object]) -> None:
    """Write a table beside the module that reads it."""
    with Path(languages.__file__).with_name(name).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(head)
        rows.writerows(found.items())


if __name__ == "__main__":
    main()
