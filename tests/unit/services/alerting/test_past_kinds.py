"""Dry runs of rules beside news: counted from what is stored, and what is not stored is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.databases import HandClock
from tests.houses import START, Browser, house
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.item import Sighting
from vigie.domain.person import OWNER
from vigie.domain.register import RegisterEntry
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.mails import MailSources
from vigie.services.alerting.preview.kinds import PreviewSources
from vigie.services.alerting.preview.past_events import DAYS
from vigie.services.alerting.watching import system_events
from vigie.services.needs import bound, provide
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.operations.alert_previews import PreviewRuleInput, RulePreviewResult, preview_rule

NOW = parse_time(START) + 200 * DAY_MS


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    clock = HandClock()
    clock.now = NOW
    return house(tmp_path_factory.mktemp("home") / "home", clock=clock)


def preview(place, kind: str, **more: object) -> RulePreviewResult:
    return preview_rule(
        OWNER,
        PreviewRuleInput(kind=kind, **more),
        provide(place, PreviewSources),
        provide(place, MailSources),
        place.preview_cache,
    )


def test_a_price_is_counted_each_time_that_it_passed_its_level(place):
    bars = place.bar_reader.newest(place.bar_reader.instruments()["bitcoin"], "1h")
    inside = (bars.ts + HOUR_MS >= NOW - DAYS * DAY_MS) & (bars.ts + HOUR_MS <= NOW)
    closes = bars.close[inside]
    level = round(float(sorted(closes)[len(closes) // 2]))
    above = closes > level
    passes = int((above[1:] & ~above[:-1]).sum())
    asked = {"assets": ["bitcoin"], "subjects": [f"price>{level}"]}
    found = preview(place, "price", turns=["enters"], **asked)
    assert found.count == passes > 0
    assert (found.every_ms, found.since, found.unknown, found.is_whole) == (HOUR_MS, None, [], True)
    assert found.examples[0].title.startswith("Bitcoin: ")
    assert found.examples[0].title_fr.startswith("Bitcoin\u00a0: ")
    assert all(NOW - DAYS * DAY_MS <= one.ts <= NOW for one in found.examples)
    both = preview(place, "price", **asked)
    assert passes <= both.count - passes + 1 <= passes + 2


def test_a_screen_is_counted_over_every_asset_and_what_only_quotes_say_is_named(place):
    found = preview(place, "screener", subjects=["change_24h<-0.03"], turns=["enters"])
    assert found.count > 0
    assert len({one.title.split(" entered")[0] for one in found.examples}) >= 1
    unknown = preview(place, "screener", subjects=["spread_bps>5,change_24h<-0.03"])
    assert (unknown.count, unknown.looked_at, unknown.unknown) == (0, 0, ["spread_bps"])
    with pytest.raises(UsageError, match="needs an asset"):
        preview(place, "price", subjects=["price>1"])


def test_a_stablecoin_without_a_stored_price_is_named_and_one_that_left_its_dollar_is_counted(place):
    assert preview(place, "peg", assets=["tether"]).unknown == ["tether"]
    series = "stablecoins/tether/peg_usd"
    prices = [(80, 1.0), (50, 0.97), (49, 0.999), (20, 0.985), (19, 0.9999)]
    place.facts.append(
        Observation(series, NOW - days * DAY_MS, NOW - days * DAY_MS, price) for days, price in prices
    )
    found = preview(place, "peg", assets=["tether"], subjects=["0.01"], turns=["enters"])
    assert (found.count, found.since) == (2, NOW - 80 * DAY_MS)
    assert preview(place, "peg", assets=["tether"], subjects=["0.02"], turns=["enters"]).count == 1


def test_a_spike_is_counted_from_items_as_they_were_seen(place):
    usual = [NOW - (30 - day) * DAY_MS for day in range(20)]
    rush = [NOW - 5 * DAY_MS + minute * 60_000 for minute in range(9)]
    for number, ts in enumerate([*usual, *rush]):
        said = Sighting(
            "decrypt",
            f"n{number}",
            f"https://d.example/{number}",
            f"Bitcoin note {number} of today",
            ts_published=ts,
        )
        place.items.take(SourceFetch("decrypt", ts, (said,)))
    while ItemReader(place, tell=lambda *_: 0).read_some():
        pass
    found = preview(place, "spike", assets=["bitcoin"], subjects=["items>3"])
    assert found.count == 1
    assert rush[0] <= found.examples[0].ts <= rush[0] + DAY_MS
    assert preview(place, "spike", assets=["ethereum"], subjects=["items>3"]).unknown == ["ethereum"]


def test_registers_are_counted_from_their_changes(place):
    assert preview(place, "register").unknown == ["registers"]
    row = RegisterEntry("esma_casp", "1", "One AG", country="DE")
    place.registers.take(RegisterSnapshot("esma_casp", NOW - 9 * DAY_MS, [row]))
    place.registers.take(
        RegisterSnapshot("esma_casp", NOW - 3 * DAY_MS, [row, replace(row, key="2", name="Two SA")])
    )
    found = preview(place, "register", turns=["added"])
    assert (found.count, found.unknown) == (1, [])
    assert "Two SA added" in found.examples[0].title
    assert preview(place, "register", turns=["removed"]).count == 0


def test_newcomers_are_counted_by_the_lists_that_were_kept(place):
    assert preview(place, "emerging").unknown == ["list"]

    def listed(day: int, *ids: str) -> None:
        rows = [
            {"id": one, "name": one.title(), "symbol": one[:3], "ts_first_seen": NOW - day * DAY_MS}
            for one in ids
        ]
        place.facts.put_document("coingecko", "coin_list_new", NOW - day * DAY_MS, {"rows": rows})

    listed(10, "first")
    listed(6, "first", "second")
    listed(2, "second", "third")
    found = preview(place, "emerging")
    assert found.count == 2
    assert [one.title.split(": ")[1].split(" (")[0] for one in found.examples] == ["Third", "Second"]
    assert found.every_ms == DAY_MS
    assert found.since is not None
    # Of ages by the day: who was too young for a list enters it later.
    aged = preview(place, "emerging", subjects=["age_hours>=60,kind=coin"])
    assert [one.title.partition(" now matches")[0] for one in aged.examples] == ["Second", "First"]
    assert "entre dans la liste" in aged.examples[0].title_fr
    assert preview(place, "emerging", subjects=["place=eth"]).count == 0
    left = preview(place, "emerging", turns=["leaves"])
    assert [one.title for one in left.examples] == ["First left the list of emerging coins"]
    both = preview(place, "emerging", turns=["enters", "leaves"])
    assert both.count == found.count + left.count


def test_vigie_itself_is_counted_from_its_audit_for_its_owner_only(place):
    place.audit.append(
        "job.failed", actor=OWNER.user, subject="j1", text={"kind": "import", "message": "no room"}
    )
    place.audit.append("job.failed", actor="bob", subject="j2", text={"kind": "import", "message": "no room"})
    found = preview(place, "desk")
    assert found.count == 1
    assert found.unknown == ["loss", "stream", "restart"]
    assert preview(place, "desk", subjects=["job"]).unknown == []
    assert preview(place, "desk", subjects=["halt"]).count == 0
    # A start is written down from the first one on that knows of it.
    place.clock.now += 1
    begun = place.clock.now
    bound(place, system_events.record_start)()
    bound(place, system_events.record_start)()
    starts = preview(place, "desk", subjects=["restart"])
    assert (starts.count, starts.unknown, starts.since) == (2, [], begun)
    assert starts.examples[0].title == "Vigie restarted"


def test_open_interest_and_settled_funding_are_counted_from_what_was_known(place):
    known = "derivatives/binance-perp:btc-usdt-perp/"
    asked = {"assets": ["bitcoin"], "turns": ["enters"]}
    assert preview(place, "price", subjects=["open_interest>1e9"], **asked).unknown == ["open_interest"]

    def keep(name: str, *values: tuple[float, float]) -> None:
        at = [(NOW - round(days * DAY_MS), value) for days, value in values]
        place.facts.append(Observation(known + name, ts, ts + HOUR_MS, value) for ts, value in at)

    hours = [80 - n / 24 for n in range(80 * 24)]
    keep("open_interest_usd", *((day, 2e9 if 20 < day < 30 or day < 3 else 5e8) for day in hours))
    found = preview(place, "price", subjects=["open_interest>1e9"], **asked)
    assert (found.count, found.unknown, found.notes) == (2, [], [])
    assert found.since == NOW - 80 * DAY_MS + HOUR_MS
    settled = [80 - n / 3 for n in range(80 * 3)]
    keep("funding_fraction", *((day, 0.001 if 10 < day < 11 else 0.0001) for day in settled))
    found = preview(place, "price", subjects=["funding_8h>0.0005"], **asked)
    assert (found.count, found.notes) == (1, ["settled_funding"])
    form = {"kind": "price", "assets": "BTC", "where": "funding_8h>0.0005", "channels": "inbox", "try": "1"}
    assert "Funding rates are the settled ones, not those" in Browser(place).post("/alerts", form).text


def test_the_page_says_how_often_it_looked_and_what_it_does_not_know(place):
    form = {"kind": "screener", "where": "change_24h<-0.03", "channels": "inbox", "try": "1"}
    page = Browser(place).post("/alerts", form).text
    assert "so it misses what came and went; the alert looks every few seconds." in page
    assert " now matches: " in page or " no longer matches: " in page
    french = Browser(place, language="fr").post("/alerts", {**form, "where": "spread_bps>5"}).text
    assert "Pas d’aperçu\u00a0: aucun historique n’est enregistré." in french
    assert "Non compté, faute d’historique enregistré\u00a0: le spread" in french
