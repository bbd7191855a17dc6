"""Fills made elsewhere: what a person traded at a venue without Vigie, and which of them are the same fill."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

FillSide = Literal["buy", "sell"]
FillOrigin = Literal["form", "file", "address"]
KEY_LENGTH: Final = 16

# What makes two fills without ids the same: venues' files tell times to the second.
_Content = tuple[str, str, str, Decimal, Decimal, int]


@dataclass(frozen=True, slots=True)
class OutsideFill:
    """One fill that a venue made for a person, outside of Vigie.

    Attributes
    ----------
    venue, instrument : str
        ``binance-perp`` and ``btc-usdt-perp``.
    side : str
        ``buy`` or ``sell``.
    price, qty : Decimal
        Of the quote currency, and of the base; both positive.
    fee : Decimal
        What was paid, in `fee_currency`; a rebate is negative.
    ts : int
        Epoch milliseconds UTC.
    origin : str
        How it came here: ``form``, ``file`` or ``address``.
    outside_id : str
        The venue's id of it; empty where none is told.
    position_before : Decimal or None
        Signed position of the account in the instrument before it, where the venue tells it.
    asset : str
        Catalogue id of the coin; empty where several have its ticker and nobody said which, or none is known.
    address : str
        Id of the address that it was read of; empty otherwise.
    key : str
        16 hexadecimal digits once it is kept; empty before.
    """

    venue: str
    instrument: str
    side: FillSide
    price: Decimal
    qty: Decimal
    fee: Decimal
    fee_currency: str
    ts: int
    origin: FillOrigin
    outside_id: str = ""
    position_before: Decimal | None = None
    asset: str = ""
    address: str = ""
    key: str = ""

    @property
    def signed_qty(self) -> Decimal:
        """The quantity, negative for a sale."""
        return self.qty if self.side == "buy" else -self.qty


@dataclass(frozen=True, slots=True)
class SortedFills:
    """What fills mean beside those that are kept.

    Attributes
    ----------
    new : sequence of OutsideFill
        Not known yet, in their order and each with its key.
    adopted : sequence of OutsideFill
        Kept ones of a form or a file that an address told, too: with its id, its position before, its address.
    """

    new: Sequence[OutsideFill]
    adopted: Sequence[OutsideFill]


def sort_fills(known: Sequence[OutsideFill], given: Sequence[OutsideFill]) -> SortedFills:
    """Tell which fills are not known yet.

    A fill with an id is known by it and its side. One without is known by what it says, and as often as it is known:
    two equal partial fills of one second in one file are two fills, and the same file again holds nothing new. A fill
    that came once with an id and once without is one fill, too.

    Parameters
    ----------
    known : sequence of OutsideFill
        All of the person that are kept.
    given : sequence of OutsideFill
        In the order of the file or answer.

    Returns
    -------
    SortedFills
    """
    by_id = {_id_of(fill): fill for fill in known if fill.outside_id}
    named, unnamed = _pool(by_id.values()), _pool(fill for fill in known if not fill.outside_id)
    seen_ids: set[tuple[str, str, str, str]] = set()
    rest: list[tuple[int, OutsideFill]] = []
    adopted: list[OutsideFill] = []
    for place, fill in enumerate(given):
        if fill.outside_id:
            if _id_of(fill) in seen_ids:
                continue
            seen_ids.add(_id_of(fill))
            if (same := by_id.get(_id_of(fill))) is not None:
                named[_content(same)].pop(same.key)
                if fill.address and not same.address:
                    adopted.append(_adopted(same, fill))
                continue
        rest.append((place, fill))
    new: list[tuple[int, OutsideFill]] = []
    # Those with ids first: one without may be any fill that says the same.
    for place, fill in sorted(rest, key=lambda item: not item[1].outside_id):
        pools = (unnamed,) if fill.outside_id else (named, unnamed)
        same = next((_take_first(pool[_content(fill)]) for pool in pools if pool[_content(fill)]), None)
        if same is None:
            new.append((place, fill))
        elif fill.address:
            adopted.append(_adopted(same, fill))
    return SortedFills(
        _with_keys(known, [fill for _, fill in sorted(new, key=lambda item: item[0])]), adopted
    )


def _adopted(kept: OutsideFill, told: OutsideFill) -> OutsideFill:
    return replace(
        kept, outside_id=told.outside_id, position_before=told.position_before, address=told.address
    )


def _pool(fills: Iterable[OutsideFill]) -> defaultdict[_Content, dict[str, OutsideFill]]:
    """Return fills by what they say, each in its order and by its key."""
    pool: defaultdict[_Content, dict[str, OutsideFill]] = defaultdict(dict)
    for fill in fills:
        pool[_content(fill)][fill.key] = fill
    return pool


def _take_first(pool: dict[str, OutsideFill]) -> OutsideFill:
    return pool.pop(next(iter(pool)))


def _with_keys(known: Sequence[OutsideFill], new: Sequence[OutsideFill]) -> list[OutsideFill]:
    taken = {fill.key for fill in known}
    keyed: list[OutsideFill] = []
    # Of thousands that say the same none counts from the first one on again.
    numbers: defaultdict[str, int] = defaultdict(int)
    for fill in new:
        first = _key(fill, 0)
        number = numbers[first]
        while (key := _key(fill, number)) in taken:
            number += 1
        taken.add(key)
        numbers[first] = number + 1
        keyed.append(replace(fill, key=key))
    return keyed


def _id_of(fill: OutsideFill) -> tuple[str, str, str, str]:
    # Who trades with themselves has one trade twice, on either side.
    return fill.venue, fill.instrument, fill.outside_id, fill.side


def _content(fill: OutsideFill) -> _Content:
    # Equal decimals are equal here, however many zeros they were written with.
    return fill.venue, fill.instrument, fill.side, fill.price, fill.qty, fill.ts // 1_000


def _key(fill: OutsideFill, number: int) -> str:
    venue, instrument, side, price, qty, second = _content(fill)
    said = fill.outside_id or f"{side}|{price.normalize():f}|{qty.normalize():f}|{second}"
    kind = "id" if fill.outside_id else "row"
    text = f"{venue}|{instrument}|{kind}|{said}|{number}"
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]
