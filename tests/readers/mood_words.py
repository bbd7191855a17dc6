"""Words that stand out in real weeks, as readers judge them: ``python -m tests.readers.mood_words``.

Two draws of ten weeks of the shared archive: *seen* weeks were looked at while the list of words that name nothing was
written, *kept-back* weeks were not. ``write FILE seen|kept-back`` writes the words of each week, with two headlines. A
reader answers one line of JSON a word: ``{"week", "word", "names"}``, true where the word names something that one
could look up. ``keep ANSWERS NAME`` keeps them in ``tests/data/mood_words/NAME.jsonl``; a word is kept as a digest, as
the archive belongs to its publishers. Without arguments the share of words that name nothing is printed, of each reader
and of each pair.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import polars as pl
from benchmarks.news.archive import headlines

from tests.readers.situations import digest, write_lines
from vigie.adapters.connectors import news
from vigie.intelligence.news.cloud import NamingHeadline, build_cloud
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import packaged_gazetteer
from vigie.services.operations.mood import BASELINE_PERIODS, WordsInput, outlet_names

FOLDER: Final = Path(__file__).parents[1] / "data" / "mood_words"
# The archive is dense from 2021-10-12 to 2022-07-05; four weeks before the first one are its past.
FIRST: Final = datetime(2021, 11, 9, tzinfo=UTC)
WEEKS: Final = 33
DRAWN: Final = 10
SEED: Final = 20_261_130

# Week and digest of a word.
JudgedWord = tuple[str, str]


def drawn_weeks(draw: str) -> list[datetime]:
    """Return the first days of the weeks of a draw."""
    seen = sorted(random.Random(SEED).sample(range(WEEKS), DRAWN))
    left = [week for week in range(WEEKS) if week not in seen]
    drawn = seen if draw == "seen" else sorted(random.Random(SEED + 1).sample(left, DRAWN))
    return [FIRST + timedelta(weeks=week) for week in drawn]


def material(draw: str) -> Iterator[Mapping[str, Any]]:
    """Yield each word that the page shows of the weeks of a draw, with two headlines that have it."""
    archive = headlines().with_columns(pl.col("date").dt.replace_time_zone("UTC"))
    outlets = outlet_names(news(is_simulated=False))
    for first in drawn_weeks(draw):
        week = _headlines(archive, first, first + timedelta(weeks=1))
        earlier = _headlines(archive, first - timedelta(weeks=BASELINE_PERIODS), first)
        for word in build_cloud(week, earlier, max_words=WordsInput().limit, outlets=outlets):
            having = [told.title for told in week if word.text.casefold() in told.title.casefold()]
            yield {"week": f"{first:%Y-%m-%d}", "word": word.text, "headlines": having[:2]}


def _headlines(archive: pl.DataFrame, first: datetime, end: datetime) -> list[NamingHeadline]:
    titles = archive.filter((pl.col("date") >= first) & (pl.col("date") < end))["title"].to_list()
    names = packaged_gazetteer()
    return [
        NamingHeadline(title, [(name.start, name.end) for name in link_entities(names, title, "")])
        for title in titles
    ]


def keep(answers: Path, name: str) -> None:
    """Keep a reader's answers."""
    given = map(json.loads, answers.read_text("utf-8").splitlines())
    rows = [
        {"week": answer["week"], "word": digest(answer["word"]), "names": bool(answer["names"])}
        for answer in given
    ]
    FOLDER.mkdir(exist_ok=True)
    write_lines(
        FOLDER / f"{name}.jsonl", sorted(rows, key=lambda row: (row["names"], row["week"], row["word"]))
    )


def table() -> str:
    """Return how many words name nothing, by reader and by pair; of all judged and of those shown."""
    shown = {
        draw: {(line["week"], digest(line["word"])) for line in material(draw)}
        for draw in ("seen", "kept-back")
    }
    rows = ["| draw | readers | judged | name nothing | shown today | judged | name nothing |"]
    rows.append("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    judged = {file.stem: _answers(file) for file in sorted(FOLDER.glob("*.jsonl"))}
    for draw, words in shown.items():
        weeks = {week for week, _ in words}
        readers = {
            name: answers for name, answers in judged.items() if {week for week, _ in answers} == weeks
        }
        pairs = {
            f"{one} and {other}": {
                word: readers[one][word] or readers[other][word]
                for word in readers[one].keys() & readers[other].keys()
            }
            for one, other in combinations(readers, 2)
        }
        for name, answers in {**readers, **pairs}.items():
            of_shown = {word: names for word, names in answers.items() if word in words}
            rows.append(f"| {draw} | {name} | {_share(answers)} | {len(words)} | {_share(of_shown)} |")
    return "\n".join(rows)


def _answers(file: Path) -> dict[JudgedWord, bool]:
    answers = map(json.loads, file.read_text("utf-8").splitlines())
    return {(answer["week"], answer["word"]): answer["names"] for answer in answers}


def _share(answers: Mapping[JudgedWord, bool]) -> str:
    if not answers:
        return "0 | –"
    empty = sum(not names for names in answers.values())
    return f"{len(answers)} | {empty} ({empty / len(answers):.0%})"


def main() -> int:
    """Write the material, keep answers, or print the table."""
    match sys.argv[1:]:
        case ["write", file, ("seen" | "kept-back") as draw]:
            write_lines(Path(file), material(draw))
        case ["keep", answers, name]:
            keep(Path(answers), name)
        case []:
            print(table())
        case _:
            print(
                "usage: python -m tests.readers.mood_words [write FILE seen|kept-back | keep ANSWERS NAME]",
                file=sys.stderr,
            )
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
