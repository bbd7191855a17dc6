"""Fills made elsewhere: what a person traded at a venue without Vigie, and which of them are the same fill."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
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


def find_new_fills(known: Sequence[OutsideFill], given: Sequence[OutsideFill]) -> list[OutsideFill]:
    """Return the fills that are not known yet, in their order and each with its key.

    A fill with an id is known by it. One without is known by what it says, and as often as it is known: two equal
    partial fills of one second in one file are two fills, and the same file again holds nothing new. A fill that came
    once with an id and once without is one fill, too.

    Parameters
    ----------
    known : sequence of OutsideFill
        Those of the person that are kept; at least all of the seconds of `given`.
    given : sequence of OutsideFill
        In the order of the file or answer.

    Returns
    -------
    list of OutsideFill
    """
    id_contents = {_id_of(fill): _content(fill) for fill in known if fill.outside_id}
    with_id = Counter(id_contents.values())
    without_id = Counter(_content(fill) for fill in known if not fill.outside_id)
    seen_ids: set[tuple[str, str, str]] = set()
    rest: list[tuple[int, OutsideFill]] = []
    for place, fill in enumerate(given):
        if fill.outside_id and (_id_of(fill) in seen_ids or _id_of(fill) in id_contents):
            if _id_of(fill) not in seen_ids:
                with_id[id_contents[_id_of(fill)]] -= 1
            seen_ids.add(_id_of(fill))
            continue
        if fill.outside_id:
            seen_ids.add(_id_of(fill))
        rest.append((place, fill))
    new: list[tuple[int, OutsideFill]] = []
    # Those with ids first: one without may be any fill that says the same.
    for place, fill in sorted(rest, key=lambda item: not item[1].outside_id):
        for pool in (without_id,) if fill.outside_id else (with_id, without_id):
            if pool[_content(fill)] > 0:
                pool[_content(fill)] -= 1
                break
        else:
            new.append((place, fill))
    return _with_keys(known, [fill for _, fill in sorted(new, key=lambda item: item[0])])


def _with_keys(known: Sequence[OutsideFill], new: Sequence[OutsideFill]) -> list[OutsideFill]:
    taken = {fill.key for fill in known}
    keyed: list[OutsideFill] = []
    for fill in new:
        number = 0
        while (key := _key(fill, number)) in taken:
            number += 1
        taken.add(key)
        keyed.append(replace(fill, key=key))
    return keyed


def _id_of(fill: OutsideFill) -> tuple[str, str, str]:
    return fill.venue, fill.instrument, fill.outside_id


def _content(fill: OutsideFill) -> _Content:
    # Equal decimals are equal here, however many zeros they were written with.
    return fill.venue, fill.instrument, fill.side, fill.price, fill.qty, fill.ts // 1_000


def _key(fill: OutsideFill, number: int) -> str:
    venue, instrument, side, price, qty, second = _content(fill)
    said = fill.outside_id or f"{side}|{price.normalize():f}|{qty.normalize():f}|{second}"
    kind = "id" if fill.outside_id else "row"
    text = f"{venue}|{instrument}|{kind}|{said}|{number}"
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]
