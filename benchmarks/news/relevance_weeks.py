"""Is what is plainly about crypto shown, and what general outlets publish told apart as before?

Labels of two readers, of whole weeks of outlets of crypto and of headlines of general outlets; only what both readers
say counts. The prior of a source was made while looking at the weeks marked ``tune`` alone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import polars as pl

from benchmarks.commands import shared_folder
from benchmarks.news import weeks
from benchmarks.news.archive import Window
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher
from vigie.intelligence.news.steps import entities, relevance

GENERAL = Path(__file__).parent / "rows" / "general_relevance.csv"
Labels = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Shown:
    """Items that both readers say are about crypto, or not, and how many of them are hidden or shown."""

    name: str
    relevant: int
    hidden: int
    other: int
    shown: int


def read_weeks(part: str, has_prior: bool = True) -> Shown:
    """Return what is hidden of the weeks of a part."""
    every = [one for one in weeks.labels() if one.part == part]
    found: dict[str, bool] = {}
    for week in sorted({one.week for one in every}):
        found |= judged(weeks.items_of(week, (one.headline for one in every if one.week == week)), has_prior)
    return counted(f"weeks, {part}", found, _agreed((one.headline, *one.relevant) for one in every))


def read_general(has_prior: bool = True) -> Shown:
    """Return what is hidden of general outlets."""
    with GENERAL.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        labels = _agreed((row["headline"], row["relevant_a"], row["relevant_b"]) for row in rows)
    return counted("general outlets", judged(_items(set(labels)), has_prior), labels)


def _agreed(rows: Iterable[tuple[str, str, str]]) -> Labels:
    return {
        headline: first == "y" for headline, first, second in rows if first == second and first in ("y", "n")
    }


def _items(wanted: set[str]) -> list[tuple[NewsItem, Publisher]]:
    frame = pl.read_parquet(shared_folder() / "data" / "news" / "archive_headlines.parquet")
    found = {}
    for row in frame.filter(pl.col("date").is_not_null()).sort("date", "title").iter_rows(named=True):
        key = weeks.key_of(row["title"] or "")
        if key in wanted and key not in found:
            ts, source = round(row["date"].replace(tzinfo=UTC).timestamp() * 1000), row["source"] or "archive"
            said = Sighting(source, key, row["url"] or "", row["title"], row["text"] or "", ts_published=ts)
            found[key] = (NewsItem(key, 1, said, ts, ts), Publisher(source, source, "media"))
    return list(found.values())


def judged(told: Iterable[tuple[NewsItem, Publisher]], has_prior: bool) -> dict[str, bool]:
    """Return whether each item is held to be about crypto; without the prior an item needs a sign of its own."""
    first, second = entities.make(), relevance.make()
    window, shown = Window(), {}
    for item, publisher in told:
        found: dict[str, ItemFinding] = {}
        for step in (first, second):
            found[step.name] = step.read(item, Context(publisher, window, found))
        window.seen.append(AnalysedItem(item, found))
        body = found["relevance"].body
        shown[item.id] = body["is_relevant"] and (has_prior or body["signs"] != ["source"])
    return shown


def counted(name: str, shown: Mapping[str, bool], labels: Labels) -> Shown:
    """Compare with labels."""
    relevant = [shown[key] for key in labels if labels[key] and key in shown]
    other = [shown[key] for key in labels if not labels[key] and key in shown]
    return Shown(name, len(relevant), relevant.count(False), len(other), other.count(True))


def measure() -> list[tuple[Shown, Shown]]:
    """Return each set without and with the prior."""
    readers: list[Callable[[bool], Shown]] = [
        lambda has_prior: read_weeks("tune", has_prior), lambda has_prior: read_weeks("report", has_prior), read_general
    ]  # fmt: skip
    return [(reader(False), reader(True)) for reader in readers]


def section(measured: Iterable[tuple[Shown, Shown]]) -> str:
    """Return the measured as Markdown."""
    rows = "\n".join(
        f"| {new.name} | {new.relevant:,} | {old.hidden} | {new.hidden} ({new.hidden / max(1, new.relevant):.2%}) "
        f"| {new.other} | {old.shown} | {new.shown} | {_precision(old)} | {_precision(new)} |"
        for old, new in measured
    )
    return f"""
## What is about crypto

`python -m benchmarks.news relevance --write`; goals: at most 0.5 % of clearly crypto headlines hidden, and for general
outlets no lower precision than without the *prior*: Vigie shows the items of a source that writes only about crypto
even if they show no sign of it themselves. Only headlines on which both readers agree count. The prior was made with
the weeks *tune* in view.

| headlines | about crypto | hidden without prior | hidden | not about it | shown without prior | shown \
| precision without prior | precision |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""


def _precision(found: Shown) -> str:
    right = found.relevant - found.hidden
    return f"{right / (right + found.shown):.3f}"
