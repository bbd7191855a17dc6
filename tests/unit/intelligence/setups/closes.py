"""Closes of a made-up slot, said in few words."""

from __future__ import annotations

import math

from vigie.domain.ids import SlotId
from vigie.domain.setup import EntryTerms, InsideEvent, SetupChange, SideLife
from vigie.domain.signal import CriterionState, Outlook, Signal
from vigie.domain.time import HOUR_MS
from vigie.intelligence.setups.life import SetupClose, advance

SLOT = SlotId("btc-usdt-perp", "1h", "donchian_breakout")
START = 1_750_000_000_000 // HOUR_MS * HOUR_MS


def outlook(nearness: float) -> Outlook:
    state = CriterionState("Close above the channel", 1.0, 2.0, 1.0, True, nearness == 1.0, nearness, "above")
    return Outlook(1.0 if nearness == 1.0 else 0.0, nearness, (state,))


def close(
    bar: int,
    *,
    side="none",
    forming="none",
    long=math.nan,
    short=math.nan,
    price=100.0,
    stop=None,
    horizon=None,
    exits=(),
    strategy="a",
    refusal="",
    flagged=None,
) -> SetupClose:
    exit_states = {name: CriterionState("exit", 1.0, 0.0, 1.0, True, True, 1.0, "above") for name in exits}
    ts = START + bar * HOUR_MS
    signal = Signal(
        f"{SLOT}@{ts}", "binance-perp", SLOT, {}, ts, ts + HOUR_MS, side, forming, price, stop, None, None, None,
        horizon, 0, outlook(long), outlook(short), exit_states, refusal,
    )  # fmt: skip
    return SetupClose(signal, flagged or side, EntryTerms(5.0, 7.5, 5.0), strategy, lambda: f"bars of {bar}")


def forming(bar: int, **more) -> SetupClose:
    return close(bar, **{"forming": "long", "long": 0.8, "stop": 90.0, **more})


def decided(bar: int, **more) -> SetupClose:
    return close(bar, **{"side": "long", "long": 1.0, "stop": 90.0, **more})


def lived(closes, *, inside: dict[int, InsideEvent] | None = None, side="long") -> list[SetupChange]:
    """Return the changes of one side; `inside` says by place in `closes` what the fill model did in that bar."""
    life, changes = SideLife(side), []
    for place, one in enumerate(closes):
        life, change = advance(life, one, (inside or {}).get(place))
        if change is not None:
            changes.append(change)
    return changes


def told(changes) -> list[tuple[str, str]]:
    return [(change.state, change.cause) for change in changes]
