"""Which look-ahead is found, and what is wrongly accused: ``python benchmarks/causality_corpus.py [--write]``.

Judges every strategy of tests/data/strategies (biased on purpose, or clean although it looks suspicious) and every
shipped one, by `vigie strategy check` and by the few cuts that each run makes. Prints a table; ``--write`` puts it
into docs/write-a-strategy.md. The same seeds give the same table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vigie.data.asof import add_feature
from vigie.domain.bar import Bars
from vigie.domain.errors import DataError, UsageError
from vigie.engine.causality import CUTS, WINDOWS
from vigie.engine.judgement import judge, prove
from vigie.services.judging.strategies import check_file
from vigie.trading import catalogue
from vigie_sandbox.market import SimulatedMarket, simulate_market

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "data" / "strategies"
PAGE = ROOT / "docs" / "write-a-strategy.md"
BEGIN = "<!-- corpus: begin (benchmarks/causality_corpus.py --write rewrites this) -->"
END = "<!-- corpus: end -->"
START_MS = 1_704_067_200_000
BARS = 1_500
# Checks that speak of time, or of what goes round it; a file that fails only another one was not caught for its bias.
TIMELY = {"source", "look-ahead", "repaint", "same answer"}


@dataclass(frozen=True)
class Row:
    name: str
    kind: str
    what: str
    checked: bool
    on_runs: float


def files() -> Iterator[tuple[str, Path]]:
    for kind in ("biased", "clean"):
        yield from ((kind, path) for path in sorted((CORPUS / kind).glob("*.py")))
    yield from (("shipped", path) for path in catalogue.available().values())


def markets(runs: int) -> list[Bars]:
    return [
        with_funding(simulate_market(seed, ["BTC"], START_MS, BARS, "1h")) for seed in range(100, 100 + runs)
    ]


def with_funding(market: SimulatedMarket) -> Bars:
    funding = market.funding("BTC")
    return add_feature(market.bars("BTC"), "funding_rate", funding.ts, funding.value)


def caught_on_run(path: Path, bars: Bars, seed: int) -> bool:
    strategy = catalogue.load_file(path)
    params = strategy.defaults()
    try:
        prove(strategy, params, bars, judge(strategy, bars, params), np.random.default_rng(seed))
    except (UsageError, DataError):
        return True
    return False


def judged(kind: str, path: Path, histories: list[Bars]) -> Row:
    report = check_file(path)
    checked = any(finding.check in TIMELY for finding in report.failures)
    with np.errstate(all="ignore"):
        caught = [caught_on_run(path, bars, seed) for seed, bars in enumerate(histories)]
    doc = catalogue.load_file(path).doc.splitlines()
    what = next((line.partition(": ")[2] for line in doc if line.startswith(("Bias: ", "Clean: "))), doc[0])
    return Row(path.stem, kind, what.rstrip("."), checked, sum(caught) / len(caught))


def table(rows: list[Row], runs: int) -> str:
    biased = [row for row in rows if row.kind == "biased"]
    clean = [row for row in rows if row.kind != "biased"]
    found, accused = sum(row.checked for row in biased), sum(row.checked for row in clean)
    note = (
        f"Each run cuts the history {CUTS} times and replays {WINDOWS} windows of it; the last column is the share of "
        f"{runs} runs, each on {BARS:,} simulated bars of a seed of its own."
    )
    lines = [
        "| | `vigie strategy check` | every run, on average |",
        "|---|---|---|",
        f"| look-ahead found (recall) | {found} of {len(biased)} | {mean(biased):.1%} |",
        f"| clean ones accused (false alarms) | {accused} of {len(clean)} | {mean(clean):.1%} |",
        "",
        note,
        "",
        "| biased strategy | what is wrong | check | runs |",
        "|---|---|---|---|",
        *(f"| `{row.name}` | {row.what} | {word(row)} | {row.on_runs:.0%} |" for row in biased),
    ]
    return "\n".join(lines)


def mean(rows: list[Row]) -> float:
    return sum(row.on_runs for row in rows) / len(rows)


def word(row: Row) -> str:
    return "found" if row.checked else "**missed**"


def write(text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    histories = markets(given.runs)
    text = table([judged(kind, path, histories) for kind, path in files()], given.runs)
    print(text)
    if given.write:
        write(text)


if __name__ == "__main__":
    main()
