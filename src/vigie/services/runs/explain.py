"""Why there was a trade or none at a bar, and what differs between two runs; from the arrays of the run itself."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain import codes
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.signal import Criterion
from vigie.domain.time import iso, parse_time
from vigie.engine.run import Run, SlotRun
from vigie.engine.signals import score_of
from vigie.research.files import plain
from vigie.services.demo import run_again
from vigie.services.runs.asked import BacktestRequest
from vigie.services.runs.identity import fingerprint
from vigie.services.runs.results import read_result

_KEY = ("slot", "entry_ts", "side")


def explain_bar(
    desk: DataStores, request: BacktestRequest, slot: str, time: str, *, known_bars: str | None = None
) -> dict[str, Any]:
    """Say why there was a trade, or why none, at one bar.

    Parameters
    ----------
    request : BacktestRequest
        Of the run that is asked about; it is run again, which gives the same arrays.
    slot : str
        ``btc-usdt-perp/1d/macd_cross``, ``BTC/1d/macd_cross``, or any part of it that names one slot.
    time : str
        A time inside the bar.
    known_bars : str, optional
        Fingerprint of the data of the run that is asked about.

    Returns
    -------
    dict
        ``bars_changed`` says whether the data are others than they were then.

    Raises
    ------
    UsageError
        If there is no such slot or bar.
    """
    run = run_again(desk, request)
    number, found = _slot(run, slot)
    bars = found.plan.bars
    asked = parse_time(time)
    bar = int(np.searchsorted(bars.ts, asked, side="right")) - 1
    if bar < 0 or asked >= bars.ts[bar] + bars.span_ms:
        raise UsageError(
            f"no bar of {slot} holds {iso(asked)}; there are {iso(int(bars.ts[0]))} to {iso(int(bars.ts[-1]))}"
        )
    ts = int(bars.ts[bar])
    events = _events(run, number, ts)
    position = _position(found, bar)
    answer: dict[str, Any] = plain(
        {
            "slot": str(found.plan.slot),
            "bar": iso(ts),
            "known_at": iso(ts + bars.span_ms),
            "bars_changed": known_bars is not None and fingerprint(run) != known_bars,
            "open": bars.open[bar],
            "high": bars.high[bar],
            "low": bars.low[bar],
            "close": bars.close[bar],
            "sentence": " ".join([*_done(found, bar, asked), _sentence(run, number, bar, events, position)]),
            "criteria": {
                "long": _cards(found.criteria.long, bar),
                "short": _cards(found.criteria.short, bar),
                "long_exit": _cards((found.criteria.long_exit,), bar) if found.criteria.long_exit else [],
                "short_exit": _cards((found.criteria.short_exit,), bar) if found.criteria.short_exit else [],
            },
            "score": {
                "long": float(score_of(found.criteria.long, len(bars))[bar]),
                "short": float(score_of(found.criteria.short, len(bars))[bar]),
            },
            "position": position,
            "events": [event["text"] for event in events],
            "codes": [event["code"] for event in events],
        }
    )
    return answer


def _slot(run: Run, asked: str) -> tuple[int, SlotRun]:
    wanted = _canonical(asked)
    exact = [(k, s) for k, s in enumerate(run.slots) if str(s.plan.slot) == wanted]
    near = exact or [(k, s) for k, s in enumerate(run.slots) if asked.lower() in str(s.plan.slot)]
    if len(near) != 1:
        names = [str(slot.plan.slot) for _, slot in near or enumerate(run.slots)]
        # Sorting is stable: equally near ones stay in slot order.
        names.sort(key=lambda name: -SequenceMatcher(None, asked.lower(), name).ratio())
        raise UsageError("\n  ".join((f"slot must name one of these, was {asked!r}:", *names)))
    return near[0]


def _canonical(asked: str) -> str:
    """Spell the instrument of a slot as files do."""
    instrument, slash, rest = asked.partition("/")
    if not slash:
        return asked
    with suppress(UsageError):  # no instrument: then it may be a part of a slot's name
        return f"{parse_instrument(instrument)}/{rest}"
    return asked


def _cards(criteria: tuple[Criterion, ...], bar: int) -> list[dict[str, Any]]:
    cards = []
    for criterion in criteria:
        reading = criterion.read()
        threshold = np.broadcast_to(reading.threshold, reading.value.shape)
        cards.append(
            {
                "name": criterion.name,
                "value": float(reading.value[bar]),
                "threshold": float(threshold[bar]),
                # A crossing was read off two bars; with one of them it looks like a contradiction.
                "before": {"value": float(reading.value[bar - 1]), "threshold": float(threshold[bar - 1])}
                if reading.is_crossing and bar
                else None,
                "holds": bool(reading.holds[bar]),
                "required": criterion.required,
                "weight": criterion.weight,
                "nearness": float(criterion.nearness()[bar]),
            }
        )
    return cards


def _events(run: Run, number: int, ts: int) -> list[dict[str, Any]]:
    log, values = run.log, run.values
    events = []
    for row in np.flatnonzero((log[:, 0] == ts) & (log[:, 1] == number)):
        code = int(log[row, 6])
        word = codes.CODES[code]
        side = {1: "long ", -1: "short "}.get(int(log[row, 2]), "")
        if code in codes.REFUSALS:
            text = f"refused: {side}entry, {word} (limit {values[row, 0]:.6g}, value {values[row, 1]:.6g})"
        elif code in codes.REASONS:
            text = f"done: {side}position ended, {word}"
        else:
            text = f"{side}{word.replace('_', ' ')} ({int(log[row, 3])} lots)"
        events.append({"code": word, "text": text})
    return events


def _met_the_open(run: Run, number: int, ts: int) -> str:
    """Say what became of a decided entry at the open of the bar at `ts`."""
    found = [event["code"] for event in _events(run, number, ts)]
    if codes.CODES[codes.ENTRY_INTENT] in found:
        return "it was filled at the next open"
    refused = [code for code in found if code in codes.REFUSALS.values()]
    # Only a liquidation voids an entry without a refusal.
    return (
        f"the next open refused it: {refused[0]}"
        if refused
        else "the position before it was liquidated first"
    )


def _position(found: SlotRun, bar: int) -> dict[str, Any] | None:
    for trade in found.trades:
        if trade["entry_bar"] <= bar <= trade["exit_bar"]:
            return {
                "side": "long" if trade["side"] > 0 else "short",
                "entry_ts": iso(int(trade["entry_ts"])),
                "entry_price": float(trade["entry"]),
                "stop": float(trade["stop"]),
                "target": float(trade["target"]),
                "exit_ts": iso(int(trade["exit_ts"])),
                "reason": codes.REASONS[int(trade["reason"])],
                "pnl": float(trade["pnl"]),
            }
    return None


def _done(found: SlotRun, bar: int, asked: int) -> list[str]:
    """Say which positions began or ended on a bar; a time taken from trades.csv may be the close of an inside exit."""
    ts = found.plan.bars.ts
    said = []
    for trade in found.trades[(found.trades["entry_bar"] <= bar) & (found.trades["exit_bar"] >= bar - 1)]:
        side, reason = ("long" if trade["side"] > 0 else "short"), codes.REASONS[int(trade["reason"])]
        if trade["exit_bar"] == bar - 1 and trade["exit_ts"] == asked == ts[bar]:
            said.append(
                f"The {side} position ended inside the bar before, which closes now: {reason}; "
                f"ask for {iso(int(ts[bar - 1]))}."
            )
        elif trade["exit_bar"] == bar:
            where = "at this open" if trade["exit_ts"] == ts[bar] else "inside this bar"
            said.append(f"The {side} position ended {where}: {reason}.")
        if trade["entry_bar"] == bar:
            decided = iso(int(trade["decision_ts"]))
            opened = f"A {side} was opened at this open; it was decided at the close of the bar of {decided}."
            said.insert(len(said) - (trade["exit_bar"] == bar), opened)
    return said


def _sentence(
    run: Run, number: int, bar: int, events: list[dict[str, Any]], position: Mapping[str, Any] | None
) -> str:
    found = run.slots[number]
    words = {event["code"] for event in events}
    refused = words & set(codes.REFUSALS.values())
    if "entry_decided" in words:
        met = _met_the_open(run, number, int(found.plan.bars.ts[bar + 1]))
        return f"An entry was decided at this close; {met}."
    if refused:
        return f"There was a signal and no trade: {', '.join(sorted(refused))}."
    if position is not None:
        return f"A {position['side']} position was open; it ended by {position['reason']}."
    if bar < found.plan.first:
        return "This bar is for the indicators only; nothing is decided on it."
    if bar < found.criteria.warmup:
        return f"The strategy declares a warm-up of {found.criteria.warmup} bars; no entry is decided before its end."
    if bar == len(found.plan.bars) - 1:
        return "The last bar: nothing is decided on it, there is no next open."
    missing = {
        side: [c.name for c in criteria if c.required and not c.read().holds[bar]]
        for side, criteria in (("long", found.criteria.long), ("short", found.criteria.short))
    }
    if not all(missing.values()):
        return "The criteria hold, but its exit condition or ATR(14) is not known yet: nothing is decided."
    return (
        "No signal: " + "; ".join(f"{side} lacks {', '.join(names)}" for side, names in missing.items()) + "."
    )


def compare_runs(first: Path, second: Path) -> dict[str, Any]:
    """Return what differs between the folders of two runs: settings, figures, trades."""
    a, b = read_result(first), read_result(second)
    slots_a = {slot["slot"]: slot for slot in a["slots"]}
    slots_b = {slot["slot"]: slot for slot in b["slots"]}
    settings = _differences(_settings(a), _settings(b))
    settings += _slot_differences(slots_a, slots_b)
    for what in ("version", "data_fingerprint", "decision_hash"):
        if a[what] != b[what]:
            settings.append({"what": what, "first": a[what][:16], "second": b[what][:16]})
    figures = _differences(_flat(a["total"], "total."), _flat(b["total"], "total."))
    for name in (name for name in slots_a if name in slots_b):
        known = [
            {what: slots[name].get(what) for what in ("trades", "total_return")}
            for slots in (slots_a, slots_b)
        ]
        figures += _differences(*(_flat(one, f"{name} ") for one in known))
    trades = _trades(first, second)
    same = (
        not settings
        and not figures
        and not any(trades[key] for key in ("only_first", "only_second", "changed"))
    )
    return {"same": same, "settings": settings, "figures": figures, "trades": trades}


def _settings(result: Mapping[str, Any]) -> dict[str, Any]:
    # Slots are compared by their names: a slot more would move all that come behind it.
    return _flat({name: value for name, value in result["configuration"].items() if name != "slots"})


def _slot_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name in [*a, *(name for name in b if name not in a)]:
        if name in a and name in b:
            chosen = [
                {"params": slots[name]["params"], "require": ", ".join(slots[name].get("require", ()))}
                for slots in (a, b)
            ]
            rows += _differences(*(_flat(one, f"{name} ") for one in chosen))
        else:
            traded = ["traded" if name in slots else None for slots in (a, b)]
            rows.append({"what": name, "first": traded[0], "second": traded[1]})
    return rows


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, entry in value.items():
            found.update(
                _flat(entry, f"{prefix}{key}." if isinstance(entry, dict | list) else f"{prefix}{key}")
            )
        return found
    if isinstance(value, list):
        found = {}
        for at, entry in enumerate(value):
            found.update(
                _flat(entry, f"{prefix}{at}." if isinstance(entry, dict | list) else f"{prefix}{at}")
            )
        return found
    return {prefix: value}


def _differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = [*a, *(key for key in b if key not in a)]
    return [{"what": k, "first": a.get(k), "second": b.get(k)} for k in keys if a.get(k) != b.get(k)]


def _trades(first: Path, second: Path) -> dict[str, Any]:
    a, b = _read_trades(first), _read_trades(second)
    shared = [key for key in a if key in b]
    return {
        "same": sum(a[key] == b[key] for key in shared),
        "only_first": [" ".join(key) for key in a if key not in b],
        "only_second": [" ".join(key) for key in b if key not in a],
        "changed": [
            f"{' '.join(key)}: {name} {a[key][name]} -> {b[key][name]}"
            for key in shared
            for name in a[key]
            if a[key][name] != b[key].get(name)
        ],
    }


def _read_trades(folder: Path) -> dict[tuple[str, ...], dict[str, str]]:
    path = folder / "trades.csv"
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return {tuple(row[name] for name in _KEY): row for row in csv.DictReader(file)}
    except OSError as fault:
        raise UsageError(f"{folder} must be the folder of a run, it has no trades.csv") from fault
