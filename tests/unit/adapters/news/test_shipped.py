"""The sources that are shipped: each that was asked for is there, with all that is to be said of it."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from vigie.adapters.sources.news.listing import LISTS, SHIPPED, checked, feeds
from vigie.domain.errors import ConfigError

LISTED = {one.id: one for one in feeds(SHIPPED)}
# What is asked for, by name: its source, what its publisher is, its language, how it is read.
ASKED_FOR = {
    "SEC press releases": ("sec_press", "regulator", "en", "feed"),
    "SEC litigation": ("sec_litigation", "regulator", "en", "feed"),
    "SEC statements": ("sec_statements", "regulator", "en", "feed"),
    "SEC crypto task force": ("sec_task_force", "regulator", "en", "text"),
    "SEC Cyber and Emerging Technologies": ("sec_cetu", "regulator", "en", "text"),
    "SEC EDGAR": ("sec_edgar", "primary", "en", "edgar"),
    "CFTC": ("cftc", "regulator", "en", "feed"),
    "Fed": ("fed", "regulator", "en", "feed"),
    "ESMA": ("esma", "regulator", "en", "feed"),
    "MiCA: providers": ("esma_casps", "regulator", "en", "register"),
    "MiCA: white papers": ("esma_white_papers", "regulator", "en", "register"),
    "MiCA: asset-referenced tokens": ("esma_art_issuers", "regulator", "en", "register"),
    "MiCA: e-money tokens": ("esma_emt_issuers", "regulator", "en", "register"),
    "MiCA: non-compliant": ("esma_non_compliant", "regulator", "en", "register"),
    "EBA": ("eba", "regulator", "en", "feed"),
    "ECB": ("ecb_press", "regulator", "en", "feed"),
    "AMF": ("amf_news", "regulator", "fr", "page"),
    "AMF black lists": ("amf_black_list", "regulator", "fr", "text"),
    "AMF black lists, row by row": ("amf_warnings", "regulator", "fr", "register"),
    "AMF white lists": ("amf_white_list", "regulator", "fr", "text"),
    "FCA": ("fca", "regulator", "en", "feed"),
    "FCA warning list": ("fca_warnings", "regulator", "en", "register"),
    "BaFin": ("bafin", "regulator", "en", "feed"),
    "EU Blockchain Observatory": ("eu_observatory", "primary", "en", "page"),
    "Decrypt": ("decrypt", "media", "en", "feed"),
    "Cointelegraph EN": ("cointelegraph", "media", "en", "feed"),
    "Cointelegraph FR": ("cointelegraph_fr", "media", "fr", "feed"),
    "CoinDesk": ("coindesk", "media", "en", "feed"),
    "The Block": ("theblock", "media", "en", "feed"),
    "Journal du Coin": ("journalducoin", "media", "fr", "feed"),
    "Cryptoast": ("cryptoast", "media", "fr", "feed"),
    "CoinGecko": ("coingecko_blog", "primary", "en", "feed"),
    "exchanges: Bitget": ("bitget_announcements", "primary", "en", "json"),
    "exchanges: Bybit": ("bybit_announcements", "primary", "en", "json"),
    "exchanges: OKX": ("okx_announcements", "primary", "en", "json"),
    "exchanges: Kraken": ("kraken_blog", "primary", "en", "feed"),
    "CryptoRank": ("cryptorank", "aggregator", "en", "json"),
    "Phoenix News": ("phoenix_news", "media", "en", "feed"),
    "FOMC": ("fomc_calendar", "regulator", "en", "calendar"),
    "ECB's meetings": ("ecb_calendar", "regulator", "en", "calendar"),
    "CPI": ("cpi_calendar", "regulator", "en", "calendar"),
    "HICP": ("hicp_calendar", "regulator", "en", "calendar"),
    "CPI as published": ("cpi", "regulator", "en", "feed"),
    "Cryptost - Prof Chaine": ("youtube_prof_chaine", "social", "fr", "youtube"),
    "Cryptost - Vincent Ganne": ("youtube_vincent_ganne", "social", "fr", "youtube"),
    "Wave Trading": ("youtube_wave_trading", "social", "fr", "youtube"),
    "Underground Trading": ("youtube_underground_trading", "social", "fr", "youtube"),
}


@pytest.mark.parametrize(("source", "tier", "language", "kind"), ASKED_FOR.values(), ids=ASKED_FOR)
def test_each_that_was_asked_for_is_there_with_all_that_is_said_of_it(source, tier, language, kind):
    one = LISTED[source]
    assert (one.publisher, one.language, one.kind) == (tier, language, kind)
    for said in (one.title, one.owner, one.domain, one.terms, one.licence):
        assert said.strip()
    assert one.docs.startswith("https://")
    assert one.every_s > 0
    assert one.requests_per_minute > 0
    # Reached and read as nobody tried: it says so until it answers somebody.
    assert (one.tier, one.verified) == ("draft", "never verified")


def test_who_cannot_be_asked_says_why_in_words():
    assert {one.id for one in LISTED.values() if one.off or one.key_header} == {
        "cryptorank", "phoenix_news", "youtube_prof_chaine", "youtube_vincent_ganne", "youtube_wave_trading",
        "youtube_underground_trading",
    }  # fmt: skip
    assert all("channel's link" in LISTED[name].off for name in LISTED if name.startswith("youtube_"))


def test_all_that_one_host_is_asked_for_fits_into_its_budget():
    asked, budget = defaultdict(float), {}
    for one in LISTED.values():
        if host := urlsplit(one.url).hostname:
            asked[host] += 60 / one.every_s
            budget[host] = min(budget.get(host, one.requests_per_minute), one.requests_per_minute)
    assert {host: rate for host, rate in asked.items() if rate > budget[host]} == {}


def test_regulators_that_have_a_feed_are_asked_every_minute_at_least():
    slow = {one.id for one in LISTED.values() if one.publisher == "regulator" and one.kind == "feed"} - {
        "cpi"
    }
    assert slow
    assert all(LISTED[name].every_s <= 60 for name in slow)


def test_registers_say_whether_standing_there_is_a_licence():
    lists = {one.id: one.lists for one in LISTED.values() if one.lists}
    assert lists == {
        "esma_casps": "licences", "esma_art_issuers": "licences", "esma_emt_issuers": "licences",
        "esma_white_papers": "papers", "esma_non_compliant": "warnings",
        "amf_warnings": "warnings", "fca_warnings": "warnings",
    }  # fmt: skip
    casps = LISTED["esma_casps"]
    with pytest.raises(ConfigError, match=rf"reads\.lists must be one of {' '.join(LISTS)}"):
        checked(Path("x.toml"), replace(casps, reads={**casps.reads, "lists": "friends"}))
