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
from vigie.research.files import to_json_value
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.identity import fingerprint
from vigie.services.runs.results import read_result
from vigie.services.runs.simulated import run_again

_KEY = ("slot", "entry_ts", "side")


def explain_bar(
    data_stores: DataStores, request: BacktestRequest, slot: str, time: str, *, known_bars: str | None = None
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
    run = run_again(data_stores, request)
    number, slot_run = _find_slot(run, slot)
    bars = slot_run.plan.bars
    asked_ms = parse_time(time)
    bar = int(np.searchsorted(bars.ts, asked_ms, side="right")) - 1
    if bar < 0 or asked_ms >= bars.ts[bar] + bars.span_ms:
        raise UsageError(
            "no_bar_covers",
            "no bar of {slot} covers {asked_ms}; there are {ts} to {ts_2}",
            slot=slot,
            asked_ms=iso(asked_ms),
            ts=iso(int(bars.ts[0])),
            ts_2=iso(int(bars.ts[-1])),
        )
    ts = int(bars.ts[bar])
    events = _events_at(run, number, ts)
    position = _position_at(slot_run, bar)
    explanation: dict[str, Any] = to_json_value(
        {
            "slot": str(slot_run.plan.slot),
            "bar": iso(ts),
            "known_at": iso(ts + bars.span_ms),
            "bars_changed": known_bars is not None and fingerprint(run) != known_bars,
            "open": bars.open[bar],
            "high": bars.high[bar],
            "low": bars.low[bar],
            "close": bars.close[bar],
            "sentence": " ".join(
                [
                    *_position_changes(slot_run, bar, asked_ms),
                    _bar_sentence(run, number, bar, events, position),
                ]
            ),
            "criteria": {
                "long": _criterion_rows(slot_run.criteria.long, bar),
                "short": _criterion_rows(slot_run.criteria.short, bar),
                "long_exit": _criterion_rows((slot_run.criteria.long_exit,), bar)
                if slot_run.criteria.long_exit
                else [],
                "short_exit": _criterion_rows((slot_run.criteria.short_exit,), bar)
                if slot_run.criteria.short_exit
                else [],
            },
            "score": {
                "long": float(score_of(slot_run.criteria.long, len(bars))[bar]),
                "short": float(score_of(slot_run.criteria.short, len(bars))[bar]),
            },
            "position": position,
            "events": [event["text"] for event in events],
            "codes": [event["code"] for event in events],
        }
    )
    return explanation


def _find_slot(run: Run, slot_text: str) -> tuple[int, SlotRun]:
    slot_name = _canonical_slot(slot_text)
    exact = [(k, s) for k, s in enumerate(run.slots) if str(s.plan.slot) == slot_name]
    matches = exact or [(k, s) for k, s in enumerate(run.slots) if slot_text.lower() in str(s.plan.slot)]
    if len(matches) != 1:
        names = [str(slot.plan.slot) for _, slot in matches or enumerate(run.slots)]
        # Sorting is stable: equally near ones stay in slot order.
        names.sort(key=lambda name: -SequenceMatcher(None, slot_text.lower(), name).ratio())
        raise UsageError(
            "slot_not_of_run",
            "slot must name one of these, was {slot!r}:\n  {names}",
            slot=slot_text,
            names="\n  ".join(names),
        )
    return matches[0]


def _canonical_slot(slot_text: str) -> str:
    """Spell the instrument of a slot as files do."""
    instrument, slash, rest = slot_text.partition("/")
    if not slash:
        return slot_text
    with suppress(UsageError):  # no instrument: then it may be a part of a slot's name
        return f"{parse_instrument(instrument)}/{rest}"
    return slot_text


def _criterion_rows(criteria: tuple[Criterion, ...], bar: int) -> list[dict[str, Any]]:
    rows = []
    for criterion in criteria:
        reading = criterion.read()
        threshold = np.broadcast_to(reading.threshold, reading.value.shape)
        rows.append(
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
    return rows


def _events_at(run: Run, number: int, ts: int) -> list[dict[str, Any]]:
    log, values = run.log, run.values
    events = []
    for row in np.flatnonzero((log[:, 0] == ts) & (log[:, 1] == number)):
        code = int(log[row, 6])
        code_name = codes.CODES[code]
        side = {1: "long ", -1: "short "}.get(int(log[row, 2]), "")
        if code in codes.REFUSALS:
            text = (
                f"refused: {side}entry, {code_name} (limit {values[row, 0]:.6g}, value {values[row, 1]:.6g})"
            )
        elif code in codes.REASONS:
            text = f"done: {side}position ended, {code_name}"
        else:
            text = f"{side}{code_name.replace('_', ' ')} ({int(log[row, 3])} lots)"
        events.append({"code": code_name, "text": text})
    return events


def _next_open_outcome(run: Run, number: int, ts: int) -> str:
    """Say what became of a decided entry at the open of the bar at `ts`."""
    event_codes = [event["code"] for event in _events_at(run, number, ts)]
    if codes.CODES[codes.ENTRY_INTENT] in event_codes:
        return "it was filled at the next open"
    refused = [code for code in event_codes if code in codes.REFUSALS.values()]
    # Only a liquidation voids an entry without a refusal.
    return (
        f"the next open refused it: {refused[0]}"
        if refused
        else "the position before it was liquidated first"
    )


def _position_at(slot_run: SlotRun, bar: int) -> dict[str, Any] | None:
    for trade in slot_run.trades:
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


def _position_changes(slot_run: SlotRun, bar: int, asked_ms: int) -> list[str]:
    """Say which positions began or ended on a bar; a time taken from trades.csv may be the close of an inside exit."""
    ts = slot_run.plan.bars.ts
    sentences = []
    for trade in slot_run.trades[
        (slot_run.trades["entry_bar"] <= bar) & (slot_run.trades["exit_bar"] >= bar - 1)
    ]:
        side, reason = ("long" if trade["side"] > 0 else "short"), codes.REASONS[int(trade["reason"])]
        if trade["exit_bar"] == bar - 1 and trade["exit_ts"] == asked_ms == ts[bar]:
            sentences.append(
                f"The {side} position ended inside the bar before, which closes now: {reason}; "
                f"ask for {iso(int(ts[bar - 1]))}."
            )
        elif trade["exit_bar"] == bar:
            where = "at this open" if trade["exit_ts"] == ts[bar] else "inside this bar"
            sentences.append(f"The {side} position ended {where}: {reason}.")
        if trade["entry_bar"] == bar:
            decided = iso(int(trade["decision_ts"]))
            opened = f"A {side} was opened at this open; it was decided at the close of the bar of {decided}."
            sentences.insert(len(sentences) - (trade["exit_bar"] == bar), opened)
    return sentences


def _bar_sentence(
    run: Run, number: int, bar: int, events: list[dict[str, Any]], position: Mapping[str, Any] | None
) -> str:
    slot_run = run.slots[number]
    event_codes = {event["code"] for event in events}
    refused = event_codes & set(codes.REFUSALS.values())
    if "entry_decided" in event_codes:
        outcome = _next_open_outcome(run, number, int(slot_run.plan.bars.ts[bar + 1]))
        return f"An entry was decided at this close; {outcome}."
    if refused:
        return f"There was a signal and no trade: {', '.join(sorted(refused))}."
    if position is not None:
        return f"A {position['side']} position was open; it ended by {position['reason']}."
    if bar < slot_run.plan.first:
        return "This bar is for the indicators only; nothing is decided on it."
    if bar < slot_run.criteria.warmup:
        warmup = slot_run.criteria.warmup
        return f"The strategy declares a warm-up of {warmup} bars; no entry is decided before its end."
    if bar == len(slot_run.plan.bars) - 1:
        return "The last bar: nothing is decided on it, there is no next open."
    missing = {
        side: [c.name for c in criteria if c.required and not c.read().holds[bar]]
        for side, criteria in (("long", slot_run.criteria.long), ("short", slot_run.criteria.short))
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
    settings = _diff_values(_setting_values(a), _setting_values(b))
    settings += _diff_slots(slots_a, slots_b)
    for what in ("version", "data_fingerprint", "decision_hash"):
        if a[what] != b[what]:
            settings.append({"what": what, "first": a[what][:16], "second": b[what][:16]})
    figures = _diff_values(_flatten_values(a["total"], "total."), _flatten_values(b["total"], "total."))
    for name in (name for name in slots_a if name in slots_b):
        slot_figures = [
            {what: slots[name].get(what) for what in ("trades", "total_return")}
            for slots in (slots_a, slots_b)
        ]
        figures += _diff_values(*(_flatten_values(values, f"{name} ") for values in slot_figures))
    trades = _diff_trades(first, second)
    same = (
        not settings
        and not figures
        and not any(trades[key] for key in ("only_first", "only_second", "changed"))
    )
    return {"same": same, "settings": settings, "figures": figures, "trades": trades}


def _setting_values(result: Mapping[str, Any]) -> dict[str, Any]:
    # Slots are compared by their names: a slot more would move all that come behind it.
    return _flatten_values(
        {name: value for name, value in result["configuration"].items() if name != "slots"}
    )


def _diff_slots(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name in [*a, *(name for name in b if name not in a)]:
        if name in a and name in b:
            slot_settings = [
                {"params": slots[name]["params"], "require": ", ".join(slots[name].get("require", ()))}
                for slots in (a, b)
            ]
            rows += _diff_values(*(_flatten_values(values, f"{name} ") for values in slot_settings))
        else:
            traded = ["traded" if name in slots else None for slots in (a, b)]
            rows.append({"what": name, "first": traded[0], "second": traded[1]})
    return rows


def _flatten_values(value: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        flat: dict[str, Any] = {}
        for key, entry in value.items():
            flat.update(
                _flatten_values(
                    entry, f"{prefix}{key}." if isinstance(entry, dict | list) else f"{prefix}{key}"
                )
            )
        return flat
    if isinstance(value, list):
        flat = {}
        for index, entry in enumerate(value):
            flat.update(
                _flatten_values(
                    entry, f"{prefix}{index}." if isinstance(entry, dict | list) else f"{prefix}{index}"
                )
            )
        return flat
    return {prefix: value}


def _diff_values(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = [*a, *(key for key in b if key not in a)]
    return [{"what": k, "first": a.get(k), "second": b.get(k)} for k in keys if a.get(k) != b.get(k)]


def _diff_trades(first: Path, second: Path) -> dict[str, Any]:
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
        raise UsageError(
            "must_folder_run", "{folder} must be the folder of a run, it has no trades.csv", folder=folder
        ) from fault
