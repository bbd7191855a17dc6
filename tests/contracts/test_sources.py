"""What every source promises, asked of each registered one over the simulated world."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib import import_module
from itertools import pairwise
from types import SimpleNamespace

import httpx
import pytest

from tests.clocks import OPENED, JumpingClock
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.sources.manifest import SourceManifest, manifests
from vigie.adapters.sources.site import Site
from vigie.domain.asset import WATCHED
from vigie.domain.errors import TransientError, VigieError
from vigie.domain.time import DAY_MS
from vigie.ports.source import Batch, Source
from vigie_sandbox.world.earlier_days import EARLIER_DAYS
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

MANIFESTS = {manifest.id: manifest for manifest in manifests()}
PULLED = [
    (manifest.id, feed.name)
    for manifest in MANIFESTS.values()
    for feed in manifest.feeds
    if feed.mode == "schedule"
]
# Of a history that is fetched from its newest piece on.
MOST_PIECES = 12


class Standing:
    """The world with its clock stopped, so that what was asked twice is the same."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.turn = threading.Lock()
        self.world = World(
            lambda: self.seconds, OPENED, history_days=40, speed=1.0, flawless=True, quiet=True
        )

    def clock(self) -> JumpingClock:
        return JumpingClock(self.world.now_ms())


@pytest.fixture(scope="module")
def standing() -> Standing:
    return Standing()


@pytest.fixture(scope="module")
def url(standing: Standing) -> Iterator[str]:
    with serving(standing.world) as address:
        yield address


def feeds_of(
    manifest: SourceManifest,
    clock: JumpingClock,
    url: str,
    transport: object = None,
    held: tuple[str, ...] = (),
) -> dict[str, Source]:
    site = Site(
        manifest,
        Fetcher(clock, transport=transport),
        clock,
        url=f"{url}/{manifest.service}",
        symbols={asset.id: asset.symbol for asset in WATCHED[:2]},
        held=lambda: held,
    )
    module = import_module(f"vigie.adapters.sources.{manifest.id}.source")
    return dict(module.open_feeds(site))


def pull(
    standing: Standing, url: str, source: str, feed: str, bookmark: str = "", held: tuple[str, ...] = ()
) -> Batch:
    async def once() -> Batch:
        return await feeds_of(MANIFESTS[source], standing.clock(), url, held=held)[feed].pull(bookmark)

    return asyncio.run(once())


def test_the_demanded_sources_are_registered():
    wanted = "coingecko feargreed defillama mempool ecb coinmetrics deribit ecb_data nyfed bls"
    assert {*wanted.split(), "binance_futures", "binance_spot"} <= set(MANIFESTS)


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=lambda manifest: manifest.id)
def test_manifest_names_every_feed_and_says_what_the_data_may_be_used_for(manifest):
    feeds = feeds_of(manifest, JumpingClock(), "http://127.0.0.1:1")
    module = import_module(f"vigie.adapters.sources.{manifest.id}.source")
    site = Site(manifest, Fetcher(JumpingClock()), JumpingClock(), symbols={"bitcoin": "BTC"})
    streams = module.open_streams(site) if hasattr(module, "open_streams") else {}
    assert {feed.name for feed in manifest.feeds} == set(feeds) | set(streams)
    assert {feed.name for feed in manifest.feeds if feed.mode == "stream"} == set(streams)
    for text in (manifest.terms, manifest.licence, manifest.attribution, manifest.docs, manifest.verified):
        assert text
    assert manifest.live_url.startswith("https://")
    assert all(feed.every_s >= 60 for feed in manifest.feeds), "nobody is asked more than once a minute"


def test_non_commercial_licence_is_flagged():
    assert MANIFESTS["coinmetrics"].is_non_commercial
    for manifest in MANIFESTS.values():
        assert manifest.is_non_commercial == ("-NC" in manifest.licence)


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=lambda manifest: manifest.id)
def test_schedules_fit_into_the_budget(manifest):
    a_minute = sum(60.0 / feed.every_s for feed in manifest.feeds)
    assert a_minute <= manifest.requests_per_minute


