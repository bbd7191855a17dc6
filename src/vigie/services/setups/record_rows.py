"""Rows of the record of setups: results by strategy, market, regime and horizon, and what the budget held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from vigie.domain.ids import parse_slot
from vigie.intelligence.setups.record import RecordCell
from vigie.ports.setup_notices import SetupNotice
from vigie.services.rows import Row, shown

SOURCE: Final = "Vigie setups"


class RecordRow(Row):
    """What the ended setups of one cell made."""

    grouping: str = shown("By", source=SOURCE)
    value: str = shown("Which", definition="Empty: all of them, or not known.", source=SOURCE)
    trades: int = shown("Trades", unit="count", definition="Setups that ended with an R.", source=SOURCE)
    weeks: int = shown("Weeks", unit="count", definition="Calendar weeks in which they ended.", source=SOURCE)
    mean_r: float | None = shown(
        "Mean R", unit="ratio", definition="None for fewer than 30 trades.", source=SOURCE
    )
    low: float | None = shown(
        "At least",
        unit="ratio",
        definition="Of the 95 % interval: bootstrap over calendar weeks; none for fewer than 10 weeks.",
        source=SOURCE,
    )
    high: float | None = shown("At most", unit="ratio", definition="Of the 95 % interval.", source=SOURCE)
    won_share: float | None = shown(
        "Won",
        unit="fraction",
        definition="Share of trades with R above 0; none for fewer than 30.",
        source=SOURCE,
    )
    is_better: bool = shown(
        "Better than the rest",
        definition="By more than chance makes, over all cells together (Benjamini-Hochberg at 5 %).",
        source=SOURCE,
    )
    unconfirmed: int = shown("Never confirmed", unit="count", source=SOURCE)
    unconfirmed_share: float | None = shown(
        "Share never confirmed",
        unit="fraction",
        definition="Of all that ended; a rate of its own, never an R of 0. None for fewer than 30.",
        source=SOURCE,
    )
    no_entry: int = shown("No entry", unit="count", source=SOURCE)
    unkept: int = shown("Without R", unit="count", definition="Ended before R was kept.", source=SOURCE)
    void: int = shown(
        "Void",
        unit="count",
        definition="Ended by a changed strategy or setting of the account; in no rate.",
        source=SOURCE,
    )


class NoticeRow(Row):
    """A change that was a candidate for an alert."""

    setup: str = shown("Setup", source=SOURCE)
    account: str = shown("Account", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    strategy: str = shown("Strategy", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    state: str = shown("State", source=SOURCE)
    ts_known: int = shown("Since", unit="ms", source=SOURCE)
    held: str = shown(
        "Not sent because",
        definition="Empty where it was sent. full: the day's number was reached; below: too little is expected; rule: "
        "every rule was paused or silent.",
        source=SOURCE,
    )
    expected_r: float = shown(
        "Ranked with",
        unit="ratio",
        definition="Mean R of ended setups of the same strategy, market and regime, drawn towards the strategy's "
        "and 0: with few of them it is mostly these. The expected R itself is shown from 30 on.",
        source=SOURCE,
    )
    threshold: float | None = shown(
        "Threshold", unit="ratio", definition="Expected R it had to exceed; none without a month of history.",
        source=SOURCE,
    )  # fmt: skip
    total: float = shown("Contributions", unit="ratio", definition="Decides between equals.", source=SOURCE)
    rank: int = shown("Rank", unit="count", definition="Among the last 30 market days.", source=SOURCE)
    of: int = shown("Of", unit="count", source=SOURCE)
    r: float | None = shown(
        "R since", unit="ratio", definition="What it made, once it ended; none before.", source=SOURCE
    )


def to_record_rows(cells: Sequence[RecordCell]) -> list[RecordRow]:
    """Return the rows of cells, in their order."""
    return [RecordRow(**asdict(cell)) for cell in cells]


def to_notice_row(notice: SetupNotice, r: float | None) -> NoticeRow:
    """Return the row of a candidate, with what its setup made since."""
    slot = parse_slot(notice.slot)
    return NoticeRow(
        setup=notice.setup, account=notice.account, instrument=slot.instrument, strategy=slot.strategy,
        side=notice.side, state=notice.state, ts_known=notice.ts_known, held=notice.held,
        expected_r=notice.expected_r, threshold=notice.threshold, total=notice.total, rank=notice.rank,
        of=notice.of, r=r,
    )  # fmt: skip
