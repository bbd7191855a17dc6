"""An account's money as a fold over what the venue did: the same in whatever order, however often, it was told.

Takes fills, funding and adjustments; gives cash, results, positions, trades and each slot's share. Rounds nothing but
the result of a closing fill, which is booked to 1e-8, half to even, as venue and kernel do. Money that was moved
without an intent of ours is booked like any other and said apart; it never turns a position round unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final, TypeAlias

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Fill, FillCause, FundingPayment, Intent
from vigie.trading.statement import EXACT, NOBODY, ZERO, Adjustment, Share, Statement, Trade, Unasked, booked

_Entry: TypeAlias = Adjustment | FundingPayment | Fill
_ORDER: Final[dict[type, int]] = {Adjustment: 0, FundingPayment: 1, Fill: 2}
# A stop or target rides with an entry of ours; the venue or a person does the rest by themselves.
_LEVELS: Final[tuple[FillCause, ...]] = ("stop", "target")


def balances(
    capital: Decimal,
    *,
    fills: Iterable[Fill] = (),
    fundings: Iterable[FundingPayment] = (),
    adjustments: Iterable[Adjustment] = (),
    intents: Mapping[str, Intent] | None = None,
    leverage: Decimal | None = None,
) -> Statement:
    """Return an account's money after everything that is known.

    Parameters
    ----------
    capital : Decimal
        Cash before the first of them.
    fills, fundings, adjustments : iterables
        In any order, any of them any number of times. They count in the order of their times; of one time adjustments
        come first, then funding, then fills by their ids as venues count them (the shorter first).
    intents : mapping, optional
        Our orders by client id: whose a fill is, and whether it may only reduce.
    leverage : Decimal, optional
        Where given, a liquidation costs the initial margin by definition (fill model, rule 9), else what its price
        says.

    Returns
    -------
    Statement
        Exact; zeros and empty tuples besides `cash` where nothing happened.

    Raises
    ------
    InvariantBroken
        If an order of ours, or a level, closed more than was held, or opened against a position or beside another
        slot's, though nobody else had touched the instrument; if one id was told with different money.
    """
    with localcontext(EXACT):
        fold = _Fold(intents or {}, leverage)
        told: list[_Entry] = [*_once(adjustments), *_once(fundings), *_once(fills)]
        for one in sorted(told, key=_moment):
            fold.add(one)
        return fold.statement(capital)


def _moment(one: _Entry) -> tuple[int, int, int, str, str]:
    return one.ts, _ORDER[type(one)], len(one.id), one.id, getattr(one, "instrument", "")


def _once(entries: Iterable[_Entry]) -> list[_Entry]:
    found: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        key = (getattr(entry, "instrument", ""), entry.id)
        before = found.get(key)
        if before is not None and _money(before) != _money(entry):
            raise InvariantBroken(
                "reported_different_amounts",
                "{key} was reported with different amounts: {before} and {one}",
                key=" ".join(key).strip(),
                before=before,
                one=entry,
            )
        # The stream may know less than the venue's own list does.
        found[key] = entry if before is None else max(before, entry, key=_telling)
    return list(found.values())


def _money(one: _Entry) -> tuple[Decimal | int, ...]:
    return (one.side, one.qty, one.price, one.fee) if isinstance(one, Fill) else (one.amount,)


def _telling(one: _Entry) -> tuple[bool, bool, int, str]:
    if isinstance(one, Fill):
        return bool(one.client_id), one.cause not in ("order", "other"), -one.ts, repr(one)
    return False, False, -one.ts, repr(one)


@dataclass(slots=True)
class _Position:
    """A trade in the making."""

    instrument: str
    slot: str
    side: int
    ts: int
    client_id: str
    qty: Decimal = ZERO
    closed: Decimal = ZERO
    entry: Fraction = Fraction(0)
    proceeds: Fraction = Fraction(0)
    gross: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    ts_exit: int | None = None
    cause: FillCause = "order"
    closed_by: str = ""

    def add(self, qty: Decimal, price: Decimal) -> None:
        held, more = Fraction(self.qty), Fraction(qty)
        self.entry = (self.entry * held + Fraction(price) * more) / (held + more)
        self.qty += qty

    def close(self, fill: Fill, qty: Decimal, leverage: Decimal | None) -> Decimal:
        part, price = Fraction(qty), Fraction(fill.price)
        if fill.cause == "liquidation" and leverage is not None:
            result = booked(-part * self.entry / Fraction(leverage))
        else:
            result = booked(self.side * part * (price - self.entry))
        self.qty, self.closed, self.gross = self.qty - qty, self.closed + qty, self.gross + result
        self.proceeds += part * price
        self.cause, self.closed_by = fill.cause, fill.client_id
        if not self.qty:
            self.ts_exit = fill.ts
        return result

    def trade(self) -> Trade:
        is_over = self.ts_exit is not None
        return Trade(
            instrument=self.instrument,
            slot=self.slot,
            side=self.side,
            qty=self.closed if is_over else self.qty,
            entry=self.entry,
            exit=self.proceeds / Fraction(self.closed) if self.closed else None,
            gross=self.gross,
            fees=self.fees,
            funding=self.funding,
            ts_entry=self.ts,
            ts_exit=self.ts_exit,
            client_id=self.client_id,
            cause=self.cause,
            closed_by=self.closed_by,
        )


@dataclass(slots=True)
class _Share:
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO


@dataclass(slots=True)
class _Fold:
    """Moments in order; the newest position of an instrument stays known after its end, for funding that comes late."""

    intents: Mapping[str, Intent]
    leverage: Decimal | None
    adjusted: Decimal = ZERO
    newest: dict[str, _Position] = field(default_factory=dict)
    over: list[_Position] = field(default_factory=list)
    shares: dict[str, _Share] = field(default_factory=dict)
    unasked: list[Unasked] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def add(self, one: _Entry) -> None:
        if isinstance(one, Adjustment):
            self.adjusted += one.amount
        elif isinstance(one, Fill):
            self._fill(one)
        else:
            position = self.newest.get(one.instrument)
            if position is not None:
                position.funding += one.amount
            self._share(NOBODY if position is None else position.slot).funding += one.amount

    def _share(self, slot: str) -> _Share:
        return self.shares.setdefault(slot, _Share())

    def _fill(self, fill: Fill) -> None:
        if not (fill.qty > 0 and fill.side in (-1, 1)):
            raise InvariantBroken(
                "must_buy_sell_something",
                "{instrument} {id} must buy or sell something, was {fill}",
                instrument=fill.instrument,
                id=fill.id,
                fill=fill,
            )
        position = self.newest.get(fill.instrument)
        held = position if position is not None and position.qty else None
        closing = min(fill.qty, held.qty) if held is not None and held.side == -fill.side else ZERO
        opening = fill.qty - closing
        intent = self.intents.get(fill.client_id)
        if intent is None and fill.cause not in _LEVELS:
            slot = NOBODY if held is None else held.slot
            self.unasked.append(Unasked(fill, slot, closing, opening))
            self.touched.add(fill.instrument)
        elif fill.instrument not in self.touched:
            _refuse_surprises(fill, intent, held, closing, opening)
        elif opening if intent is None or intent.is_reduce_only else closing:
            # After somebody else's deed on it, what is ours may meet what is theirs.
            self.unasked.append(Unasked(fill, NOBODY if held is None else held.slot, closing, opening))
        fee = booked(Fraction(fill.fee) * Fraction(closing) / Fraction(fill.qty)) if opening else fill.fee
        if held is not None and closing:
            share = self._share(held.slot)
            share.realised += held.close(fill, closing, self.leverage)
            self._pay(held, fee)
            if not held.qty:
                self.over.append(held)
        if opening:
            self._open(fill, intent, held if not closing else None, opening)
            self._pay(self.newest[fill.instrument], fill.fee - fee if closing else fill.fee)
        if not self.newest[fill.instrument].qty:
            self.touched.discard(fill.instrument)

    def _open(self, fill: Fill, intent: Intent | None, held: _Position | None, qty: Decimal) -> None:
        if held is None:
            slot = NOBODY if intent is None else intent.slot
            held = _Position(fill.instrument, slot, fill.side, fill.ts, fill.client_id)
            self.newest[fill.instrument] = held
        held.add(qty, fill.price)

    def _pay(self, position: _Position, fee: Decimal) -> None:
        position.fees += fee
        self._share(position.slot).fees += fee

    def statement(self, capital: Decimal) -> Statement:
        shares = tuple(
            Share(slot, one.realised, one.fees, one.funding) for slot, one in sorted(self.shares.items())
        )
        realised = sum((share.realised for share in shares), ZERO)
        fees = sum((share.fees for share in shares), ZERO)
        funding = sum((share.funding for share in shares), ZERO)
        held = [one for _, one in sorted(self.newest.items()) if one.qty]
        return Statement(
            cash=capital + self.adjusted + realised - fees + funding,
            realised=realised,
            fees=fees,
            funding=funding,
            adjusted=self.adjusted,
            shares=shares,
            held=tuple(one.trade() for one in held),
            trades=tuple(one.trade() for one in self.over),
            unasked=tuple(self.unasked),
        )


def _refuse_surprises(
    fill: Fill, intent: Intent | None, held: _Position | None, closing: Decimal, opening: Decimal
) -> None:
    what = f"{fill.instrument} {fill.id} of {fill.client_id or f'a {fill.cause}'}"
    if intent is None or intent.is_reduce_only:
        if opening:
            raise InvariantBroken(
                "only_close",
                "{what} can only close: {closing} was held at most, {qty} was filled",
                what=what,
                closing=closing,
                qty=fill.qty,
            )
    elif closing:
        raise InvariantBroken(
            "entry_but_closed_opposite_position",
            "{what} is an entry, but it closed {closing} of an opposite position",
            what=what,
            closing=closing,
        )
    elif held is not None and held.slot != intent.slot:
        raise InvariantBroken(
            "entry_into_position",
            "{what} is an entry of {slot} into a position of {slot_2}",
            what=what,
            slot=intent.slot,
            slot_2=held.slot,
        )
