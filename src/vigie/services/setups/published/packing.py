"""The record as files that anybody can check: changes with their random words, chain records, bars, results, a page.

Nothing personal goes out: no names of accounts, no sums of money, no ids of users. An account is a chain with a number.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from math import floor, log10
from pathlib import Path
from typing import Final

from vigie.data.live_history import bars_until
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import Conflict, DataError
from vigie.domain.ids import SeriesId, parse_slot
from vigie.domain.instrument import Instrument
from vigie.domain.setup import ENDED, MARKET_TIME
from vigie.intelligence.setups.life import is_former
from vigie.intelligence.setups.record import record_cells
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.setups import SetupStore, StoredChange
from vigie.services.setups.ended import ended_setups, late_count, live_changes, sealed_ts
from vigie.services.setups.published.page import RecordCounts, record_page
from vigie.services.setups.verifying import body_text
from vigie.services.trading.account_plans.account_plan import AccountPlan, PlanSlot, load_plan

PROGRAM: Final = Path(__file__).with_name("verify_program.txt")
_FIRST_HASH: Final = "0" * 64
_CHAIN_NAME: Final = 12
_CHECKED: Final = ("stop", "target", "exit_condition", "opposite_signal", "horizon")


@dataclass(frozen=True, slots=True)
class PublishSources:
    """What the record is read from."""

    setups: SetupStore
    audit: AuditLog
    data: DataStores
    results: ResultsHome
    is_simulated: IsSimulated


@dataclass(frozen=True, slots=True)
class _OutcomeCheck:
    """How the program checks an outcome, and what it raises: where bars are missing, and where they say otherwise."""

    check: Callable[..., None]
    missing: type[Exception]
    different: type[Exception]


def publish_record(
    sources: PublishSources, accounts: Sequence[str], language: str, *, reveals_capital: bool = False
) -> Mapping[str, bytes]:
    """Return the published record: ``index.html`` and ``record.zip``, in which the page stands, too.

    Parameters
    ----------
    sources : PublishSources
        What it is read from.
    accounts : sequence of str
        Whose live setups; their names go nowhere.
    language : str
        Of the page.
    reveals_capital : bool
        Also where changes were sealed with a digest of before, from which the capital of their account is found by
        trying round sums.

    Returns
    -------
    mapping of str to bytes
        By file name. The same record gives the same bytes.

    Raises
    ------
    Conflict
        If there are such changes and nobody said that their capital may be told, or if a simulated home has changes
        that were sealed without its market's time.
    """
    program = runpy.run_path(str(PROGRAM))
    # Nothing proves when a change without a seal was written.
    changes = [change for change in live_changes(sources.setups, accounts) if change.seal]
    _refuse_unfit(changes, is_simulated=sources.is_simulated, reveals_capital=reveals_capital)
    ended, lives = ended_setups(changes), _ended_lives(changes)
    cells = record_cells(ended)
    # Each seal's record of the chain, after the one before it.
    chain = [sources.audit.after(max(0, change.sealed_at - 2), limit=2) for change in changes]
    files = {
        "verify.py": PROGRAM.read_bytes(),
        "changes.jsonl": _lines(_sealed(changes, chain)),
        "results.json": _json([asdict(cell) for cell in cells]),
    }
    outcome = _OutcomeCheck(program["check_outcome"], program["MissingBars"], program["Difference"])
    files |= _outcomes(sources, lives, outcome)
    # By the times of the chain, or of the simulated market, as the program counts them.
    times = [
        (change.setup, sealed_ts(change, around[-1].ts))
        for change, around in zip(changes, chain, strict=True)
    ]
    counts = RecordCounts(len(changes), len(lives), late_count(ended, times))
    is_simulated = any(MARKET_TIME in change.body for change in changes)
    files["index.html"] = record_page(cells, counts, language, is_simulated=is_simulated).encode()
    files[program["SUMS"]] = program["sums_of"](files).encode()
    return {"index.html": files["index.html"], "record.zip": program["zip_bytes"](files)}


def unfit_counts(changes: Sequence[StoredChange], *, is_simulated: bool) -> tuple[int, int]:
    """Return how many sealed changes tell their account's capital, and how many lack the simulated market's time."""
    formerly = sum(is_former(str(change.body["strategy"])) for change in changes)
    return formerly, sum(MARKET_TIME not in change.body for change in changes) if is_simulated else 0


def _refuse_unfit(changes: Sequence[StoredChange], *, is_simulated: bool, reveals_capital: bool) -> None:
    """Refuse changes that tell more than a record should, or of which it would tell the wrong clock."""
    formerly, timeless = unfit_counts(changes, is_simulated=is_simulated)
    if formerly and not reveals_capital:
        raise Conflict(
            "record_reveals_capital",
            "{changes} of the changes were sealed by an earlier version in a way that lets anybody find the capital of "
            "their account; to publish them all the same: vigie alerts publish FOLDER --reveal-capital",
            changes=formerly,
        )
    if timeless:
        raise Conflict(
            "record_without_market_time",
            "{changes} of the changes were sealed by an earlier version without the time of the simulated market: "
            "nobody could check them; begin a new demonstration to publish its record",
            changes=timeless,
        )


def _sealed(
    changes: Sequence[StoredChange], chain: Sequence[Sequence[AuditEvent]]
) -> Iterator[Mapping[str, object]]:
    """Yield each change with what seals it, and the record of the chain that holds the seal."""
    # Called by its first seal, which tells nothing of the account.
    chains: dict[str, str] = {}
    for change in changes:
        chains.setdefault(change.account, change.seal[:_CHAIN_NAME])
    for change, around in zip(changes, chain, strict=True):
        record = around[-1]
        before = around[0].hash if change.sealed_at > 1 else _FIRST_HASH
        yield {
            "chain": chains[change.account], "body": body_text(change), "salt": change.salt,
            "before": change.seal_before, "seal": change.seal,
            "record": {
                "before": before, "seq": record.seq, "ts": record.ts, "kind": record.kind, "actor": record.actor,
                "subject": record.subject, "digest": record.digest, "hash": record.hash,
            },
        }  # fmt: skip


def _ended_lives(changes: Sequence[StoredChange]) -> dict[str, list[StoredChange]]:
    """Return the setups that ended, with their changes; of those that several accounts have, the first one's."""
    lives: dict[tuple[str, str], list[StoredChange]] = {}
    for change in changes:
        lives.setdefault((change.account, change.setup), []).append(change)
    found: dict[str, list[StoredChange]] = {}
    for (_, setup), life in sorted(lives.items()):
        if life[-1].state in ENDED:
            found.setdefault(setup, life)
    return found


