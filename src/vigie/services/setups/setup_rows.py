"""The rows of the tables about setups, made of stored changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from vigie.domain.ids import parse_slot
from vigie.domain.setup import SideLife
from vigie.domain.time import timeframe_ms
from vigie.intelligence.setups.expectation import ExpectedR
from vigie.intelligence.setups.life import FORMING_CLOSES_AT_MOST
from vigie.ports.setup_notices import SetupNotice
from vigie.ports.setups import StoredChange
from vigie.services.rows import Row, shown
from vigie.services.trading.accounts.account_rows import REPLAYED

SOURCE: Final = "Vigie setups"


class SetupRow(Row):
    """One setup as its newest change left it, and how near it is at the last close while it is open."""

    setup: str = shown("Setup", definition="The same wherever the same bars are read.", source=SOURCE)
    account: str = shown("Account", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    slot: str = shown("Active strategy", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    timeframe: str = shown("Timeframe", source=SOURCE)
    strategy: str = shown("Strategy", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    state: str = shown(
        "State",
        definition="Forming, confirmed, or how it ended: played out, invalidated, expired.",
        source=SOURCE,
    )
    cause: str = shown("Cause", definition="Why it is in this state.", source=SOURCE)
    ts_begun: int = shown("Began", unit="ms", source=SOURCE)
    ts_known: int = shown(
        "Since", unit="ms", definition="Close at which it entered this state.", source=SOURCE
    )
    entry: float | None = shown(
        "Close price", unit="price", definition="When it entered this state.", source=SOURCE
    )
    stop: float | None = shown("Stop", unit="price", source=SOURCE)
    target: float | None = shown("Target", unit="price", source=SOURCE)
    score: float | None = shown(
        "Score", unit="ratio", definition="When it entered this state.", source=SOURCE
    )
    nearness: float | None = shown(
        "Nearness",
        unit="ratio",
        definition="How near the required criteria are, from 0 to 1: at the last close while it is open, else when it "
        "ended.",
        source=SOURCE,
    )
    missing: str = shown(
        "Still missing",
        definition="Of the required criteria that do not hold, the one farthest from it; empty where all hold.",
        source=SOURCE,
    )
    missing_at: float | None = shown("Missing level", definition="What it must reach.", source=SOURCE)
    unmet: str = shown(
        "All missing",
        definition="Every required criterion that does not hold, parted by semicolons.",
        source=SOURCE,
    )
    ends_ts: int | None = shown(
        "Expires",
        unit="ms",
        definition="Close at which an open setup ends if nothing else ends it.",
        source=SOURCE,
    )
    next_close: int | None = shown("Next close", unit="ms", source=SOURCE)
    is_replayed: bool = shown("Replayed", definition=REPLAYED, source=SOURCE)
    r: float | None = shown(
        "R",
        unit="ratio",
        definition="Once it ended: what its trade alone made over what it risked.",
        source=SOURCE,
    )
    expected_r: float | None = shown(
        "Expected R",
        unit="ratio",
        definition="Mean of ended setups of the same strategy, market and regime, drawn towards the strategy's and 0.",
        source=SOURCE,
    )
    expected_n: int | None = shown(
        "Ended alike",
        unit="count",
        definition="Ended setups of the same strategy, market and regime.",
        source=SOURCE,
    )
    alert: str = shown(
        "Alert",
        definition="sent; held: not sent, by the number a day; empty: no rule was about it.",
        source=SOURCE,
    )
    threshold: float | None = shown(
        "Threshold",
        unit="ratio",
        definition="Expected R that an alert about it had to exceed.",
        source=SOURCE,
    )
    rank: int | None = shown(
        "Rank", unit="count", definition="Of its alert among those of the last 30 market days.", source=SOURCE
    )
    of: int | None = shown("Of", unit="count", source=SOURCE)


class SetupChangeTableRow(Row):
    """One change of a setup."""

    number: int = shown("Number", unit="count", source=SOURCE)
    ts_known: int = shown(
        "Since", unit="ms", definition="Close at which it entered this state.", source=SOURCE
    )
    state: str = shown("State", source=SOURCE)
    cause: str = shown("Cause", source=SOURCE)
    entry: float | None = shown("Close price", unit="price", source=SOURCE)
    stop: float | None = shown("Stop", unit="price", source=SOURCE)
    target: float | None = shown("Target", unit="price", source=SOURCE)
    score: float | None = shown("Score", unit="ratio", source=SOURCE)
    nearness: float | None = shown("Nearness", unit="ratio", source=SOURCE)
    bars: str = shown(
        "Fingerprint of the bars", definition="SHA-256 of the bars that were judged.", source=SOURCE
    )
    digest: str = shown("Digest", definition="SHA-256 of the whole change as it is kept.", source=SOURCE)
    r: float | None = shown(
        "R",
        unit="ratio",
        definition="At an end: what its trade alone made after fees, slippage and funding over what it risked; empty "
        "where there was no trade, and where the end was written before R was kept.",
        source=SOURCE,
    )
    funding: float | None = shown(
        "Funding",
        unit="ratio",
        definition="What of R is funding, as far as it was known then; empty where it is left out.",
        source=SOURCE,
    )


class ContributionRow(Row):
    """One reading that counts for or against a setup."""

    family: str = shown("Family", source=SOURCE)
    name: str = shown("Figure", source=SOURCE)
    lean: float | None = shown(
        "For or against",
        unit="ratio",
        definition="From -1, wholly against the setup's side, to 1.",
        source=SOURCE,
    )
    value: float | None = shown("Value", unit="number", definition="The figure itself.", source=SOURCE)
    unit: str = shown("Unit", source=SOURCE)
    weight: float = shown("Weight", unit="ratio", definition="Within its family.", source=SOURCE)
    ts_known: int | None = shown("Known", unit="ms", definition="When it was known here.", source=SOURCE)
    absence: str = shown("Absent", definition="Why it says nothing; empty where it does.", source=SOURCE)


class OutcomeRow(Row):
    """What followed the live or the replayed setups of one strategy and side."""

    kind: str = shown(
        "Kind", definition="Live, or replayed: decided afterwards on stored bars.", source=SOURCE
    )
    entered: int = shown(
        "Trades",
        unit="count",
        definition="Setups whose trade, alone in the fill model, began and ended; the account may have refused it.",
        source=SOURCE,
    )
    target: int = shown("Target reached", unit="count", source=SOURCE)
    stop: int = shown("Stop reached", unit="count", source=SOURCE)
    liquidated: int = shown("Liquidated", unit="count", source=SOURCE)
    otherwise: int = shown(
        "Ended otherwise",
        unit="count",
        definition="By exit condition, opposite signal or time.",
        source=SOURCE,
    )
    no_entry: int = shown(
        "No entry", unit="count", definition="The next bar opened beyond a level.", source=SOURCE
    )
    unconfirmed: int = shown(
        "Never confirmed", unit="count", definition="Ended without an entry being decided.", source=SOURCE
    )
    target_share: float | None = shown(
        "Share at target", unit="fraction", definition="Of the trades; none for fewer than 30.", source=SOURCE
    )
    low: float | None = shown(
        "At least", unit="fraction", definition="Of the 95 % interval (Wilson).", source=SOURCE
    )
    high: float | None = shown(
        "At most", unit="fraction", definition="Of the 95 % interval (Wilson).", source=SOURCE
    )


class SetupCandleRow(Row):
    """One bar around a setup."""

    ts: int = shown("Time", unit="ms", source=SOURCE)
    open: float = shown("Open price", unit="quote", source=SOURCE)
    high: float = shown("High", unit="quote", source=SOURCE)
    low: float = shown("Low", unit="quote", source=SOURCE)
    close: float = shown("Close price", unit="quote", source=SOURCE)


@dataclass(frozen=True, slots=True)
class SetupMark:
    """What stands beside one setup.

    Attributes
    ----------
    expected : ExpectedR or None
        As known when it entered its state; None once it ended.
    notice : SetupNotice or None
        The change that was told, else the newest that was a candidate; None where no rule was about it.
    """

    expected: ExpectedR | None = None
    notice: SetupNotice | None = None

    @property
    def alert(self) -> Literal["", "sent", "held"]:
        """Return what became of its alert; empty where no rule was about it."""
        if self.notice is None:
            return ""
        return "held" if self.notice.held else "sent"


def to_setup_row(change: StoredChange, lives: Mapping[str, Sequence[SideLife]], mark: SetupMark) -> SetupRow:
    """Return the row of a setup.

    Parameters
    ----------
    change : StoredChange
        Its newest.
    lives : mapping of str to sequence of SideLife
        What is remembered of its account, by slot.
    mark : SetupMark
        What may be expected of it, and what became of its alert.
    """
    body, slot = change.body, parse_slot(change.slot)
    span = timeframe_ms(slot.timeframe)
    life = next((life for life in lives.get(change.slot, ()) if life.setup == change.setup), None)
    # Bars may be missing: it counts closes, not hours.
    # A replayed past goes on no more.
    goes_on = life is not None and life.ts_bar is not None and not change.is_replayed
    left = _closes_left(life) if life is not None and goes_on else None
    last_close = life.ts_bar + span if life is not None and life.ts_bar is not None and goes_on else None
    return SetupRow(
        setup=change.setup, account=change.account, venue=change.venue, slot=change.slot,
        instrument=slot.instrument, timeframe=slot.timeframe, strategy=slot.strategy,
        side=change.side, state=change.state, cause=str(body["cause"]),
        ts_begun=change.ts_begun, ts_known=change.ts_known,
        entry=number_of(body, "entry"), stop=number_of(body, "stop"), target=number_of(body, "target"),
        score=number_of(body, "score"), nearness=life.nearness if life else number_of(body, "nearness"),
        missing=life.missing if life else "", missing_at=life.missing_at if life else None,
        unmet=_unmet(life),
        ends_ts=None if left is None or last_close is None else last_close + left * span,
        next_close=None if last_close is None else last_close + span,
        is_replayed=change.is_replayed, r=number_of(body, "r"),
        expected_r=mark.expected.value if mark.expected else None,
        expected_n=mark.expected.alike if mark.expected else None,
        alert=mark.alert, threshold=mark.notice.threshold if mark.notice else None,
        rank=mark.notice.rank if mark.notice else None, of=mark.notice.of if mark.notice else None,
    )  # fmt: skip


def to_change_row(change: StoredChange) -> SetupChangeTableRow:
    """Return the row of a change."""
    body = change.body
    return SetupChangeTableRow(
        number=change.number, ts_known=change.ts_known, state=change.state, cause=str(body["cause"]),
        entry=number_of(body, "entry"), stop=number_of(body, "stop"), target=number_of(body, "target"),
        score=number_of(body, "score"), nearness=number_of(body, "nearness"), bars=str(body["bars"]),
        digest=change.digest, r=number_of(body, "r"), funding=number_of(body, "funding"),
    )  # fmt: skip


def number_of(body: Mapping[str, Any], name: str) -> float | None:
    """Return a number of a change; None where it is not known."""
    value = body.get(name)
    return float(value) if isinstance(value, int | float) else None


def _unmet(life: SideLife | None) -> str:
    return "" if life is None else "; ".join(life.unmet) or life.missing


def _closes_left(life: SideLife) -> int:
    most = life.horizon_bars if life.state == "confirmed" else FORMING_CLOSES_AT_MOST
    return max(0, most - life.closes)
