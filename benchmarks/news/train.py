"""Fit the models that Vigie comes with to the headlines written for it: `python -m benchmarks.news.train`.

Needs scikit-learn (``pip install "vigie[ml]"``) and the public headlines in ``VIGIE_SHARED``: how sure the model of
sentiment may be in English is set on half of them, where no language is told on half of the French headlines of another
writer; no weight is. What is known to be French is read by a model of its own, fitted to French headlines of the
project's and of three other writers'; how sure it may be is set on those of a writer whom it was fitted without.
``--own FILE.csv --to FILE.npz`` fits one to a user's labels beside them.

The result has the digest of its rows in it, and a test compares.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import polars as pl
from tests.shared import shared_dir

from vigie.intelligence.news.judging.fitting import fit_french, fit_own, fit_sentiment, fit_topics
from vigie.intelligence.news.judging.linear_model import LinearModel, save_model
from vigie.intelligence.news.judging.rows import LabelledHeadline, french_rows, read_rows, shipped_rows

DATA = Path(__file__).resolve().parents[2] / "src/vigie/intelligence/news/judging/data"
ROWS = Path(__file__).resolve().parent / "rows"
# Of the writers of French headlines the one whose the lexicon's author had not read, but for the first thirty lines.
UNREAD = "third"


def main() -> int:
    """Write both models, or one of a user's labels."""
    parser = argparse.ArgumentParser(description="Fit the models of news.")
    parser.add_argument(
        "--own", type=Path, help="CSV with columns title and sentiment, fitted beside the shipped rows"
    )
    parser.add_argument("--to", type=Path, help="where the model of one's own labels is written")
    given = parser.parse_args()
    if (given.own is None) != (given.to is None):
        parser.error("--own and --to belong together")
    if given.own is not None:
        write(given.to, fit_own(read_rows(given.own.read_text(encoding="utf-8"))))
        return 0
    rows = shipped_rows()
    later = {
        "en": cryptolin_rows(is_held_back=False),
        "fr": half_of_the_first(),
    }
    write(DATA / "sentiment.npz", fit_sentiment(rows, later=later))
    own = [row for row in rows if row.language == "fr"]
    write(DATA / "sentiment_fr.npz", fit_french(own, french_rows(), UNREAD))
    write(DATA / "topics.npz", fit_topics(rows))
    return 0


def cryptolin_rows(*, is_held_back: bool) -> list[LabelledHeadline]:
    """Return one half of a public set of headlines with their labels, in its order.

    How sure the model may be in English is set on one half, and reported on the other. A headline's half follows from
    its hash alone.
    """
    table = pl.read_parquet(shared_dir("data", "news", "sentiment", "cryptolin.parquet"))
    return [
        LabelledHeadline(title, "en", (label,), ())
        for title, label in zip(table["title"], table["label"], strict=True)
        if _is_held_back(title) == is_held_back
    ]


def half_of_the_first() -> list[LabelledHeadline]:
    """Return half of the headlines of the first other writer of French."""
    rows = (row for row in french_rows() if row.writer == "first")
    return [row for row in rows if not _is_held_back(row.title)]


def _is_held_back(title: str) -> bool:
    return bool(hashlib.sha256(title.encode()).digest()[0] % 2)


def write(file: Path, model: LinearModel) -> None:
    """Write a model and say what it was fitted to."""
    file.write_bytes(save_model(model))
    about = model.about
    print(
        f"vigie: {file.name} fitted to {about['count']} headlines ({about['rows']}), {file.stat().st_size} bytes"
    )


if __name__ == "__main__":
    sys.exit(main())
