"""Fit the models that Vigie comes with to the headlines written for it: `python -m benchmarks.news.train`.

Needs scikit-learn (``pip install "vigie[ml]"``). The result has the digest of its rows in it, and a test compares.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vigie.intelligence.news.judging.fitting import fit_sentiment, fit_topics
from vigie.intelligence.news.judging.linear import save
from vigie.intelligence.news.judging.rows import read_rows, shipped_rows

DATA = Path(__file__).resolve().parents[2] / "src/vigie/intelligence/news/judging/data"
ROWS = Path(__file__).resolve().parent / "rows"


def main() -> int:
    """Write both models."""
    rows = shipped_rows()
    later = read_rows((ROWS / "french.csv").read_text(encoding="utf-8"))
    for name, model in (("sentiment", fit_sentiment(rows, later=later)), ("topics", fit_topics(rows))):
        file = DATA / f"{name}.npz"
        file.write_bytes(save(model))
        print(
            f"vigie: {name} fitted to {len(rows)} headlines ({model.about['rows']}), {file.stat().st_size} bytes"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