@pytest.mark.parametrize(("source", "feed"), PULLED)
def test_pull_delivers_facts_of_the_kinds_it_names_or_documents(standing, url, source, feed):
    batch = pull(standing, url, source, feed)
    now = standing.world.now_ms()
    assert batch.observations or batch.documents, "never an empty batch"
    kinds = [
        measure.pattern for measure in feeds_of(MANIFESTS[source], standing.clock(), url)[feed].measures()
    ]
    for fact in batch.observations:
        assert any(fnmatchcase(fact.series, kind) for kind in kinds), fact.series
        assert fact.ts_event <= fact.ts_known <= now, fact
        assert fact.ts_event > 1_000_000_000_000, "milliseconds"
    for key, body in batch.documents:
        assert key.replace("_", "").isalpha()
        json.dumps(body)
    if kinds:
        series = {fact.series for fact in batch.observations}
        assert all(any(fnmatchcase(name, kind) for name in series) for kind in kinds), kinds


@pytest.mark.parametrize(("source", "feed"), PULLED)
def test_pull_from_its_own_bookmark_brings_nothing_older_than_what_may_change(standing, url, source, feed):
    last = pull(standing, url, source, feed)
    assert last.bookmark
    first = list(last.observations)
    for _ in range(MOST_PIECES):
        if not last.has_more:
            break
        before = last.bookmark
        last = pull(standing, url, source, feed, before)
        assert last.bookmark != before, "every piece leads on"
        first += last.observations
    assert not last.has_more, "a history has a beginning"
    again = pull(standing, url, source, feed, last.bookmark)
    assert len(again.observations) <= len(first)
    known = {(fact.series, fact.ts_event): fact.value for fact in first}
    for fact in again.observations:
        before = known.get((fact.series, fact.ts_event))
        assert before is None or before == pytest.approx(fact.value, rel=1e-3)


BROKEN = {
    "a captcha page": b"<html><body>Checking your browser</body></html>",
    "nothing": b"",
    "null": b"null",
    "half a body": b'{"data": [{"a": 1}, {"b',
    "an empty object": b"{}",
    "an empty list": b"[]",
    "null data": b'{"data": null, "result": null, "rates": null, "coins": null, "peggedAssets": null}',
    "other words": b'{"status": "ok", "message": "moved"}',
    "a list of nothing": b"[null, null]",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(("source", "feed"), PULLED)
def test_answer_that_is_broken_under_200_is_an_error_never_an_empty_batch(source, feed, body):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(body)))

    async def once() -> Batch:
        feeds = feeds_of(MANIFESTS[source], JumpingClock(OPENED), "http://127.0.0.1:1", transport)
        return await feeds[feed].pull("")

    with pytest.raises(VigieError):
        asyncio.run(once())


@pytest.mark.parametrize(("source", "feed"), PULLED)
def test_every_fault_of_a_service_is_an_error_and_the_next_pull_works(standing, url, source, feed):
    service = MANIFESTS[source].service
    for kind in ("5xx", "half-body", "wrong-json"):
        standing.world.faults.add({"service": service, "kind": kind, "times": None})
        try:
            with pytest.raises(VigieError):
                pull(standing, url, source, feed)
        finally:
            standing.world.faults.clear(service)
    assert pull(standing, url, source, feed).bookmark


def test_feed_that_says_so_keeps_its_answers_raw_and_others_do_not(standing, url):
    kept: list[str] = []

    class Documents:
        def put(self, kind: str, *_rest: object) -> SimpleNamespace:
            kept.append(kind)
            return SimpleNamespace(id="1")

    async def once() -> None:
        for source, feed in PULLED:
            manifest = MANIFESTS[source]
            fetcher = Fetcher(standing.clock(), documents=Documents())
            site = Site(manifest, fetcher, standing.clock(), url=f"{url}/{manifest.service}")
            module = import_module(f"vigie.adapters.sources.{source}.source")
            if source in ("feargreed", "ecb", "mempool"):
                await module.open_feeds(site)[feed].pull("")

    asyncio.run(once())
    assert set(kept) == {"feargreed/index", "ecb/rates"}


