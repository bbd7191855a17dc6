"""Are names linked to whom they mean? F1 over ids, on the shared cases (coins) and on those of the repository (all)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import shared_folder
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import Gazetteer, packaged_gazetteer

OWN = Path(__file__).resolve().parents[2] / "tests/unit/intelligence/news/linking_cases.csv"
SHARED = ("data", "news", "entities", "linking_cases.csv")
GOAL = 0.97
Row = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Linking:
    """How many ids were linked rightly, wrongly, and not."""

    name: str
    cases: int
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was linked that is right."""
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of what should be linked that was."""
        return self.right / (self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)


def shared_rows() -> list[Row]:
    """Return the shared cases."""
    with shared_folder().joinpath(*SHARED).open(encoding="utf-8") as file:
        return [
            (row["text"], frozenset(f"coin:{one}" for one in row["expected_coin_ids"].split(";") if one))
            for row in csv.DictReader(file)
        ]


def own_rows() -> list[Row]:
    """Return the cases of the repository."""
    with OWN.open(encoding="utf-8") as file:
        return [
            (row["text"], frozenset(row["expected"].split())) for row in csv.DictReader(file, delimiter=";")
        ]


def judged(name: str, rows: Iterable[Row], kinds: frozenset[str], gazetteer: Gazetteer) -> Linking:
    """Link the texts of some cases."""
    cases = right = wrong = missed = 0
    for text, expected in rows:
        found = {one.id for one in link_entities(gazetteer, text) if one.kind in kinds}
        cases += 1
        right += len(found & expected)
        wrong += len(found - expected)
        missed += len(expected - found)
    return Linking(name, cases, right, wrong, missed)


def measure() -> list[Linking]:
    """Return how both sets of cases are linked."""
    gazetteer = packaged_gazetteer()
    everybody = frozenset(("coin", "org", "person", "law"))
    return [
        judged("shared: coins", shared_rows(), frozenset(("coin",)), gazetteer),
        judged("the repository's own: all entities", own_rows(), everybody, gazetteer),
    ]


def section(measured: Iterable[Linking]) -> str:
    """Return the measured as Markdown."""
    rows = "\n".join(
        f"| {one.name} | {one.cases} | {one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f} |"
        for one in measured
    )
    return f"""
## Names linked to the right entity

`python -m benchmarks.news --write`; goal: F1 of at least {GOAL} on both sets. The author of the rules also wrote the
repository's cases and had read the shared ones. Both sets therefore show only that the rules do what was intended.

| cases | texts | precision | recall | F1 |
|---|---:|---:|---:|---:|
{rows}
"""
