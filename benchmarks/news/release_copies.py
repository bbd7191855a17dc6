"""Is a copy that tells a fact otherwise than the release ever confirmed, and is a true copy ever accused?

`python -m benchmarks.news.release_copies [FILE] [--write]`. A file has one release a line with its copies, each true or
altered in one thing (amount, date, name, negation, unit, currency). Prints counts, rates and kinds, never a text.
The release and each copy are read by the step `reliability` as items of one story, the release first.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.news.archive import Window
from benchmarks.news.measures import wilson
from benchmarks.news.page import write_section
from vigie.domain.accents import fold_text
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.domain.time import HOUR_MS, parse_time
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher, ReadingStep
from vigie.intelligence.news.steps import reliability

ROWS = Path(__file__).with_name("rows")
HELD = ROWS / "release_copies_held.jsonl"
NUMBERED = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
TUNED = tuple(
    ROWS / f"release_copies_{name}.jsonl"
    for name in ("tuned", *(f"tuned_{number}" for number in NUMBERED), "own")
)
KINDS = ("amount", "date", "name", "negation", "unit", "currency")
GOAL_NAMED, GOAL_FALSE = 0.9, 0.02
STORY = "story"


@dataclass(frozen=True, slots=True)
class Read:
    """What came of the copies of one file.

    Attributes
    ----------
    named : Counter
        Altered copies by kind of which a difference is named that tells what was altered.
    signed : Counter
        Altered copies by kind of which any difference is named.
    accused : Counter
        True copies of which a difference is named, by how they were made.
    wrongly : Counter
        The differences named of them, by kind.
    """

    releases: int = 0
    altered: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    signed: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    borne_out: Counter[str] = field(default_factory=Counter)
    accused: Counter[str] = field(default_factory=Counter)
    wrongly: Counter[str] = field(default_factory=Counter)


def measure(path: Path = HELD) -> Read:
    """Return what the step says of every copy of a file."""
    found, step = Read(releases=len(path.read_text(encoding="utf-8").splitlines())), reliability.make()
    for row, body in _read(path, step):
        signs = [sign for sign in body["signs"] if sign["code"] == "differs"]
        is_confirmed = body["status"] == "confirmed"
        if row["kind"] == "true":
            found.true[row["how"]] += 1
            found.borne_out[row["how"]] += is_confirmed
            found.accused[row["how"]] += bool(signs)
            found.wrongly.update(sign["evidence"].partition(":")[0] for sign in signs)
        else:
            kind = row["altered"]
            found.altered[kind] += 1
            found.confirmed[kind] += is_confirmed
            found.signed[kind] += bool(signs)
            found.named[kind] += any(tells(sign["evidence"], row) for sign in signs)
    return found


def _read(path: Path, step: ReadingStep) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        release, window = row["release"], Window()
        authority = Publisher(release["source"], release["publisher"], "regulator", release["publisher"])
        first = _item(release["id"], authority, release["title"], release["body"], release["date"], 0)
        said = step.read(first, Context(authority, window, _story()))
        window.seen.append(AnalysedItem(first, {**_story(), "reliability": said}))
        for copy in row["copies"]:
            outlet = Publisher(copy["publisher"], copy["publisher"], "media", copy["publisher"])
            one = _item(copy["id"], outlet, copy["title"], copy["text"], copy["date"], 1)
            yield copy, step.read(one, Context(outlet, window, _story())).body


def _item(key: str, publisher: Publisher, title: str, text: str, day: str, hours: int) -> NewsItem:
    # Seen within the span of a story, whatever the days of publication are.
    ts = parse_time(f"{day}T12:00:00Z")
    said = Sighting(publisher.id, key, f"https://{key}.example/", title, text, ts_published=ts)
    seen = SEEN + hours * HOUR_MS
    return NewsItem(key, 1, said, seen, seen)


SEEN = parse_time("2027-12-31T12:00:00Z")


def _story() -> dict[str, ItemFinding]:
    return {
        "story": ItemFinding("story", 1, {"story": STORY, "place": "follows"}),
        "duplicate": ItemFinding("duplicate", 1, {"of": "", "how": "", "likeness": 0.0}),
    }


def tells(evidence: str, row: Mapping[str, Any]) -> bool:
    """Tell whether a difference is in words of what was altered."""
    altered = _words(f"{row['copy_says']} {row['release_says']}")
    return not altered.isdisjoint(_words(evidence.partition(":")[2]))


def _words(text: str) -> frozenset[str]:
    return frozenset(
        word[:5] for word in re.findall(r"\w+", fold_text(text)) if len(word) > 3 or word[0].isdigit()
    )


def section(found: Read, name: str = HELD.name) -> str:
    """Return the measured as Markdown, without any text of the file."""
    altered, true = found.altered.total(), found.true.total()
    rows = [
        ("altered copies confirmed", found.confirmed.total(), altered, "0"),
        (
            "altered copies whose own difference is named",
            found.named.total(),
            altered,
            f">= {GOAL_NAMED:.0%}",
        ),
        ("altered copies with any difference named", found.signed.total(), altered, ""),
        ("true copies accused (a difference is named)", found.accused.total(), true, f"<= {GOAL_FALSE:.0%}"),
        ("true copies confirmed", found.borne_out.total(), true, ""),
    ]
    table = "\n".join(
        f"| {what} | {hits} of {count} | {_share(hits, count)} | {goal} |" for what, hits, count, goal in rows
    )
    kinds = "\n".join(
        f"| {kind} | {found.altered[kind]} | {found.named[kind]} | {found.confirmed[kind]} |"
        for kind in KINDS
    )
    wrongly = ", ".join(f"{kind} {count}" for kind, count in sorted(found.wrongly.items())) or "none"
    return f"""
