"""What is raised beside news: once for each change, whoever restarts, to nobody whom it does not concern."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from tests.databases import HandClock
from tests.houses import house, person
from tests.refusals import refused
from tests.unit.services.alerting.material import read
from tests.unit.services.plans.material import plan_of
from vigie.data.catalog import BarCatalog
from vigie.domain.alert import AlertRule
from vigie.domain.errors import UsageError
from vigie.domain.item import Sighting
from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.register import RegisterChange, RegisterEntry
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.intelligence.market.metrics import AssetMetrics
from vigie.ports.quotes import SourceHealth
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch
from vigie.ports.watchlists import Watchlist
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.preview.kinds import preview_past_events
from vigie.services.alerting.preview.records import find_system_events
from vigie.services.alerting.preview.spikes import find_spike_events
from vigie.services.alerting.watching import (
    metric_conditions,
    newcomers,
    pegs,
    plans,
    registers,
    spikes,
    system_events,
)
from vigie.services.alerting.watching.event_texts import make_event, title_of
from vigie.services.alerting.watching.watcher import LOOKS, AlertWatcher
from vigie.services.app_context import AppContext
from vigie.services.caches.asset_metrics import AssetReading
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.operations.alerts import PutRuleInput, put_rule


@dataclass
class Prices:
    """A cache of asset metrics whose numbers a test sets."""

    metrics: dict[str, dict[str, float]] = field(default_factory=dict)

    def readings(self, assets: Any, *, as_of: int | None = None) -> list[AssetReading]:
        return [
            AssetReading(
                one, AssetMetrics(one.id, one.symbol, 1, **self.metrics.get(one.id, {})), "", None, None
            )
            for one in assets
        ]

    def set(self, asset: str, **more: float) -> None:
        self.metrics[asset] = {"price": 1.0, **more}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> AppContext:
    return house(tmp_path_factory.mktemp("home") / "home", with_bars=False, clock=HandClock())


@pytest.fixture
def place(built) -> AppContext:
    for owner in (OWNER.user, "bob", "cid"):
        built.alerts.forget(owner)
    for name in (
        "price",
        "screener",
        "peg",
        "emerging",
        "emerging_seen",
        "spike",
        "register",
        "audit",
        "stream",
        "plans",
    ):
        built.bookmarks.put(f"alerts/{name}", "")
    return replace(built, asset_metrics=Prices())


def made(place: AppContext, kind: str, *, owner: str = OWNER.user, **when: tuple[str, ...]) -> AlertRule:
    return place.alerts.put_rule(AlertRule("", owner, "mine", kind, when))


def titles(place: AppContext, owner: str = OWNER.user) -> list[str]:
    return [one.alert.happening.title for one in place.alerts.list_deliveries(owner)][::-1]


def test_a_price_is_told_each_time_it_passes_its_level_and_not_while_it_stays_there(place):
    made(place, "price", assets=("bitcoin",), subject=("price>100000",), turn=("enters",))
    told = []
    for price in (101_000.0, 99_000.0, 100_500.0, 102_000.0, math.nan, 102_000.0, 98_000.0, 103_000.0):
        place.asset_metrics.set("bitcoin", price=price)
        place.asset_metrics.set("ethereum", price=price)
        told.append(bound(place, metric_conditions.look)())
        place.clock.now += 1_000
    # It must first be seen on the other side; what is not known is neither.
    assert told == [0, 0, 1, 0, 0, 0, 0, 1]
    assert titles(place)[0].startswith("Bitcoin: ")
    (one, _) = place.alerts.list_deliveries(OWNER.user)
    assert title_of(one.alert.happening, "fr").startswith("Bitcoin\u00a0: ")
    assert one.alert.happening.url == "/asset/bitcoin"
    assert one.alert.mark == ""


def test_who_dies_between_telling_and_keeping_tells_nothing_twice(place):
    made(place, "price", assets=("bitcoin",), subject=("change_24h<-0.05",))
    place.asset_metrics.set("bitcoin", change_24h=0.0)
    bound(place, metric_conditions.look)()
    place.asset_metrics.set("bitcoin", change_24h=-0.06)

    class Dying:
        def get(self, name: str) -> str:
            return place.bookmarks.get(name)

        def put(self, name: str, value: str) -> None:
            raise KeyboardInterrupt

    dying = replace(place, bookmarks=Dying())
    with pytest.raises(KeyboardInterrupt):
        bound(dying, metric_conditions.look)()
    assert bound(place, metric_conditions.look)() == 0
    assert bound(place, metric_conditions.look)() == 0
    assert len(titles(place)) == 1


def test_assets_enter_and_leave_a_screen(place):
    made(place, "screener", subject=("change_24h>0.05",))
    place.asset_metrics.set("bitcoin", change_24h=0.1)
    place.asset_metrics.set("ethereum", change_24h=0.0)
    assert bound(place, metric_conditions.look)() == 0
    place.asset_metrics.set("bitcoin", change_24h=0.0)
    place.asset_metrics.set("ethereum", change_24h=0.1)
    # It had no price before: a list that it is on for the first time, it enters.
    place.asset_metrics.set("solana", change_24h=0.2)
    assert bound(place, metric_conditions.look)() == 3
    turns = {one.alert.happening.facts["turn"] for one in place.alerts.list_deliveries(OWNER.user)}
    assert turns == {"enters", "leaves"}
    for rule in place.alerts.rules(OWNER.user):
        place.alerts.put_rule(replace(rule, is_on=False))
    bound(place, metric_conditions.look)()
    assert place.bookmarks.get("alerts/screener") == "{}"


def test_a_stablecoin_leaves_its_dollar_and_comes_back(place):
    made(place, "peg", subject=("0.01",))
    counts = []
    for price in (1.0, 0.995, 0.985, 0.9905, 0.999):
        place.asset_metrics.set("tether", price=price)
        place.asset_metrics.set("bitcoin", price=price)
        counts.append(bound(place, pegs.look)())
        place.clock.now += 1_000
    assert counts == [0, 0, 1, 0, 1]
    assert titles(place) == [
        "Tether is 1.50% off its $1 peg, at $0.9850",
        "Tether is back near its $1 peg, at $0.9990",
    ]
    told = place.alerts.list_deliveries(OWNER.user)[-1].alert.happening
    assert title_of(told, "fr") == "Tether s’écarte de 1,50\u00a0% de sa parité avec le dollar, à 0,9850 $"


def test_what_enters_the_list_of_emerging_coins_is_told_once(place):
    def listed(*ids: str) -> None:
        rows = [
            {"id": one, "name": one.title(), "symbol": one[:3], "ts_first_seen": place.clock.now}
            for one in ids
        ]
        place.clock.now += 1
        place.facts.put_document("coingecko", "coin_list_new", place.clock.now, {"rows": rows})

    made(place, "emerging")
    made(place, "emerging", subject=("clean",), owner="bob")
    assert bound(place, newcomers.look)() == 0
    listed("nova")
    assert bound(place, newcomers.look)() == 0
    listed("nova", "comet")
    assert bound(place, newcomers.look)() == 1
    listed("comet")
    listed("nova", "comet")
    assert bound(place, newcomers.look)() == 0
    assert titles(place)[0].startswith("New coin: Comet (risk flags: ")
    # A coin of today has flags, so that it is not clean.
    assert titles(place, "bob") == []


def test_who_leaves_a_list_of_emerging_ones_is_told_to_who_asked_for_that(place):
    def gathered(coins: tuple[str, ...], **liquidity: float | None) -> None:
        pools = [
            {"id": f"eth_{one}", "name": one, "network": "eth", "ts_created": place.clock.now - 30 * HOUR_MS,
             "liquidity_usd": value, "volume_24h_usd": 1e5, "is_new": True, "is_trending": False}
            for one, value in liquidity.items()
        ]  # fmt: skip
        rows = [{"id": one, "name": one, "symbol": one, "ts_first_seen": place.clock.now} for one in coins]
        place.clock.now += 1
        place.facts.put_document("coingecko", "new_pools", place.clock.now, {"rows": pools})
        place.facts.put_document("coingecko", "coin_list_new", place.clock.now, {"rows": rows})

    asked = PutRuleInput(name="mine", kind="emerging", subjects=["liquidity_usd>=100000"], turns=["leaves"])
    put_rule(
        OWNER,
        asked,
        BarCatalog(place.facts, place.bar_reader),
        place.accounts,
        place.alerts,
        place.names,
        place.clock,
        place.directory,
    )
    made(place, "emerging", turn=("enters", "leaves"), owner="bob")
    made(place, "emerging", owner="cid")
    gathered(("nova",), deep=2e5, thin=5e4, other=3e5)
    assert bound(place, newcomers.look)() == 0
    # What is not known ceases nothing; pools that were not gathered did not leave.
    gathered(("nova",), deep=None, thin=5e4, other=3e5)
    gathered(("nova",))
    assert bound(place, newcomers.look)() == 0
    gathered(("comet",), deep=9e4, thin=5e4)
    bound(place, newcomers.look)()
    assert sorted(titles(place)) == [
        "deep no longer matches on Emerging: liquidity at least $100,000",
        "other no longer matches on Emerging: liquidity at least $100,000",
    ]
    told = titles(place, "bob")
    assert {one.partition(" (")[0] for one in told} == {
        "New coin: comet", "nova left the list of emerging coins", "other left the list of emerging pools",
    }  # fmt: skip
    assert [one.partition(" (")[0] for one in titles(place, "cid")] == ["New coin: comet"]
    # Back and gone once more is told once.
    gathered(("comet",), deep=2e5)
    bound(place, newcomers.look)()
    gathered(("comet",), deep=9e4)
    assert bound(place, newcomers.look)() == 0


def test_who_begins_to_meet_the_conditions_of_a_list_enters_it_once_and_nobody_elses(place):
    def listed(**liquidity: float | None) -> None:
        rows = [
            {"id": f"eth_{one}", "name": one, "network": "eth", "ts_created": place.clock.now - 30 * HOUR_MS,
             "liquidity_usd": value, "volume_24h_usd": 1e5, "is_new": True, "is_trending": False}
            for one, value in liquidity.items()
        ]  # fmt: skip
        place.clock.now += 1
        place.facts.put_document("coingecko", "new_pools", place.clock.now, {"rows": rows})
        place.facts.put_document("coingecko", "coin_list_new", place.clock.now, {"rows": []})

    asked = PutRuleInput(name="mine", kind="emerging", subjects=["place=eth,liquidity_usd>=100000.0"])
    assert put_rule(
        OWNER,
        asked,
        BarCatalog(place.facts, place.bar_reader),
        place.accounts,
        place.alerts,
        place.names,
        place.clock,
        place.directory,
    ).subjects == ["liquidity_usd>=100000,place=eth"]
    made(place, "emerging", owner="bob")
    listed(deep=2e5, thin=5e4)
    assert bound(place, newcomers.look)() == 0
    # Bob's rule is about the whole list, on which both were: what Ann's conditions make new is none of it.
    listed(deep=2e5, thin=1.5e5)
    assert bound(place, newcomers.look)() == 1
    listed(deep=None, thin=5e4)
    listed(deep=2e5, thin=2e5)
    assert bound(place, newcomers.look)() == 0
    listed(deep=2e5, thin=2e5, late=3e5)
    assert bound(place, newcomers.look)() == 2
    assert [one.partition(" now matches")[0] for one in titles(place)] == ["thin", "late"]
    assert [one.partition(" (")[0] for one in titles(place, "bob")] == ["New pool: late"]
    told = place.alerts.list_deliveries(OWNER.user)[0].alert.happening
    assert "liquidité au moins" in title_of(told, "fr")
    with pytest.raises(UsageError, match="a condition on emerging coins must use one of"):
        put_rule(
            OWNER,
            PutRuleInput(name="x", kind="emerging", subjects=["price>3"]),
            BarCatalog(place.facts, place.bar_reader),
            place.accounts,
            place.alerts,
            place.names,
            place.clock,
            place.directory,
        )


def test_a_row_of_a_register_is_told_with_what_became_of_it(place):
    made(place, "register", turn=("added", "removed"), words=("nordhaven",))
    one = RegisterEntry("casps", "k1", "Nordhaven Custody", country="FR")
    two = RegisterEntry("casps", "k2", "Tessel Bank", country="FR")
    place.registers.take(RegisterSnapshot("casps", place.clock.now, [two]))
    assert bound(place, registers.look)() == 0
    place.registers.take(RegisterSnapshot("casps", place.clock.now + DAY_MS, [one, two]))
    assert bound(place, registers.look)() == 1
    assert bound(place, registers.look)() == 0
    place.clock.now += 1
    place.registers.take(RegisterSnapshot("casps", place.clock.now + 2 * DAY_MS, []))
    assert bound(place, registers.look)() == 1
    assert titles(place)[0] == "casps: Nordhaven Custody added"


def test_what_was_read_otherwise_before_a_rule_was_made_is_not_told_and_later_is(place):
    row = RegisterEntry("casps", "k1", "Nordhaven Custody", country="FR")
    seen = place.clock.now
    place.registers.take(RegisterSnapshot("casps", seen, [row]))

    def read_again(days: int, country: str) -> None:
        look = RegisterSnapshot(
            "casps", seen + days * DAY_MS, [replace(row, country=country)], reread_of=seen
        )
        assert len(place.registers.take(look)) == 1

    read_again(1, "DE")
    made(place, "register", turn=("changed",), words=("nordhaven",))
    assert bound(place, registers.look)() == 0
    assert bound(place, registers.look)() == 0
    read_again(2, "IE")
    assert bound(place, registers.look)() == 1
    assert bound(place, registers.look)() == 0


def test_a_look_that_was_under_way_as_a_rule_was_first_looked_for_is_told(place):
    now, slow = place.clock.now, RegisterEntry("slow", "k1", "Windermere Custody")
    swift, before = replace(slow, register="swift"), RegisterEntry("swift", "k2", "Windermere Bank")
    place.registers.take(RegisterSnapshot("slow", now - DAY_MS, [slow]))
    place.registers.take(RegisterSnapshot("swift", now, [swift]))
    place.registers.take(RegisterSnapshot("swift", now + 1_000, [swift, before]))
    made(place, "register", turn=("added",), words=("windermere",))
    assert bound(place, registers.look)() == 0
    # It began before the other register's, and was stored after the rule was looked for.
    place.registers.take(
        RegisterSnapshot("slow", now, [slow, RegisterEntry("slow", "k3", "Windermere Late")])
    )
    place.registers.take(RegisterSnapshot("new", now, [replace(slow, register="new")]))
    assert bound(place, registers.look)() == 1
    assert bound(place, registers.look)() == 0
    assert titles(place)[0] == "slow: Windermere Late added"
    place.registers.take(
        RegisterSnapshot("new", now + 1, [replace(slow, register="new", name="Windermere", key="k2")])
    )
    assert bound(place, registers.look)() == 1


def test_a_rule_that_is_made_later_is_not_told_what_was_told_to_others(place):
    now, entry = place.clock.now, RegisterEntry("still", "k1", "Buttermere Custody")
    place.registers.take(RegisterSnapshot("still", now, [entry]))
    made(place, "register", turn=("added",), words=("buttermere",))
    assert bound(place, registers.look)() == 0
    place.registers.take(RegisterSnapshot("still", now + 1, [entry, replace(entry, key="k2")]))
    assert bound(place, registers.look)() == 1
    made(place, "register", owner="bob", turn=("added",), words=("buttermere",))
    assert bound(place, registers.look)() == 0
    place.registers.take(
        RegisterSnapshot("still", now + 2, [entry, replace(entry, key="k2"), replace(entry, key="k3")])
    )
    assert bound(place, registers.look)() == 2


def test_a_home_whose_rules_had_one_time_for_all_registers_goes_on_from_there(place):
    now, entry = place.clock.now, RegisterEntry("old", "k1", "Ullswater Custody")
    place.registers.take(RegisterSnapshot("old", now, [entry]))
    made(place, "register", turn=("added",), words=("ullswater",))
    place.bookmarks.put(registers.PLACE, str(now))
    place.registers.take(RegisterSnapshot("old", now + 1, [entry, replace(entry, key="k2")]))
    assert bound(place, registers.look)() == 1
    assert bound(place, registers.look)() == 0


@pytest.mark.parametrize(
    ("until", "english", "french"),
    [
        ("2024-05-01", "ended on 1 May 2024", "a pris fin le 1er mai 2024"),
        ("2031-06-30", "ends on 30 June 2031", "prend fin le 30 juin 2031"),
    ],
)
def test_a_licence_is_told_with_the_day_of_its_end_not_with_that_of_the_look(place, until, english, french):
    entry = RegisterEntry("casps", "k1", "Nordhaven Custody", country="FR")
    change = RegisterChange(
        "casps", "k1", "ended", parse_time("2026-01-01"), entry, replace(entry, ts_until=parse_time(until))
    )
    told = registers.event_of_change(change, {}, place.clock.now)
    assert told.title == f"casps: licence of Nordhaven Custody {english}"
    assert title_of(told, "fr").replace("\u00a0", " ") == f"casps : l’agrément de Nordhaven Custody {french}"


def test_more_items_than_usual_and_another_tone_are_told(place):
    made(place, "spike", assets=("bitcoin",), subject=("items>3", "sentiment>0.3"))

    def arrive(count: int, days: int, title: str) -> None:
        now = place.clock.market_now()
        sightings = [
            Sighting("desk", f"{title}{days}{one}", "https://a.example/", f"{title} {one}",
                     ts_published=now - days * DAY_MS - one)
            for one in range(count)
        ]  # fmt: skip
        place.items.take(SourceFetch("desk", now, sightings))
        while ItemReader(place, tell=lambda *_: 0).read_some():
            pass

    for days in (3, 4, 5):
        arrive(3, days, "Bitcoin soars to a record, investors celebrate gains")
    assert bound(place, spikes.look)() == 0
    arrive(8, 0, "Bitcoin crashes after a devastating hack, investors lose millions")
    assert bound(place, spikes.look)() == 2
    assert bound(place, spikes.look)() == 0
    assert any(one.startswith("News spike on Bitcoin: 8 items") for one in titles(place))
    french = {title_of(one.alert.happening, "fr") for one in place.alerts.list_deliveries(OWNER.user)}
    assert any(one.endswith("8 actualités en 24 h, contre 1,3 par jour auparavant") for one in french)
    assert not any(re.search(r"\d\.\d", one) for one in french)


def test_what_is_in_a_language_that_nobody_reads_changes_no_tone(place):
    made(place, "spike", assets=("bitcoin",), subject=("sentiment>0.1",))
    now = place.clock.market_now()

    def arrive(count: int, days: int, title: str) -> None:
        said = [
            Sighting("desk", f"{title}{days}{one}", "https://a.example/", f"{title} {one}",
                     ts_published=now - days * DAY_MS - one)
            for one in range(count)
        ]  # fmt: skip
        place.items.take(SourceFetch("desk", now, said))
        while ItemReader(place, tell=lambda *_: 0).read_some():
            pass

    arrive(6, 3, "Bitcoin soars to a record, investors celebrate gains")
    arrive(6, 0, "Bitcoin soars to a record, investors celebrate gains")
    assert bound(place, spikes.look)() == 0
    arrive(30, 0, "Die Anleger und die Bank haben bei Bitcoin nicht mit dem Angriff auf die Börse gerechnet")
    assert bound(place, spikes.look)() == 0
    run = preview_past_events(AlertRule("", "", "", "spike", {"assets": ("bitcoin",), "subject": ("sentiment>0.1",)}),
    bound(place, find_spike_events)(
        {"assets": ("bitcoin",), "subject": ("sentiment>0.1",)}
    ))  # fmt: skip
    assert run.count == 0


def begun(place: AppContext, account: str, owner: str) -> TradeRun:
    run = TradeRun(
        f"run-{account}", account, owner, "bitget-perp", "demo", "p", Decimal(1_000), place.clock.now
    )
    place.trades.begin(run)
    return run


def test_what_becomes_of_a_plan_is_told_to_whom_it_belongs_and_what_they_did_is_not(place):
    made(place, "desk", subject=("plan",))
    made(place, "desk", owner="bob", subject=("plan",))
    look = bound(place, plans.look)
    assert look() == 0
    begun(place, "mine", OWNER.user)
    number = place.plans.add(
        plan_of("btc-usdt-perp", place.clock.now, owner=OWNER.user, account="mine", stop=90.0, target=120.0),
        "x",
    ).number
    for mark, code in (("armed", ""), ("entered", ""), ("closed", "target")):
        place.plans.mark(number, mark, place.clock.now, "x", code=code)
    assert look() == 2
    assert look() == 0
    assert set(titles(place)) == {
        "Plan long BTC, account mine: in position", "Plan long BTC, account mine: closed at the target",
    }  # fmt: skip
    assert titles(place, "bob") == []
    past = bound(place, find_system_events)(OWNER.user, {"subject": ("plan",)}).events
    assert {event.title for event in past} >= set(titles(place))


def test_what_happens_to_vigie_itself_is_told_to_whom_it_concerns_and_once(place):
    made(place, "desk", subject=("halt", "difference", "state", "job", "stream", "restart"))
    made(place, "desk", owner="bob")
    assert bound(place, system_events.look)() == 0
    begun(place, "mine", OWNER.user)
    begun(place, "his", "bob")
    place.audit.append("trade.halted", actor="bob", subject="his", text={"account": "his", "why": "drawdown"})
    place.audit.append(
        "trade.state", actor=OWNER.user, subject="mine",
        text={"account": "mine", "before": "active", "state": "reducing", "why": "asked"},
    )  # fmt: skip
    place.audit.append("job.failed", actor="bob", subject="j1", text={"kind": "import", "message": "no room"})
    place.audit.append(
        "trade.unexplained_position", actor=OWNER.user, subject="BTC",
        text={"account": "mine", "theirs": "1", "ours": "0"},
    )  # fmt: skip
    assert bound(place, system_events.look)() == 4
    assert bound(place, system_events.look)() == 0
    live = SourceHealth("bitget/quotes", "live", place.clock.now, place.clock.now, mode="stream")
    place.quotes.put_health([live])
    bound(place, system_events.look)()
    place.quotes.put_health([replace(live, mode="poll", error="silent for 30 s")])
    assert bound(place, system_events.look)() == 2
    assert bound(place, system_events.look)() == 0
    assert bound(place, system_events.record_start)() == 2
    assert set(titles(place)) == {
        "Account mine changed from active to reducing",
        "Account mine differs from the venue: venue: 1, account: 0",
        "Stream bitget/quotes is down: silent for 30 s",
        "Vigie restarted",
    }
    assert "Account his halted: drawdown" in titles(place, "bob")
    assert "Job failed (import): no room" in titles(place, "bob")


@pytest.mark.parametrize(
    ("kind", "text", "french"),
    [
        ("trade.state", {"before": "active", "state": "halted"}, "Le compte mine passe de « actif » à « suspendu »"),
        (
            "trade.unexplained_position", {"theirs": "0.25", "ours": "0"},
            "Compte mine, écart avec la plateforme : plateforme : 0,25, compte : 0",
        ),
        (
            "trade.stop_moved", {"stop": "61200.5", "meant": "62000"},
            "Compte mine : Stop éloigné du prix : 61200,5 sur la plateforme, décidé : 62000",
        ),
        (
            "trade.unprotected", {"done": "protect"},
            "Compte mine : Position sans stop : un stop y est placé immédiatement",
        ),
    ],
)  # fmt: skip
def test_what_happens_to_an_account_is_told_in_french(place, kind, text, french):
    begun(place, "mine", OWNER.user)
    event = place.audit.append(kind, actor=OWNER.user, subject="mine", text={"account": "mine", **text})
    told = system_events.event_of_record(place.trades, event, place.clock.now)
    assert title_of(told, "fr").replace("\u00a0", " ") == french


def test_why_a_job_failed_or_a_stream_is_silent_is_told_in_french_as_pages_say_it(place):
    made(place, "desk", subject=("job", "stream"))
    (look,) = (
        one
        for _, one in LOOKS
        if one.__module__ == system_events.__name__ and one is not system_events.look_at_losses
    )
    bound(place, look)()
    text = {"kind": "backtest", "message": refused("raw_document_no_body", id="d1")}
    place.audit.append("job.failed", actor=OWNER.user, subject="j7", text=text)
    live = SourceHealth("okx/quotes", "live", place.clock.now, place.clock.now, mode="stream")
    place.quotes.put_health([live])
    bound(place, look)()
    place.quotes.put_health([replace(live, mode="poll", error=refused("file_hold_most_bytes", max_file=9))])
    bound(place, look)()
    told = [one.alert.happening for one in place.alerts.list_deliveries(OWNER.user)]
    assert {
        one.title: title_of(one, "fr").replace("\u00a0", " ")
        for one in told
        if "d1" in one.title or "okx" in one.title
    } == {
        "Job failed (backtest): the raw document d1 has no body": (
            "Tâche en échec (backtest) : le document brut d1 n’a pas de corps"
        ),
        "Stream okx/quotes is down: a file may hold at most 9 bytes": (
            "Flux okx/quotes coupé : un fichier peut contenir au plus 9 octets"
        ),
    }
    failed = next(one for one in told if "d1" in one.title)
    assert failed.facts["title"]["code"] == "desk.job"
    why = failed.facts["title"]["arguments"]["why"]
    assert (why["code"], why["arguments"]) == ("raw_document_no_body", {"id": "d1"})
    assert why["en"] == "the raw document d1 has no body"


def test_a_title_of_before_or_of_a_text_that_is_gone_is_said_as_it_was_stored(place):
    begun(place, "mine", OWNER.user)
    event = place.audit.append("trade.state", actor=OWNER.user, subject="mine", text={"account": "mine"})
    told = system_events.event_of_record(place.trades, event, place.clock.now)
    of_before = replace(told, facts={"title_fr": "Le compte mine change"})
    assert title_of(of_before, "fr") == "Le compte mine change"
    assert title_of(of_before, "en") == told.title
    for stored in (
        {"code": "desk.gone", "arguments": {}},
        {"code": "desk.state", "arguments": {}},
        {},
        "desk",
    ):
        assert title_of(replace(told, facts={"title": stored}), "fr") == told.title


def test_half_four_fifths_and_all_of_the_loss_of_a_day_are_told_once_each(place, monkeypatch):
    used = [0.0]

    @contextmanager
    def story(*_: Any) -> Iterator[None]:
        yield None

    monkeypatch.setattr(system_events, "open_account_view", story)
    monkeypatch.setattr(system_events, "open_rows", lambda *_: [])
    monkeypatch.setattr(system_events, "limit_rows", lambda *_: [{"name": "daily_loss", "share": used[0]}])
    begun(place, "lossy", OWNER.user)
    made(place, "desk", subject=("loss",))
    made(place, "desk", owner="bob")
    counts = []
    for share in (0.2, 0.51, 0.7, 0.85, 0.6, 1.2, 1.2, 0.9):
        used[0] = share
        place.clock.now += 1
        counts.append(bound(place, system_events.look_at_losses)())
    told = [one for one in titles(place) if "lossy" in one]
    assert told == [f"Account lossy: {share}% of the daily loss limit used" for share in (50, 80, 100)]
    place.clock.now += DAY_MS
    assert bound(place, system_events.look_at_losses)() > 0
    assert not any("lossy" in one for one in titles(place, "bob"))


def test_news_of_what_is_followed_are_told_as_the_watchlists_are_now(place):
    made(place, "item", followed=("yes",))
    assert bound(place, dispatch_read_items)([read("f1")]) == 0
    place.accounts.put_watchlist(Watchlist("", OWNER.user, "Mine", ("bitcoin",), 0, 0))
    assert bound(place, dispatch_read_items)([read("f2")]) == 1


def test_one_look_that_fails_holds_no_other_up(place):
    said: list[str] = []

    def fails(_: AppContext) -> int:
        raise ZeroDivisionError

    watcher = AlertWatcher(place, ((1.0, fails), (1.0, lambda: 1)), said.append)
    assert watcher.run_due() == 1
    assert watcher.run_due() == 0
    assert "ZeroDivisionError" in said[0]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "price", "subjects": ["price>1"]}, "needs an asset"),
        ({"kind": "screener"}, "needs a condition"),
        ({"kind": "screener", "subjects": ["nosuchfield>1"]}, "nosuchfield"),
        ({"kind": "peg", "subjects": ["2"]}, "fraction"),
        ({"kind": "spike", "assets": ["bitcoin"], "subjects": ["items<3"]}, "must look like"),
        ({"kind": "desk", "subjects": ["weather"]}, "must be about one of"),
    ],
)
def test_a_rule_that_could_never_be_told_is_refused(place, given, why):
    with pytest.raises(UsageError, match=why):
        put_rule(
            person(),
            PutRuleInput(name="x", **given),
            BarCatalog(place.facts, place.bar_reader),
            place.accounts,
            place.alerts,
            place.names,
            place.clock,
            place.directory,
        )


def test_a_condition_is_kept_in_the_one_form_in_which_it_is_looked_for(place):
    kept = put_rule(
        person(),
        PutRuleInput(name="x", kind="price", assets=["BTC"], subjects=["price>1e5"]),
        BarCatalog(place.facts, place.bar_reader),
        place.accounts,
        place.alerts,
        place.names,
        place.clock,
        place.directory,
    )
    assert kept.subjects == ["price>100000"]
    assert kept.assets == ["bitcoin"]


def test_no_value_ends_the_line_of_a_title():
    values = {"account": "a\r\nBcc: b", "before": "x", "state": "y\u2028z"}
    assert make_event("desk", "state", "k", values, 1).title == "Account a Bcc: b changed from x to y z"
