"""What fills close beyond a position is taken from them, with its share of the fee, and nothing else is."""

from __future__ import annotations

from decimal import Decimal

from vigie.domain.order import Fill
from vigie.engine.live.book.surplus import Surplus


def sale(id_: str, qty: str) -> Fill:
    """A sale at 100 for a fee of 1."""
    return Fill("btc", id_, id_, "", -1, Decimal(qty), Decimal(100), Decimal(1), 0)


def test_a_fill_within_the_position_stays_whole_and_leaves_no_surplus() -> None:
    surplus, fills = Surplus(), [sale("1", "2"), sale("2", "3")]
    assert surplus.cut_surplus(0, fills, Decimal(5)) == fills
    assert surplus.all_fills() == []
    assert surplus.take_closed() == []


def test_a_fill_beyond_the_position_is_split_at_its_end() -> None:
    surplus, fills = Surplus(), [sale("1", "2"), sale("2", "4"), sale("3", "1")]
    within = surplus.cut_surplus(0, fills, Decimal(3))
    assert [(fill.id, fill.qty, fill.fee) for fill in within] == [
        ("1", Decimal(2), Decimal(1)),
        ("2", Decimal(1), Decimal("0.25")),
    ]
    assert [(fill.id, fill.qty, fill.fee) for fill in surplus.all_fills()] == [
        ("2", Decimal(3), Decimal("0.75")),
        ("3", Decimal(1), Decimal(1)),
    ]
    assert surplus.net_qty(0) == -4