def test_fear_and_greed_of_a_former_day_was_known_that_day(standing, url):
    facts = pull(standing, url, "feargreed", "index").observations
    newest = max(fact.ts_event for fact in facts)
    assert all(fact.ts_known == fact.ts_event for fact in facts if fact.ts_event < newest)
    assert all(fact.ts_event % DAY_MS == 0 and 0 <= fact.value <= 100 for fact in facts)


def test_euro_rates_are_known_in_the_afternoon_of_their_day(standing, url):
    facts = pull(standing, url, "ecb", "rates").observations
    assert {fact.ts_known - fact.ts_event for fact in facts} == {15 * 3_600_000}
    assert {"fx/usd/per_eur", "fx/gbp/per_eur"} <= {fact.series for fact in facts}


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    ],
)
def test_rates_with_entities_are_refused(body):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(body)))

    async def once() -> None:
        feeds = feeds_of(MANIFESTS["ecb"], JumpingClock(OPENED), "http://127.0.0.1:1", transport)
        await feeds["rates"].pull("")

    with pytest.raises(VigieError, match="the ECB did not send its rates"):
        asyncio.run(once())


def test_volatility_is_known_when_its_candle_has_closed(standing, url):
    facts = pull(standing, url, "deribit", "dvol").observations
    assert {fact.series for fact in facts} == {
        "volatility/bitcoin/dvol_index",
        "volatility/ethereum/dvol_index",
    }
    assert max(fact.ts_event for fact in facts) <= standing.world.now_ms()


def test_on_chain_metrics_are_those_that_the_catalogue_lists(standing, url):
    batch = pull(standing, url, "coinmetrics", "network")
    series = {fact.series for fact in batch.observations}
    assert "onchain/bitcoin/hash_rate" in series
    assert "onchain/ethereum/adr_act_cnt" in series
    assert "onchain/bitcoin/cap_mvrv_cur" in series
    assert all(fact.ts_known == standing.world.now_ms() for fact in batch.observations), "values are revised"


def test_daily_prices_reach_back_before_the_tape_and_join_it(standing, url):
    last = pull(standing, url, "coinmetrics", "prices")
    facts = list(last.observations)
    assert last.has_more, "the newest two years come first"
    assert min(fact.ts_event for fact in facts) > OPENED - 731 * DAY_MS
    while last.has_more:
        last = pull(standing, url, "coinmetrics", "prices", last.bookmark)
        facts += last.observations
    spot, later = [], pull(standing, url, "binance_spot", "daily")
    spot += later.observations
    while later.has_more:
        later = pull(standing, url, "binance_spot", "daily", later.bookmark)
        spot += later.observations
    for asset, kept in (("bitcoin", facts), ("ethereum", facts)):
        closes = {fact.ts_event: fact.value for fact in kept if fact.series == f"onchain/{asset}/price_usd"}
        days = sorted(closes)
        assert len(days) == EARLIER_DAYS + 40 == (days[-1] - days[0]) // DAY_MS + 1, "every day once"
        steps = [abs(closes[later] / closes[day] - 1) for day, later in pairwise(days)]
        assert max(steps) < 0.4, "no jump, not where the tape begins either"
        at_spot = {
            fact.ts_event: fact.value for fact in spot if fact.series == f"market/{asset}/spot_close_usdt"
        }
        common = at_spot.keys() & closes.keys()
        assert len(common) > 2_900
        assert all(at_spot[day] == pytest.approx(closes[day], rel=1e-6) for day in common)


def test_closes_of_every_source_are_of_the_same_day(standing, url):
    closes = {
        name: {fact.ts_event: fact.value for fact in pull(standing, url, *feed).observations if fact.series == name}
        for name, feed in {
            "onchain/bitcoin/price_usd": ("coinmetrics", "prices"),
            "market/bitcoin/spot_close_usdt": ("binance_spot", "daily"),
            "market/bitcoin/close_usd": ("coingecko", "history"),
        }.items()
    }  # fmt: skip
    one, two, three = closes.values()
    common = one.keys() & two.keys() & three.keys()
    assert len(common) >= 39
    for day in common:
        assert one[day] == pytest.approx(two[day], rel=1e-6) == pytest.approx(three[day], rel=1e-6)


