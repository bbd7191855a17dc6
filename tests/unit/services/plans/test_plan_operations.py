"""What a person is told of a plan, and what is refused, each with what was given and what is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of, sources
from tests.unit.services.trading.material import BEGUN, FILE, planned
from vigie.data.features import plan_series
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.ports.health import HomeHealth, LastHeartbeat, part_name
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.operations import plans
from vigie.services.plans.arming import publish
from vigie.services.reader_texts import say_refusal
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.process.trading import begin_run

PLACE = "binance-perp:btc-usdt-perp"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    house = at(houses.house(folder / "home"), BEGUN)
    bound(house, begin_run)(planned(house, folder, text=PLANS), "owner")
    bound(house, begin_run)(planned(house, folder, text=FILE, account="other"), "owner")
    house = alive(house)
    return house, close_of(house, "btc-usdt-perp", BEGUN)


@pytest.fixture
def house(made):
    yield made[0]
    for row in ask(made[0], "plans.list").rows:
        if row.state in ("draft", "armed"):
            ask(made[0], "plans.cancel", plan=row.plan)


@pytest.fixture
def price(made):
    return made[1]


def ask(house, name: str, caller=OWNER, **values):
    return run_operation(house, caller, name, values)


def long_of(price: float, **values):
    return {
        "place": PLACE, "side": "long", "low": price * 0.99, "high": price * 1.01, "stop": price * 0.97,
        "target": price * 1.06, "account": "main", **values,
    }  # fmt: skip


def test_a_plan_is_kept_armed_cancelled_and_never_changed_while_armed(house, price):
    kept = ask(house, "plans.make", **long_of(price, note="my words"))
    plan = kept.newest.plan
    assert (kept.newest.state, kept.note, kept.newest.timeframe) == ("draft", "my words", "1h")
    changed = ask(house, "plans.change", plan=plan, version=1, **long_of(price, stop=price * 0.96))
    assert changed.newest.version == 2
    with pytest.raises(Conflict, match="changed meanwhile"):
        ask(house, "plans.change", plan=plan, version=1, **long_of(price))
    assert ask(house, "plans.arm", plan=plan).newest.state == "armed"
    with pytest.raises(Conflict, match="is armed; cancel it first"):
        ask(house, "plans.change", plan=plan, version=2, **long_of(price))
    with pytest.raises(Conflict, match="one at a time"):
        ask(house, "plans.arm", plan=ask(house, "plans.make", **long_of(price)).newest.plan)
    assert ask(house, "plans.cancel", plan=plan).newest.state == "cancelled"
    with pytest.raises(Conflict, match="only drafts and armed plans"):
        ask(house, "plans.cancel", plan=plan)
    assert [row.version for row in ask(house, "plans.versions", plan=plan).rows] == [1, 2]


def test_another_persons_plan_is_not_there(house, price):
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    ann = houses.person("u-ann", "trader")
    for name in ("plans.read", "plans.versions", "plans.arm", "plans.cancel"):
        with pytest.raises(NotFound, match="there is no plan"):
            ask(house, name, ann, plan=plan)
    assert ask(house, "plans.list", ann).rows == []
    with pytest.raises(NotFound, match="no trading account 'main'"):
        ask(house, "plans.make", ann, **long_of(price))


def test_the_preview_sizes_under_the_caps_and_tells_both_leverages(house, price):
    told = ask(house, "plans.preview", **long_of(price, leverage=2.0))
    assert (told.by_hand.leverage, told.in_account.leverage) == (2.0, 5.0)
    assert told.in_account.capital == 10_000
    assert told.in_account.entry == pytest.approx(price * 1.01)
    # The stop loses the planned share, and costs.
    for one in (told.by_hand, told.in_account):
        assert -0.025 * one.capital < one.loss < -0.015 * one.capital
        assert one.gain > 0 > one.worst_loss
        assert 0 < one.break_even < 1
    assert told.by_hand.liquidation < told.in_account.liquidation < price
    assert [line.kind for line in told.lines] == ["target", "stop", "neither"]
    assert sum(line.count for line in told.lines) == told.lines[0].of >= 30
    assert told.expected == pytest.approx(sum(line.rate * line.result for line in told.lines if line.count))


def test_no_leverage_is_long_only_without_funding_or_liquidation(house, price):
    told = ask(house, "plans.preview", **long_of(price, leverage=None, account=""))
    assert told.in_account is None
    assert (told.by_hand.leverage, told.by_hand.liquidation, told.by_hand.funding) == (None, 0, 0)
    assert told.by_hand.notional <= told.by_hand.capital
    # So near that 2 % at risk would buy four times what is there.
    near = long_of(price, low=price * 1.009, stop=price * 1.005, account="")
    told = ask(house, "plans.preview", **near, leverage=None).by_hand
    assert 0.99 * told.capital < told.notional <= told.capital
    borrowed = ask(house, "plans.preview", **near, leverage=5.0).by_hand
    assert borrowed.notional > 3.0 * told.notional
    with pytest.raises(UsageError, match="a short needs borrowed coins"):
        ask(
            house,
            "plans.preview",
            place=PLACE,
            side="short",
            stop=price * 1.1,
            target=price * 0.9,
            leverage=None,
        )


def test_a_plan_that_enters_at_once_says_which_price_it_lacks(house, price):
    at_once = long_of(price, low=None, high=None, account="", target=price * 0.99)
    with pytest.raises(UsageError, match=r"needs a present price between its stop \(.*it is"):
        ask(house, "plans.preview", **at_once)
    unquoted = {**at_once, "place": "bitget-perp:dot-usdt-perp"}
    with pytest.raises(UsageError, match="none is known of dot-usdt-perp at bitget-perp"):
        ask(house, "plans.preview", **unquoted)
    for zone in ({}, {"low": price * 0.98, "high": price * 0.985}):
        unknown = {**at_once, "place": "bitget-perp:foo-usdt-perp", **zone}
        with pytest.raises(UsageError, match="knows no market foo-usdt-perp at bitget-perp"):
            ask(house, "plans.preview", **unknown)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stop": 0.0}, "stop must be a price above 0, was 0"),
        ({"stop": float("nan")}, "stop must be a price above 0, was nan"),
        ({"target": float("inf")}, "target must be a price above 0, was inf"),
        ({"stop": 2.0}, "the stop of a long lies below"),
        ({"target": 0.98}, "the stop of a long lies below"),
        ({"side": "short"}, "the stop of a long lies below"),
        ({"low": None}, "a zone has a lower and an upper end"),
        ({"low": 1.02}, "must not be above its upper end"),
        ({"leverage": 7.0}, "leverage must be from 1 to 5, or none; was 7"),
        ({"leverage": 5.01}, "leverage must be from 1 to 5, or none; was 5.01"),
        ({"leverage": 0.99}, "leverage must be from 1 to 5, or none; was 0.99"),
        ({"further_targets": [1.0] * 6}, "takes at most 5 levels, there are 6"),
        ({"further_targets": [0.0]}, "a further target must be a price above 0"),
        ({"note": "x" * 501}, "a note has at most 500 characters, this one has 501"),
        ({"low": None, "high": None, "stop": 2.0}, "this long enters at once, with stop [0-9.e+]+ and target"),
        ({"place": "btc-usdt-perp"}, "a plan names a venue and an instrument"),
        ({"place": "nowhere:btc-usdt-perp"}, "such as binance-perp:btc-usdt-perp, was 'nowhere:btc"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_was_given(house, price, change, words):
    prices = ("stop", "target", "low")
    values = {
        name: value * price if name in prices and isinstance(value, float) else value
        for name, value in change.items()
    }
    with pytest.raises(UsageError, match=words):
        ask(house, "plans.make", **long_of(price, **values))


def test_arming_needs_an_account_that_trades_it_now(house, price):
    by_hand = ask(house, "plans.make", **long_of(price, account="")).newest.plan
    with pytest.raises(UsageError, match="this plan has no account"):
        ask(house, "plans.arm", plan=by_hand)
    elsewhere = ask(house, "plans.make", **long_of(price, account="other")).newest.plan
    with pytest.raises(UsageError, match="account other has no slot of plan for btc-usdt-perp"):
        ask(house, "plans.arm", plan=elsewhere)
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    silent = replace(
        house, home_health=HomeHealth(beats=lambda: [LastHeartbeat(part_name("main"), 15.0, {})])
    )
    with pytest.raises(Conflict, match="account main is not running"):
        ask(silent, "plans.arm", plan=plan)
    late = at(house, BEGUN + 5 * HOUR_MS)
    with pytest.raises(Conflict, match="no fresh price of btc-usdt-perp"):
        ask(late, "plans.arm", plan=plan)
    beyond = ask(
        house, "plans.make", **long_of(price, stop=price * 1.02, low=price * 1.03, high=price * 1.04)
    )
    with pytest.raises(UsageError, match="is beyond stop"):
        ask(house, "plans.arm", plan=beyond.newest.plan)


def test_a_ticket_is_previewed_and_then_confirmed(house, price):
    order = {"place": PLACE, "account": "main", "side": "short", "stop": price * 1.03, "target": price * 0.95}
    told = ask(house, "plans.ticket", **order).in_account
    assert told.entry == price
    with pytest.raises(Conflict, match=r"the preview is out of date: the worst loss was -1\.00"):
        ask(house, "plans.place", **order, worst_loss=-1.0)
    assert ask(house, "plans.list", state="open").rows == []
    placed = ask(house, "plans.place", **order, worst_loss=told.worst_loss)
    assert (placed.newest.state, placed.is_at_once, placed.newest.side) == ("armed", True, "short")


def test_the_market_is_linked_and_the_ticket_is_text(house, price):
    kept = ask(house, "plans.make", **long_of(price, further_targets=[price * 1.1]))
    assert kept.link == "https://www.binance.com/en/futures/BTCUSDT"
    lines = kept.ticket.splitlines()
    assert lines[0] == "long btc-usdt-perp at binance-perp"
    assert f"Stop {price * 0.97:.10g}" in lines
    assert any(line.startswith("Further target") for line in lines)


@pytest.mark.parametrize(
    ("venue", "english", "french"),
    [
        ("", "https://www.binance.com/en/futures/BTCUSDT", "https://www.binance.com/fr/futures/BTCUSDT"),
        (
            "bitget-perp", "https://www.bitget.com/futures/usdt/BTCUSDT",
            "https://www.bitget.com/fr/futures/usdt/BTCUSDT",
        ),
        ("hyperliquid-perp", "https://app.hyperliquid.xyz/trade/BTC", "https://app.hyperliquid.xyz/trade/BTC"),
    ],
)  # fmt: skip
def test_the_link_is_in_the_readers_language_where_the_venue_has_it(house, price, venue, english, french):
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    ask(house, "settings.change", trade_venue=venue)
    try:
        # Programs send none; one that no venue has, as a translation under way, is answered in English.
        for language, address in (("en", english), ("fr", french), ("", english), ("qx", english)):
            reader = replace(OWNER, language=language)
            assert ask(house, "plans.read", reader, plan=plan).link == address
    finally:
        ask(house, "settings.change", trade_venue="")


def test_the_link_leads_to_the_venue_of_ones_choice_if_it_lists_the_market(house, price):
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    doge = {"place": "binance-perp:1000pepe-usdt-perp", "low": None, "high": None, "account": ""}
    # Vigie has no rules of it, but its price.
    house.quotes.put([Quote(houses.VENUE, "1000pepe-usdt-perp", BEGUN, BEGUN, price)])
    rare = ask(house, "plans.make", **long_of(price, **doge)).newest.plan
    venues = [row.venue for row in ask(house, "settings.venues").rows]
    assert {"binance-perp", "bitget-perp", "hyperliquid-perp"} <= set(venues)
    try:
        for venue, address in (
            ("bitget-perp", "https://www.bitget.com/futures/usdt/BTCUSDT"),
            # It margins in USDC, and lists its own twin of the market.
            ("hyperliquid-perp", "https://app.hyperliquid.xyz/trade/BTC"),
            ("binance-spot", "https://www.binance.com/en/futures/BTCUSDT"),
            ("", "https://www.binance.com/en/futures/BTCUSDT"),
        ):
            ask(house, "settings.change", trade_venue=venue)
            told = ask(house, "plans.read", plan=plan)
            assert told.link == address
            assert bool(told.link_unlisted) == (venue == "binance-spot")
        ask(house, "settings.change", trade_venue="hyperliquid-perp")
        told = ask(house, "plans.read", plan=rare)
        assert (told.link_venue, told.link_unlisted) == ("Binance", "Hyperliquid")
        for venue in ("nowhere", "https://evil.example"):
            with pytest.raises(UsageError, match="venue must be one of"):
                ask(house, "settings.change", trade_venue=venue)
    finally:
        ask(house, "settings.change", trade_venue="")


def test_no_list_of_series_names_what_somebody_plans(house, price):
    ask(house, "plans.arm", plan=ask(house, "plans.make", **long_of(price)).newest.plan)
    assert house.facts.list_series("plan/")
    for asked in ({}, {"topic": "plan"}, {"find": "plan/"}):
        table = ask(house, "onchain.catalog", houses.person("u-ann", "trader"), limit=500, **asked)
        assert [row.series for row in table.rows if row.series.startswith("plan/")] == []


def test_the_plan_that_was_armed_last_is_traded_also_where_it_was_made_first(house, price):
    older = ask(house, "plans.make", **long_of(price)).newest.plan
    newer = ask(house, "plans.make", **long_of(price, stop=price * 0.9)).newest.plan
    ask(house, "plans.arm", plan=newer)
    ask(house, "plans.cancel", plan=newer)
    later = at(house, BEGUN + 1_000)
    ask(later, "plans.arm", plan=older)
    series = house.facts.list_series("plan/")
    said = {name.rpartition("/")[2]: fact.value for name, fact in house.facts.latest(series).items()}
    assert (said["side"], said["stop"]) == (1.0, price * 0.97)


def test_an_order_that_cannot_be_placed_leaves_no_draft(house, price):
    ask(house, "plans.arm", plan=ask(house, "plans.make", **long_of(price)).newest.plan)
    order = {"place": PLACE, "account": "main", "side": "long", "stop": price * 0.97, "target": price * 1.05}
    told = ask(house, "plans.ticket", **order).in_account
    with pytest.raises(Conflict, match="one at a time"):
        ask(house, "plans.place", **order, worst_loss=told.worst_loss)
    assert [row.state for row in ask(house, "plans.list", state="open").rows] == ["armed"]


def test_a_refusal_names_the_state_in_the_readers_language(house, price):
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    ask(house, "plans.cancel", plan=plan)
    with pytest.raises(Conflict) as refused:
        ask(house, "plans.cancel", plan=plan)
    assert say_refusal(refused.value.args[0], "fr").startswith(f"le plan {plan} est annulé")


def test_nothing_is_traded_while_plan_and_account_belong_to_two_people(house, price):
    plan = ask(house, "plans.arm", plan=ask(house, "plans.make", **long_of(price)).newest.plan).newest.plan
    pinned = load_plan(house.results, house.trades.run("main").id)

    def side(ts: int) -> float:
        publish(sources(at(house, ts)), "main", pinned)
        name = plan_series(pinned.plan_key, "btc-usdt-perp", "side")
        return house.facts.latest([name])[name].value

    house.plans.hand_over("owner", "u-ann")
    assert side(BEGUN + 10_000) == 0.0
    assert ask(house, "plans.cancel", houses.person("u-ann", "trader"), plan=plan).newest.state == "cancelled"
    house.plans.hand_over("u-ann", "owner")
    assert side(BEGUN + 20_000) == 0.0


def test_a_plan_is_taken_back_also_where_the_clock_was_set_back(house, price):
    kept = ask(house, "plans.make", **long_of(price)).newest
    ask(at(house, BEGUN + 50_000), "plans.arm", plan=kept.plan)
    ask(at(house, BEGUN + 40_000), "plans.cancel", plan=kept.plan)
    key = load_plan(house.results, house.trades.run("main").id).plan_key
    name = plan_series(key, "btc-usdt-perp", "side")
    assert house.facts.latest([name])[name].value == 0.0


def test_an_order_that_the_account_would_refuse_says_why(house, price):
    # Beyond the liquidation at the account's leverage.
    order = {"place": PLACE, "account": "main", "side": "long", "stop": price * 0.7, "target": price * 1.5}
    assert ask(house, "plans.ticket", **order).in_account.refusal == "liquidation_too_near"
    with pytest.raises(Conflict, match="the account would refuse this entry: liquidation_too_near"):
        ask(house, "plans.place", **order, worst_loss=-500.0)
    assert ask(house, "plans.list", state="open").rows == []


def test_a_plan_names_a_setup_of_ones_own_or_none(house, price):
    with pytest.raises(NotFound, match="there is no setup ffffffffffffffff"):
        ask(house, "plans.make", **long_of(price, setup="f" * 16))


def test_series_of_plans_are_read_by_nobody(house, price):
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    ask(house, "plans.arm", plan=plan)
    (series,) = (name for name in house.facts.list_series("plan/") if name.endswith("btc-usdt-perp/stop"))
    with pytest.raises(NotFound, match="is unknown"):
        ask(house, "onchain.series", series=series)


def test_a_person_has_so_many_drafts_and_a_plan_so_many_versions(house, price, monkeypatch):
    monkeypatch.setattr(plans, "MOST_DRAFTS", 2)
    monkeypatch.setattr(plans, "MOST_VERSIONS", 2)
    first = ask(house, "plans.make", **long_of(price)).newest
    second = ask(house, "plans.change", **long_of(price), plan=first.plan, version=1).newest
    with pytest.raises(UsageError, match="2 versions"):
        ask(house, "plans.change", **long_of(price), plan=first.plan, version=second.version)
    other = ask(house, "plans.make", **long_of(price)).newest
    with pytest.raises(UsageError, match="at most 2 drafts"):
        ask(house, "plans.make", **long_of(price))
    ask(house, "plans.cancel", plan=other.plan)
    assert ask(house, "plans.make", **long_of(price)).newest.state == "draft"


@pytest.mark.parametrize("loss", ["-inf", "nan"])
def test_a_worst_loss_is_a_number(house, price, loss):
    order = {"place": PLACE, "account": "main", "side": "short", "stop": price * 1.03, "target": price * 0.95}
    with pytest.raises(UsageError, match="worst_loss"):
        ask(house, "plans.place", **order, worst_loss=loss)
