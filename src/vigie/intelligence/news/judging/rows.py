"""Rows to learn from: headlines with their sentiment and topics, each labelled twice."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from vigie.domain.errors import DataError

SENTIMENTS: Final = ("negative", "neutral", "positive")
TOPICS: Final = (
    "regulation", "enforcement", "etf", "hack", "listing", "stablecoin", "macro", "technology", "legal", "adoption",
    "exchange", "policy", "elections", "sanctions", "tax",
)  # fmt: skip
# News of regulation, enforcement or public policy: what alerts ask for, over these topics.
REGULATION: Final = "is_regulation"
OF_REGULATION: Final = frozenset({"regulation", "enforcement", "policy", "sanctions", "tax"})


@dataclass(frozen=True, slots=True)
class LabelledHeadline:
    """One headline with what two readings of it said.

    Attributes
    ----------
    sentiments : tuple of str
        One for each reading.
    topics : tuple of frozenset of str
        One for each reading; empty where none applies.
    writer : str
        Who wrote it, where that is not the project's own hand.
    """

    title: str
    language: str
    sentiments: tuple[str, ...]
    topics: tuple[frozenset[str], ...]
    writer: str = ""

    @property
    def is_agreed(self) -> bool:
        """Whether all readings found the same sentiment."""
        return len(set(self.sentiments)) == 1


def read_rows(text: str) -> tuple[LabelledHeadline, ...]:
    """Return the rows of a CSV file with columns title, sentiment and, where there are, more of `LabelledHeadline`.

    Raises
    ------
    DataError
        If a label is none that is known, or a title is empty.
    """
    return tuple(
        _parse_row(line, number) for number, line in enumerate(csv.DictReader(io.StringIO(text)), start=2)
    )


def _parse_row(line: dict[str, str | None], number: int) -> LabelledHeadline:
    title = (line.get("title") or "").strip()
    if not title:
        raise DataError(f"line {number}: a row needs a title")
    sentiments = tuple(label for name in ("sentiment", "sentiment_again") if (label := line.get(name) or ""))
    topics = tuple(
        frozenset(filter(None, (line[name] or "").split(";")))
        for name in ("topics", "topics_again")
        if name in line
    )
    for labels, known in ((set(sentiments), SENTIMENTS), (frozenset[str]().union(*topics), TOPICS)):
        if unknown := sorted(labels - set(known)):
            raise DataError(f"line {number}: labels are {', '.join(known)}, was {unknown[0]}")
    if not sentiments:
        raise DataError(f"line {number}: a row needs a sentiment: {', '.join(SENTIMENTS)}")
    return LabelledHeadline(title, line.get("language") or "", sentiments, topics, line.get("writer") or "")


def shipped_rows() -> tuple[LabelledHeadline, ...]:
    """Return the rows written and labelled for this project: headlines, and contrasts that differ in what happens."""
    data = files("vigie.intelligence.news.judging").joinpath("data")
    return tuple(
        row
        for name in ("headlines", "contrasts")
        for row in read_rows(data.joinpath(f"{name}.csv").read_text(encoding="utf-8"))
    )


def french_rows() -> tuple[LabelledHeadline, ...]:
    """Return French headlines of three other writers, labelled by two readers who saw neither rules nor each other."""
    data = files("vigie.intelligence.news.judging").joinpath("data", "headlines_fr.csv")
    return read_rows(data.read_text(encoding="utf-8"))


def rows_digest(rows: Iterable[LabelledHeadline]) -> str:
    """Return 16 hex digits that only these rows in this order have."""
    text = "\n".join(
        "\t".join((row.title, *row.sentiments, *(";".join(sorted(topics)) for topics in row.topics)))
        for row in rows
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def agreement(first: Sequence[str], second: Sequence[str]) -> tuple[float, float]:
    """Return the share of equal labels, and Cohen's kappa: what is left of it beyond chance."""
    count = len(first)
    share = sum(a == b for a, b in zip(first, second, strict=True)) / count
    chance = sum(first.count(label) * second.count(label) for label in set(first)) / count**2
    return share, (share - chance) / (1 - chance) if chance < 1 else 1.0