def test_price_counts_from_when_it_was_read_and_a_finished_bar_from_its_end(standing, url):
    prices = pull(standing, url, "coinmetrics", "prices").observations
    assert {fact.ts_known for fact in prices} == {standing.world.now_ms()}, "values are revised"
    bars = pull(standing, url, "binance_spot", "daily").observations
    assert {fact.ts_known - fact.ts_event for fact in bars} == {DAY_MS}


@pytest.mark.parametrize(("source", "feed"), [("coinmetrics", "prices"), ("binance_spot", "daily")])
def test_history_goes_on_where_it_was_after_the_service_asked_to_wait(standing, url, source, feed):
    first = pull(standing, url, source, feed)
    service = MANIFESTS[source].service
    standing.world.faults.add({"service": service, "kind": "429", "times": None})
    try:
        with pytest.raises(TransientError):
            pull(standing, url, source, feed, first.bookmark)
    finally:
        standing.world.faults.clear(service)
    second = pull(standing, url, source, feed, first.bookmark)
    assert max(fact.ts_event for fact in second.observations) < min(
        fact.ts_event for fact in first.observations
    )


def test_bar_that_is_no_day_is_refused():
    def answer(request: httpx.Request) -> httpx.Response:
        hour = OPENED // DAY_MS * DAY_MS + 3_600_000
        rows: list[object] = [{"symbol": "BTCUSDT", "price": "1"}]
        if request.url.path.endswith("/klines"):
            rows = [[hour, "1", "1", "1", "1", "1", hour + 3_599_999, "1", 1, "1", "1", "0"]]
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(rows).encode()))

    async def once() -> None:
        feeds = feeds_of(
            MANIFESTS["binance_spot"], JumpingClock(OPENED), "http://127.0.0.1:1", httpx.MockTransport(answer)
        )
        await feeds["daily"].pull("")

    with pytest.raises(VigieError, match="unknown form"):
        asyncio.run(once())


def test_euro_rates_reach_back_before_the_tape_without_a_jump(standing, url):
    newest = pull(standing, url, "ecb", "rates")
    assert newest.has_more
    assert min(fact.ts_event for fact in newest.observations) > OPENED - 100 * DAY_MS, "newest first"
    whole = pull(standing, url, "ecb", "rates", newest.bookmark)
    assert not whole.has_more
    rates = {fact.ts_event: fact.value for fact in whole.observations if fact.series == "fx/usd/per_eur"}
    for fact in newest.observations:
        assert fact.series != "fx/usd/per_eur" or rates[fact.ts_event] == fact.value
    days = sorted(rates)
    assert (days[-1] - days[0]) // DAY_MS > EARLIER_DAYS
    assert max(abs(rates[later] / rates[day] - 1) for day, later in pairwise(days)) < 0.05


def test_watched_coins_are_facts_and_all_coins_are_in_the_table(standing, url):
    batch = pull(standing, url, "coingecko", "markets")
    [(key, body)] = batch.documents
    assert key == "markets"
    assert len(body["rows"]) == len(standing.world.coins) + 1, "and the small one that shares a ticker"
    assert [row["id"] for row in body["rows"] if row["symbol"] == "lumar"] == ["lumar", "lumera"]
    assert {"id", "current_price", "market_cap", "sparkline_7d"} <= set(body["rows"][0])
    assert "market/bitcoin/cap_usd" in {fact.series for fact in batch.observations}
    assert pull(standing, url, "coingecko", "markets", batch.bookmark).observations == [], "the same minutes"


