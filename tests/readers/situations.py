"""Sixty situations of the market as readers judge them: ``python -m tests.readers.situations``.

``write FILE`` writes what a reader is given: the figures of each situation and what is said of them in both languages,
and nothing of how it comes about. A reader answers one line of JSON a text: ``{"id", "language", "is_right",
"is_clear", "why"}``, kept in ``tests/data/situations/NAME.jsonl`` with a digest of the text that was read. Without
arguments the table of all readers is printed, with how many of the texts are still the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.unit.intelligence.market.test_summary import (
    LANGUAGES,
    SITUATIONS,
    asset_sentences,
    market_sentences,
)

FOLDER: Final = Path(__file__).parents[1] / "data" / "situations"


def texts() -> dict[tuple[str, str], str]:
    """Return what is said of each situation, by its id and language."""
    said = {}
    for kind, sentences_of in (("asset", asset_sentences), ("market", market_sentences)):
        for told in SITUATIONS[kind]:
            for language in LANGUAGES:
                said[told["id"], language] = " ".join(one.render(language) for one in sentences_of(told))
    return said


def digest(text: str) -> str:
    """Return what a judgement names the text by that it is about."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def material() -> Iterator[Mapping[str, Any]]:
    """Yield what a reader is given of each situation: its figures, and what is said."""
    said = texts()
    for kind in ("asset", "market"):
        for told in SITUATIONS[kind]:
            figures = {
                name: value for name, value in told.items() if name not in ("must", "must_not", "held", "id")
            }
            yield {
                "id": told["id"],
                "about": kind,
                "figures": figures,
                **{one: said[told["id"], one] for one in LANGUAGES},
            }


def write_lines(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as lines of JSON."""
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def keep(answers: Path, read: Path, name: str) -> None:
    """Keep a reader's answers, each with the digest of the text in the material that was read."""
    given = {line["id"]: line for line in map(json.loads, read.read_text("utf-8").splitlines())}
    lines = []
    for answer in map(json.loads, answers.read_text("utf-8").splitlines()):
        told = {**answer, "text": digest(given[answer["id"]][answer["language"]])}
        lines.append(told)
    FOLDER.mkdir(exist_ok=True)
    write_lines(FOLDER / f"{name}.jsonl", lines)


def table() -> str:
    """Return how many texts each reader found right and clear, and of how many of these the text still stands."""
    said = texts()
    rows = ["| reader | language | judged | right and clear | text unchanged | right and clear |"]
    rows.append("| --- | --- | ---: | ---: | ---: | ---: |")
    for file in sorted(FOLDER.glob("*.jsonl")):
        answers = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for language in LANGUAGES:
            judged = [answer for answer in answers if answer["language"] == language]
            same = [answer for answer in judged if answer["text"] == digest(said[answer["id"], language])]
            counts = [
                str(number) for group in (judged, same) for number in (len(group), sum(map(passes, group)))
            ]
            rows.append(f"| {' | '.join((file.stem, language, *counts))} |")
    return "\n".join(rows)


def passes(answer: Mapping[str, Any]) -> bool:
    """Tell whether a reader found a text right and clear."""
    return bool(answer["is_right"] and answer["is_clear"])


def main() -> int:
    """Write the material, keep answers, or print the table."""
    match sys.argv[1:]:
        case ["write", file]:
            write_lines(Path(file), material())
        case ["keep", answers, read, name]:
            keep(Path(answers), Path(read), name)
        case []:
            print(table())
        case _:
            print(
                "usage: python -m tests.readers.situations [write FILE | keep ANSWERS FILE NAME]",
                file=sys.stderr,
            )
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