## Copies of releases, true and altered

`python -m benchmarks.news.release_copies --write`; {found.releases} releases of `benchmarks/news/rows/{name}` with
{true} true and {altered} altered copies in English and French. In parentheses: Wilson's 95 % interval.
{NOTES}
| | copies | share | goal |
|---|---:|---:|---:|
{table}

| altered in | copies | difference named | confirmed |
|---|---:|---:|---:|
{kinds}

Differences wrongly named in true copies: {wrongly}.
"""


NOTES = """
Two writers who had not seen the rules wrote these texts for this project and labelled each copy. The releases are
written as thirty authorities write them, the copies as freely as outlets write: with context of their own, figures
added up or split, parties exchanged. The author of the rules has not read these texts. They were measured once, when
the rules were finished.

Rules and fitted figures (`python -m benchmarks.news.fit_copies`, `python -m benchmarks.news.fit_sureness`) rest on 310
other releases by writers under similar conditions (`release_copies_tuned.jsonl`, `_tuned_second` to `_tuned_tenth`;
this page reported the third, the fifth, the sixth and the tenth before) and on 45 releases of the rules' own author
(`release_copies_own.jsonl`). A true copy that is not confirmed keeps the status that it would have without the
release: Vigie cannot find everything that it says in the release.

Vigie shows a difference only if it is certain. That depends on which rule finds it, on how much of the text around it
is the release's, on whether another rule finds the same, and on how much of the copy is its own context. An uncertain
difference prevents confirmation and does not count against anybody.

- **Tenth set** (two other writers): before this weighing, 39 of 60 differences were named and 22 of 200 true copies
  accused (0.650 and 0.110). Since then, with figures fitted without the writer in question: 31 of 60 and 2 of 200.
  Mistakes in this set were corrected while reading it.
- **Cross-validated** over the twelve parts of all files: 455 of 739 altered copies named and 2 of 1,096 true ones
  accused (on average 0.2 %, at worst 1 %, so the threshold of 0.95 stays within 1.5 % and 3 %). Other rules were made
  while reading these sets, so the figures of all but the tenth are too good.
- **Weak evidence**: opposite verbs, figures that rose or fell, and a statement that one text denies and the other
  makes in similar words were wrong as often as right on texts that the rules were not made on. They count only if a
  second rule finds the same.
- **Changed after the measurement**: one rule is exempt from the weighing, that on sentences that equal the release
  word for word except for a figure. The figures of this set did not change.

Sets by other writers, measured before any rule was made on them:

| set | altered copies named | true copies accused |
|---|---:|---:|
| sixth | 46 of 60 | 4 of 60 |
| seventh (courts, penalties) | 45 of 60 | 6 of 60 |
| eighth (rules, licences, statistics) | 42 of 60 | 3 of 60 |
| ninth (freest style) | 36 of 60 | 5 of 60 |
| tenth (two writers) | 39 of 60 | 22 of 200 |
"""


def _share(hits: int, count: int) -> str:
    low, high = wilson(hits, count)
    return f"{hits / count:.3f} ({low:.3f} to {high:.3f})" if count else "–"


def main() -> None:
    """Measure a file, print the figures, and write them where asked."""
    parser = argparse.ArgumentParser(description="Are altered copies of releases told from true ones?")
    parser.add_argument(
        "file", nargs="?", type=Path, default=HELD, help="releases with their copies, one a line"
    )
    parser.add_argument("--write", action="store_true", help="rewrite the section of docs/news-figures.md")
    given = parser.parse_args()
    text = section(measure(given.file), given.file.name)
    print(text)
    if given.write:
        write_section("release_copies", text)


if __name__ == "__main__":
    main()