def _outcomes(
    sources: PublishSources, lives: Mapping[str, Sequence[StoredChange]], by: _OutcomeCheck
) -> dict[str, bytes]:
    """Return bars and terms of the trades whose outcome the stored bars give; the others are named with the reason."""
    checked: dict[str, Mapping[str, float]] = {}
    unchecked: dict[str, str] = {}
    files: dict[str, bytes] = {}

    # A run has many setups, and its plan takes milliseconds to read.
    @cache
    def plan_of(run: str) -> AccountPlan | None:
        try:
            return load_plan(sources.results, run)
        except DataError:
            return None

    for setup, life in sorted(lives.items()):
        if life[-1].body.get("r") is None:
            continue
        terms = _terms(plan_of, life)
        if terms is None or life[-1].cause not in _CHECKED:
            unchecked[setup] = "run gone" if terms is None else "cause"
            continue
        rows = list(_rows(_bars(sources.data, life)))
        try:
            by.check([change.body for change in life], terms, rows)
        except by.missing:
            unchecked[setup] = "bars missing"
            continue
        except by.different:
            # Named as such: it is for the reader to ask why.
            unchecked[setup] = "contradicted"
            continue
        checked[setup] = terms
        text = "\n".join(["ts,open,high,low,close", *(",".join(map(repr, row)) for row in rows), ""])
        files[f"bars/{setup}.csv"] = text.encode()
    return {**files, "terms.json": _json({"checked": checked, "unchecked": unchecked})}


def _terms(
    plan_of: Callable[[str], AccountPlan | None], life: Sequence[StoredChange]
) -> Mapping[str, float] | None:
    """Return fee, slippage and price step of a trade; None where its run is gone, or targets are limit orders."""
    deciding = next((change for change in life if change.state == "confirmed"), None)
    if deciding is None:
        return None
    plan = plan_of(deciding.run)
    slot = next((slot for slot in plan.slots if str(slot.slot) == deciding.slot), None) if plan else None
    if slot is None or slot.sizing.target_execution != "trigger":
        return None
    costs = slot.effective_costs
    return {
        "taker": costs.taker, "slippage": costs.slippage_bps / 1e4,
        "tick": _price_step(_rules(slot, deciding.ts_bar), float(str(deciding.body["entry"]))),
    }  # fmt: skip


def _rules(slot: PlanSlot, ts: int) -> Instrument:
    return max(
        (version for version in slot.versions if version.valid_from <= ts),
        key=lambda one: one.valid_from,
        default=slot.versions[0],
    )


def _price_step(rules: Instrument, price: float) -> float:
    figures = rules.significant_figures
    return max(rules.tick.value, 10.0 ** (floor(log10(price)) - figures + 1)) if figures else rules.tick.value


def _bars(data: DataStores, life: Sequence[StoredChange]) -> Bars:
    deciding, end = next(change for change in life if change.state == "confirmed"), life[-1]
    slot = parse_slot(end.slot)
    series = SeriesId(end.venue, slot.instrument, slot.timeframe)
    return bars_until(data.bars, series, deciding.ts_bar + 1, end.ts_bar + series.span_ms)


def _rows(bars: Bars) -> Iterator[tuple[int, float, float, float, float]]:
    columns = (bars.ts, bars.open, bars.high, bars.low, bars.close)
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1).encode()


def _lines(rows: Iterator[Mapping[str, object]]) -> bytes:
    return "".join(
        f"{json.dumps(row, ensure_ascii=False, allow_nan=False, sort_keys=True)}\n" for row in rows
    ).encode()
