"""Operations of trades made elsewhere: added by hand or by file, matched to setups, removed; each person's own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.houses import house, person
from tests.unit.intelligence.setups.closes import START, decided, lived
from tests.unit.services.plans.material import plan_of
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.order import TradeRun
from vigie.domain.setup import SetupScope
from vigie.domain.time import HOUR_MS, iso
from vigie.ports.setups import FollowedCloses
from vigie.services.operation_calls import run_operation
from vigie.services.setups.folding import change_record
from vigie.views.api.exports import export

ANN, BOB = person("u-ann", "trader"), person("u-bob", "trader")
FILL = {
    "venue": "binance-perp", "instrument": "BTCUSDT", "side": "buy", "price": "60000.10", "quantity": "0.5",
    "time": "2025-06-15 18:25:01", "fee": "0.3",
}  # fmt: skip
HEADER = "time,venue,instrument,side,price,quantity,fee,fee_currency,id\n"
ROWS = HEADER + "2025-06-15 18:25:01,binance-perp,BTCUSDT,buy,60000.10,0.5,0.3,,\n" * 2
# In the hour after the close that confirms the setup.
AFTER = START + HOUR_MS + 60_000


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


def asked(built, name, caller=ANN, **values):
    return run_operation(built, caller, f"outside.{name}", values)


def confirmed(built, *, owner="u-ann", account="hers", is_replayed=False):
    """Keep a confirmed setup, long in Bitcoin, of an account of a person."""
    if built.trades.run(account) is None:
        built.trades.begin(
            TradeRun(
                f"r-{account}", account, owner, "binance-perp", "paper", "f" * 64, Decimal(10_000), START
            )
        )
    (change,) = lived([decided(0)])
    closes = FollowedCloses(
        SetupScope(account, is_replayed), f"r-{account}", str(change.slot), (), (change_record(change),)
    )
    built.setups.record(closes)
    return change.setup


def test_a_fill_by_hand_is_kept_once_with_a_dry_run_before(built):
    would = asked(built, "add", **FILL, dry_run=True)
    assert (would.added, would.known, would.is_done) == (1, 0, False)
    assert asked(built, "fills").rows == []
    added = asked(built, "add", **FILL)
    assert (added.added, added.known, added.is_done) == (1, 0, True)
    assert (asked(built, "add", **FILL).added, asked(built, "add", **FILL).known) == (0, 1)
    (row,) = asked(built, "fills").rows
    assert (row.id, row.price, row.qty, row.fee, row.fee_currency, row.asset, row.origin) == (
        added.fill, "60000.1", "0.5", "0.3", "USDT", "bitcoin", "form"
    )  # fmt: skip
    assert asked(built, "fills", BOB).rows == asked(built, "list", BOB).rows == []


def test_a_coin_that_nobody_knows_is_kept_and_named(built):
    assert asked(built, "add", **FILL).unknown_coin == ""
    assert asked(built, "add", **{**FILL, "instrument": "FOOBARUSDT"}).unknown_coin == "FOOBAR"


def test_trades_of_fills_have_exact_amounts_and_fees_by_currency(built):
    asked(built, "add", **FILL)
    asked(built, "add", **{**FILL, "side": "sell", "price": "60001.3", "time": "2025-06-15 19:25:01", "fee": "0.001",
                           "fee_currency": "bnb"})  # fmt: skip
    (row,) = asked(built, "list").rows
    assert (row.state, row.side, row.qty, row.entry, row.exit, row.pnl, row.fees) == (
        "closed", "long", "0.5", "60000.1", "60001.3", "0.6", "0.001 BNB, 0.3 USDT"
    )  # fmt: skip
    # Nobody knows here what BNB was worth.
    assert row.net is None
    text = export(asked(built, "list"), "csv", is_simulated=False).decode()
    assert ",60000.1,60001.3,0.6," in text


def test_a_file_enters_whole_or_not_at_all_and_the_same_again_changes_nothing(built):
    bad = ROWS + "2025-06-15 18:25:01,binance-perp,BTCUSDT,hold,1,1,,,\n"
    would = asked(built, "import", text=bad)
    assert (would.added, would.known, would.refused_count, would.is_done) == (2, 0, 1, False)
    assert [(one.row, str(one.message)) for one in would.refused] == [
        (4, "side must be buy or sell, was 'hold'")
    ]
    with pytest.raises(UsageError, match="nothing was added"):
        asked(built, "import", text=bad, dry_run=False)
    assert asked(built, "fills").rows == []
    done = asked(built, "import", text=ROWS, dry_run=False)
    assert (done.added, done.is_done, len(done.rows)) == (2, True, 2)
    again = asked(built, "import", text=ROWS, dry_run=False)
    assert (again.added, again.known) == (0, 2)
    assert len(asked(built, "fills").rows) == 2


def test_what_is_kept_can_be_exported_and_given_back_without_changing_anything(built):
    asked(built, "import", text=ROWS, dry_run=False)
    kept = asked(built, "fills").rows
    text = HEADER + "".join(
        f"{iso(row.ts)},{row.venue},{row.instrument},{row.side},{row.price},{row.qty},{row.fee},{row.fee_currency},\n"
        for row in kept
    )
    assert asked(built, "import", text=text, dry_run=False).added == 0


def test_the_audit_chain_tells_how_many_and_nothing_of_them(built):
    asked(built, "add", **FILL)
    asked(built, "import", text=ROWS, dry_run=False)
    asked(built, "remove", outside_trade=asked(built, "list").rows[0].id)
    events = [event for event in built.audit.after(0) if event.kind.startswith("outside.")]
    assert [(event.kind, event.text) for event in events] == [
        ("outside.add", {"fills": 1}), ("outside.add", {"fills": 1}), ("outside.remove", {"fills": 2}),
    ]  # fmt: skip


def test_a_trade_or_a_fill_is_removed_by_its_person_only(built):
    asked(built, "import", text=ROWS, dry_run=False)
    (trade,) = asked(built, "list").rows
    fills = asked(built, "fills").rows
    for values in ({"outside_trade": trade.id}, {"outside_fill": fills[0].id}):
        with pytest.raises(NotFound):
            asked(built, "remove", BOB, **values)
    with pytest.raises(UsageError, match="a trade or a fill"):
        asked(built, "remove")
    assert asked(built, "remove", outside_fill=fills[1].id).removed == 1
    assert asked(built, "remove", outside_trade=asked(built, "list").rows[0].id).removed == 1
    assert asked(built, "fills").rows == []


def test_a_setup_is_proposed_by_coin_side_and_time_and_never_matched_by_itself(built):
    setup = confirmed(built)
    asked(built, "add", **{**FILL, "venue": "hyperliquid-perp", "instrument": "BTC", "time": iso(AFTER)})
    for unlike in ({"side": "sell", "instrument": "btc-usdc-perp"}, {"instrument": "ETHUSDT"},
                   {"time": iso(START), "venue": "bitget-perp"}):  # fmt: skip
        asked(built, "add", **{**FILL, "time": iso(AFTER + 1_000), **unlike})
    (row,) = asked(built, "proposals").rows
    assert (row.setup, row.account, row.instrument, row.verdict) == (setup, "hers", "btc-usdc-perp", "")
    assert row.ts_confirmed == START + HOUR_MS
    assert not any(trade.setup for trade in asked(built, "list").rows)


def test_a_proposal_is_accepted_or_refused_and_the_last_answer_counts(built):
    setup = confirmed(built)
    trade = asked(built, "add", **{**FILL, "time": iso(AFTER)}).fill
    values = {"outside_trade": trade, "setup": setup, "account": "hers"}
    asked(built, "match", **values, verdict="accepted")
    assert [row.setup for row in asked(built, "list").rows] == [setup]
    assert asked(built, "proposals", with_decided=False).rows == []
    asked(built, "match", **values, verdict="refused")
    assert [row.setup for row in asked(built, "list").rows] == [""]
    assert [row.verdict for row in asked(built, "proposals").rows] == ["refused"]
    for wrong in ({"setup": "0" * 16}, {"account": "main"}, {"outside_trade": "0" * 16}):
        with pytest.raises(NotFound):
            asked(built, "match", **{**values, **wrong}, verdict="accepted")
    with pytest.raises(NotFound):
        asked(built, "match", BOB, **values, verdict="accepted")


def test_setups_of_somebody_else_and_of_a_replayed_past_are_not_proposed(built):
    confirmed(built, owner="u-bob", account="his")
    confirmed(built, account="hers", is_replayed=True)
    asked(built, "add", **{**FILL, "time": iso(AFTER)})
    assert asked(built, "proposals").rows == []


def plan(built, sign="1", *, owner="u-ann", made=START, until=AFTER + HOUR_MS, **values):
    levels = {"stop": 90.0, "target": 120.0, "ts_made": made, "until": until, "account": "", **values}
    levels |= {"id": "p" + sign * 16, "owner": owner}
    return built.plans.add(plan_of("btc-usdt-perp", made, **levels), owner)


def test_a_plan_of_its_coin_and_side_that_was_valid_is_proposed_and_nothing_is_matched_by_itself(built):
    built.plans.forget("u-ann")
    first = plan(built)
    plan(built, "2", side="short", stop=120.0, target=90.0)
    plan(built, "3", until=AFTER - 1)
    plan(built, "4", made=AFTER + 1)
    plan(built, "5", owner="u-bob")
    cancelled = plan(built, "6")
    built.plans.mark(cancelled.number, "cancelled", AFTER - 1, "u-ann")
    # A version after it was valid when the trade was opened.
    plan(built, made=AFTER - 5, version=2)
    trade = asked(built, "add", **{**FILL, "time": iso(AFTER)}).fill
    (row,) = asked(built, "plans").rows
    assert (row.plan, row.version, row.outside_trade, row.verdict) == (first.plan.id, 2, trade, "")
    assert asked(built, "list").rows[0].plan == ""
    values = {"outside_trade": trade, "plan": first.plan.id}
    asked(built, "match_plan", **values, verdict="accepted")
    told = asked(built, "list").rows[0]
    assert (told.plan, told.setup) == (first.plan.id, "")
    assert asked(built, "plans", with_decided=False).rows == []
    asked(built, "match_plan", **values, verdict="refused")
    assert asked(built, "list").rows[0].plan == ""
    with pytest.raises(NotFound):
        asked(built, "match_plan", **{**values, "plan": "p" + "3" * 16}, verdict="accepted")
    with pytest.raises(NotFound):
        asked(built, "match_plan", BOB, **values, verdict="accepted")
