"""The sources that are shipped: each that was asked for is there, with all that is to be said of it."""

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from vigie.adapters.sources.news.listing import LISTS, SHIPPED, check_entry, feeds
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
    "AMF": ("amf_news", "regulator", "fr", "feed"),
    "AMF releases and sanctions": ("amf_press", "regulator", "fr", "feed"),
    "AMF warnings": ("amf_alerts", "regulator", "fr", "feed"),
    "CFTC enforcement": ("cftc_enforcement", "regulator", "en", "feed"),
    "Bank of England": ("bank_of_england", "regulator", "en", "feed"),
    "ACPR": ("acpr", "regulator", "fr", "feed"),
    "Banque de France": ("banque_de_france", "regulator", "fr", "feed"),
    "US Treasury": ("us_treasury", "regulator", "en", "text"),
    "OFAC": ("ofac", "regulator", "en", "text"),
    "FinCEN": ("fincen", "regulator", "en", "feed"),
    "DOJ": ("doj", "regulator", "en", "feed"),
    "OCC": ("occ", "regulator", "en", "feed"),
    "FSB": ("fsb", "regulator", "en", "feed"),
    "BIS": ("bis", "regulator", "en", "feed"),
    "FINMA": ("finma", "regulator", "en", "feed"),
    "HKMA": ("hkma", "regulator", "en", "feed"),
    "Federal Register": ("federal_register", "regulator", "en", "feed"),
    "EUR-Lex": ("eur_lex", "regulator", "en", "feed"),
    "EUR-Lex, Official Journal": ("eur_lex_oj_l", "regulator", "en", "feed"),
    "exchanges: Binance": ("binance_listings", "primary", "en", "json"),
    "exchanges: Binance, delistings": ("binance_delistings", "primary", "en", "json"),
    "exchanges: Coinbase": ("coinbase_status", "primary", "en", "feed"),
    "exchanges: Coinbase, blog": ("coinbase_blog", "primary", "en", "feed"),
    "Blockworks": ("blockworks", "media", "en", "feed"),
    "The Defiant": ("thedefiant", "media", "en", "feed"),
    "DL News": ("dlnews", "media", "en", "feed"),
    "Bitcoin Magazine": ("bitcoinmagazine", "media", "en", "feed"),
    "Protos": ("protos", "media", "en", "feed"),
    "GitHub: Bitcoin Core": ("github_bitcoin", "primary", "en", "feed"),
    "GitHub: go-ethereum": ("github_geth", "primary", "en", "feed"),
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
        "cryptorank", "eu_observatory", "phoenix_news", "sec_cetu", "youtube_prof_chaine", "youtube_vincent_ganne",
        "youtube_wave_trading", "youtube_underground_trading",
    }  # fmt: skip
    # Addresses that nobody wrote down anywhere are not invented.
    assert all("is not known" in LISTED[name].off for name in ("eu_observatory", "sec_cetu"))
    assert all("channel's link" in LISTED[name].off for name in LISTED if name.startswith("youtube_"))


def test_addresses_added_last_say_where_and_when_they_were_found():
    added = list(ASKED_FOR).index("AMF releases and sanctions"), list(ASKED_FOR).index("AMF black lists")
    names = [source for source, *_ in list(ASKED_FOR.values())[added[0] : added[1]]]
    assert {"ofac", "protos", "github_geth"} <= set(names)
    assert [name for name in names if not re.fullmatch(r".{20,}; 20\d\d-\d\d-\d\d", LISTED[name].seen)] == []
    assert all(LISTED[name].seen for name in ("eba", "cftc", "amf_news"))


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
        check_entry(Path("x.toml"), replace(casps, reads={**casps.reads, "lists": "friends"}))
