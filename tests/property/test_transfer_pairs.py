"""Proposed transfers: no place loses or gains a coin by them, whatever the order of files, and undone they are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.holding import HoldingRecord, current_records, holding_content, holding_event
from vigie.intelligence.holdings.booking import BookRules, book_events
from vigie.intelligence.holdings.events import read_events
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.services.holdings.transfer_pairs import MOST_FEE, propose_transfers

BEGUN = datetime(2025, 2, 1, tzinfo=UTC)
FEES = ({}, {"amount": "1", "cur": "EUR"}, {"asset": "btc", "qty": "0.01"}, {"asset": "eth", "qty": "0.1"})
MOVES = st.tuples(
    st.sampled_from(["out", "in", "loss", "sell"]),
    st.sampled_from(["Kraken", "Ledger"]),
    st.sampled_from(["btc", "eth"]),
    st.sampled_from(["1", "0.99", "0.95", "0.94", "0.123456789012345678"]),
    st.integers(0, 6),
    st.sampled_from(FEES),
)
# Made to fit: what left, and of the same coin what arrived, perhaps less.
PAIRS = st.tuples(
    st.sampled_from(["out", "out", "loss", "sell"]),
    st.sampled_from(["btc", "eth"]),
    st.sampled_from([("1", "1"), ("1", "0.99"), ("0.123456789012345678", "0.12")]),
    st.sampled_from(FEES),
    st.sampled_from(FEES[:2]),
).map(
    lambda one: [
        (one[0], "Kraken", one[1], one[2][0], 0, one[3]),
        ("in", "Ledger", one[1], one[2][1], 1, one[4]),
    ]
)
STORIES = st.tuples(st.lists(PAIRS, max_size=3), st.lists(MOVES, max_size=5)).map(
    lambda story: [move for pair in story[0] for move in pair] + story[1]
)


def record(number: int, move: tuple) -> HoldingRecord:
    kind, place, asset, qty, day, fee = move
    told: dict[str, object] = {
        "at": (BEGUN + timedelta(days=10 + day)).isoformat(),
        "asset": asset,
        "qty": qty,
    }
    if kind in ("loss", "sell"):
        told |= {"kind": kind, "place": place, **({"proceeds": "5"} if kind == "sell" else {})}
    else:
        ends = (place, ELSEWHERE) if kind == "out" else (ELSEWHERE, place)
        told |= {"kind": "transfer", "place": ends[0], "to_place": ends[1]}
    if fee and not (kind == "in" and "asset" in fee):
        told["fee"] = fee
    return HoldingRecord(f"e{number}", holding_content(told), "file")


def opening() -> list[HoldingRecord]:
    """Enough of each coin at each place."""
    return [
        HoldingRecord(
            f"o{place}{asset}",
            holding_content(
                {"kind": "buy", "at": BEGUN.isoformat(), "place": place, "asset": asset, "qty": "100"}
            ),
            "file",
        )
        for place in ("Kraken", "Ledger", ELSEWHERE)
        for asset in ("btc", "eth")
    ]


def proposals(records):
    return propose_transfers([(one, holding_event(one)) for one in records], ())[0]


def held(records) -> dict[tuple[str, str], Decimal]:
    """Quantities by coin and place, as the contract books them."""
    events, refused = read_events([holding_event(one) for one in records])
    assert not refused
    booked = book_events(events, PriceTable((), (), "EUR"), BookRules())
    assert not booked.gaps
    found: dict[tuple[str, str], Decimal] = {}
    for lot in booked.lots:
        found[lot.asset, lot.place] = found.get((lot.asset, lot.place), Decimal(0)) + lot.quantity
    return found


@settings(max_examples=60)
@given(STORIES, st.randoms())
def test_joined_transfers_change_no_quantity_but_the_fee_and_undone_nothing(moves, random):
    records = [record(number, move) for number, move in enumerate(moves)]
    found = proposals(records)
    mixed = list(records)
    random.shuffle(mixed)
    assert proposals(mixed) == found, "the order of files changes nothing"
    before = held([*opening(), *records])
    for one in found:
        assert 0 <= one.fee <= MOST_FEE * Decimal(str(one.left_told["qty"]))
        brought = [(one, "file") for one in [*opening(), *records]]
        joined = [
            (HoldingRecord(half.event, half.content, "joined"), "transfer")
            for half in (one.pair.left, one.pair.arrived)
        ]
        after = list(current_records([*brought, *joined])[0].values())
        # What left is no longer elsewhere, or lost, or sold; both places have what they had.
        changed = {
            key: now - before.get(key, Decimal(0))
            for key, now in held(after).items()
            if now != before.get(key, Decimal(0))
        }
        asset, was = str(one.left_told["asset"]), one.left_told["kind"]
        left, arrived = Decimal(str(one.left_told["qty"])), Decimal(str(one.arrived_told["qty"]))
        elsewhere = arrived - (left if was == "transfer" else 0)
        assert changed == ({(asset, ELSEWHERE): elsewhere} if elsewhere else {})
        if was == "transfer":
            assert -elsewhere == one.fee
        assert list(current_records(brought)[0].values()) == [*opening(), *records]


@given(STORIES)
def test_clear_proposals_share_no_line_and_a_refused_one_does_not_come_again(moves):
    records = [record(number, move) for number, move in enumerate(moves)]
    found = proposals(records)
    clear = [event for one in found if one.is_clear for event in (one.left.event, one.arrived.event)]
    assert len(set(clear)) == len(clear)
    for one in found:
        lines = [(record, holding_event(record)) for record in records]
        again, _ = propose_transfers(lines, [one.name])
        assert [other.name for other in again] == [other.name for other in found if other is not one]
