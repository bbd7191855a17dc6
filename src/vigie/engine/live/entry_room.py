"""What each limit of an account leaves for an entry: of its size, of the count of positions, of what may be lost.

Takes the account's records as they stand at a close; gives a row a limit. Exposure is measured by the function that the
kernel sizes with, and what cash affords by the station that meets the open; the other sizes are the kernel's formulas,
held to it by a property test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vigie.engine import kernel
from vigie.engine.books import Books, Slots
from vigie.quant import money
from vigie.trading.risk import exposure
from vigie.trading.risk.samples import NO_DAY

SIZE, COUNT, LOSS = "size", "count", "loss"


@dataclass(frozen=True, slots=True)
class LimitRoom:
    """What one limit leaves.

    Attributes
    ----------
    name : str
        As ``risk``, ``margin``, ``max_positions``, ``daily_loss``.
    kind : str
        ``size``: notional of the entry, quote units, and of ``risk`` the money that is lost at the stop; ``count``: how
        many; ``loss``: what may be lost from now on before nothing is entered, quote units.
    most : float
        The limit.
    used : float or None
        What is held, counted or lost already; of a loss, a gain is below 0 and may be lost, too. None where it limits
        each entry alone.
    left : float
        >= 0.
    left_qty : float or None
        Largest quantity that it lets in, base units, not rounded to lots; None where it limits no quantity.
    """

    name: str
    kind: str
    most: float
    used: float | None
    left: float
    left_qty: float | None = None


@dataclass(frozen=True, slots=True)
class RoomAt:
    """A slot's entry at the close at which it is decided.

    Attributes
    ----------
    rule, settings : record
        In force for the slot then.
    equity : float
        What it is sized with, quote units.
    close, stop : float
        Quote units.
    now : int
        Of the close, epoch milliseconds.
    """

    number: int
    rule: np.void
    settings: np.void
    equity: float
    close: float
    stop: float
    now: int


def size_rooms(books: Books, shared: Slots, at: RoomAt) -> list[LimitRoom]:
    """Return what risk, leverage, exposure, margin and the venue leave of the size."""
    rules, settings, rule = books.protections[0], at.settings, at.rule
    is_on = rules["on"] == 1
    leverage = min(settings["leverage"], rule["leverage_cap"]) if is_on else settings["leverage"]
    is_halved = is_on and books.account[0]["halved"] == 1
    risk = at.equity * (settings["risk_fraction"] * 0.5 if is_halved else settings["risk_fraction"])
    distance = abs(at.close - at.stop)
    rooms = [
        LimitRoom("risk", SIZE, risk, None, risk, float(risk / distance) if distance > 0.0 else None),
        alone_room("leverage", at.equity * leverage, at.equity * leverage / at.close),
    ]
    if is_on:
        budget = at.equity * settings["leverage"]
        left = exposure.exposure_rooms(
            books.slots, shared.instrument, at.number, books.together, at.equity, settings["leverage"], rules
        )
        shares = (rules["instrument_exposure"], rules["group_exposure"], rules["margin"])
        names = ("instrument_exposure", "correlated_exposure", "margin")
        rooms += [
            _of_notional(name, share * budget, room, at.close)
            for name, share, room in zip(names, shares, left, strict=True)
            if share > 0.0
        ]
    if rule["max_qty"] < kernel.NO_LIMIT:
        most = float(rule["max_qty"])
        rooms.append(alone_room("max_qty", most * at.close, most))
    return rooms


def count_rooms(books: Books, number: int) -> list[LimitRoom]:
    """Return how many positions the account may still open."""
    rules = books.protections[0]
    if rules["on"] == 0:
        return []
    held = sum(
        int(slot["side"] != 0 or slot["pending_side"] != 0)
        for other, slot in enumerate(books.slots)
        if other != number
    )
    return [count_room("max_positions", int(rules["positions"]), held)]


def count_room(name: str, most: int, used: int) -> LimitRoom:
    """Return what a limit of a count leaves."""
    return LimitRoom(name, COUNT, float(most), float(used), float(max(most - used, 0)))


def loss_rooms(books: Books, shared: Slots, at: RoomAt) -> list[LimitRoom]:
    """Return what may be lost before a limit of loss refuses entries; nothing where it does already."""
    rules, account, slot = books.protections[0], books.account[0], books.slots[at.number]
    if rules["on"] == 0:
        return []
    capital = float(shared.settings[0]["capital"])
    close = books.instruments[shared.instrument[at.number]]["last_close"]
    result = float(money.amount_of(slot["result_minor"]) + kernel.open_result(slot, close))
    opened = float(account["day_open"])
    slot_most = rules["slot_drawdown"] * capital
    rooms = [
        loss_room(
            "daily_loss", rules["daily_loss"] * opened, opened - at.equity, is_over=account["daily_latched"] == 1
        ),
        _of_peak(
            "window_drawdown", rules["window_drawdown"], _window_peak(books, at.equity), at, account["window_until"]
        ),
        _of_peak("global_drawdown", rules["global_drawdown"], account["global_peak"], at, account["global_until"]),
        _of_peak("account_drawdown", rules["halt_drawdown"], account["halt_peak"], at, account["halt_until"]),
        loss_room("slot_drawdown", slot_most, slot["peak"] - result, is_over=at.now < slot["lock_until"]),
    ]  # fmt: skip
    return [room for room in rooms if room.most > 0.0]


def alone_room(name: str, notional: float, qty: float) -> LimitRoom:
    """Return what a limit leaves that each entry meets alone: all of it."""
    return LimitRoom(name, SIZE, float(notional), None, float(notional), float(qty))


def loss_room(name: str, most: float, lost: float, *, is_over: bool = False) -> LimitRoom:
    """Return what a limit of loss leaves; zero where it refuses already."""
    left = 0.0 if is_over else max(float(most) - float(lost), 0.0)
    return LimitRoom(name, LOSS, float(most), float(lost), left)


def binding_size(rooms: Iterable[LimitRoom]) -> LimitRoom | None:
    """Return the limit that decides the size: the one with the smallest quantity left."""
    sized = [room for room in rooms if room.left_qty is not None]
    return min(sized, key=lambda room: room.left_qty or 0.0, default=None)


def _of_notional(name: str, most: float, left: float, price: float) -> LimitRoom:
    room = max(float(left), 0.0)
    return LimitRoom(name, SIZE, float(most), float(most - left), room, room / price)


def _of_peak(name: str, share: float, peak: float, at: RoomAt, until: int) -> LimitRoom:
    # The peak is noted at the next sample: what stands above it now is one.
    top = max(float(peak), at.equity)
    return loss_room(name, float(share) * top, top - at.equity, is_over=at.now < until)


def _window_peak(books: Books, equity: float) -> float:
    day, days = int(books.account[0]["day"]), len(books.peak_days)
    known = [
        float(peak)
        for noted, peak in zip(books.peak_days, books.peaks, strict=True)
        if noted != NO_DAY and noted > day - days
    ]
    return max([equity, *known])