def test_a_coin_that_somebody_owns_has_its_days_though_it_is_not_watched_and_all_of_them_at_first(
    standing, url
):
    first = pull(standing, url, "coingecko", "history")
    assert {fact.series.split("/")[1] for fact in first.observations} == {"bitcoin", "ethereum"}
    again = pull(standing, url, "coingecko", "history", first.bookmark, held=("bitcoin", "lumera"))
    days = Counter(fact.series for fact in again.observations)
    whole = Counter(fact.series for fact in first.observations)["market/bitcoin/close_usd"]
    assert days["market/lumera/close_usd"] == whole > 30
    assert 1 <= days["market/bitcoin/close_usd"] <= 3, "watched coins go on where they were"
    later = pull(standing, url, "coingecko", "history", again.bookmark, held=("lumera",))
    assert 1 <= Counter(fact.series for fact in later.observations)["market/lumera/close_usd"] <= 3
    old = pull(standing, url, "coingecko", "history", first.bookmark.partition(" ")[0])
    assert 1 <= Counter(fact.series for fact in old.observations)["market/bitcoin/close_usd"] <= 3, (
        "of before"
    )


def test_coin_that_was_not_listed_before_is_a_newcomer():
    from vigie.adapters.sources.coingecko.newcomers import new_coins
    from vigie.domain.errors import DataError

    def coins(*names: str) -> list[dict[str, str]]:
        return [{"id": name, "symbol": name[:3], "name": name.title()} for name in names]

    first = new_coins(coins("bitcoin", "ethereum", "tether", "ripple", "cosmos"), "", 1)
    assert first.documents[0][1] == {"rows": [], "coins": 5, "is_first_look": True}
    grown = coins("bitcoin", "ethereum", "tether", "ripple", "cosmos", "zephi")
    second = new_coins(grown, first.bookmark, 2)
    assert [row["id"] for row in second.documents[0][1]["rows"]] == ["zephi"]
    third = new_coins(grown, second.bookmark, 3)
    assert third.documents[0][1]["rows"] == second.documents[0][1]["rows"]
    with pytest.raises(DataError, match="the list must contain most of the"):
        new_coins(coins("bitcoin"), third.bookmark, 4)


@pytest.mark.parametrize("field", ["id", "name", "symbol"])
def test_a_newcomer_without_a_name_is_new_once_it_has_one(field):
    from vigie.adapters.sources.coingecko.newcomers import new_coins, new_pools

    known = {"id": "bitcoin", "symbol": "btc", "name": "Bitcoin"}
    whole = {"id": "zephi", "symbol": "zep", "name": "Zephi"}
    first = new_coins([known], "", 1)
    second = new_coins([known, {**whole, field: None}], first.bookmark, 2)
    assert second.documents[0][1]["rows"] == []
    assert new_coins([known, whole], second.bookmark, 3).documents[0][1]["rows"][0]["id"] == "zephi"

    pools = [
        {"id": f"eth_{name}", "attributes": {"name": name}, "relationships": {}} for name in ("A / B", None)
    ]
    (document,) = new_pools({"data": pools}, {"data": pools}, 4).documents
    assert [row["id"] for row in document[1]["rows"]] == ["eth_A / B"]


def test_forced_orders_add_up_in_five_minutes_and_are_known_after_them():
    from collections import defaultdict

    from vigie.adapters.sources.binance_futures.liquidations import BUCKET_MS, LiquidationTotals

    totals = LiquidationTotals({"BTCUSDT": "btc-usdt-perp"}, defaultdict(float))
    start = OPENED // BUCKET_MS * BUCKET_MS

    def order(side: str, quantity: str, symbol: str = "BTCUSDT") -> dict[str, object]:
        kept = {"s": symbol, "S": side, "q": "9", "p": "60000", "ap": "50000", "z": quantity}
        return {"e": "forceOrder", "o": kept}

    assert totals.take(order("SELL", "0.5"), start + 1_000) == []
    assert totals.take(order("SELL", "0.1"), start + 2_000) == []
    assert totals.take(order("BUY", "0.2", "XYZUSDT"), start + 3_000) == []
    found = {fact.series.rpartition("/")[2]: fact for fact in totals.take({"e": "x"}, start + BUCKET_MS + 9)}
    assert found["liquidations_long_usd"].value == pytest.approx(30_000)
    assert found["liquidations_short_usd"].value == 0.0
    assert found["liquidations_long_usd"].ts_event == start
    assert found["liquidations_long_usd"].ts_known == start + BUCKET_MS + 9
