"""Sources stand on pages as people write them, never as the program calls them."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house
from tests.unit.services.figures_material import EIGHT, full
from vigie.domain.person import OWNER
from vigie.views.web.language import UserLanguage
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import licence_translator, source_namer

IDS = re.compile(r"\b(?:coingecko|defillama|feargreed|coinmetrics|[a-z0-9]+-(?:perp|spot)(?::[a-z0-9-]+)?)\b")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return full(tmp_path_factory.mktemp("filled"))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("coingecko", "CoinGecko"),
        ("bitget-perp", "Bitget"),
        (EIGHT, "Bitget BTC/USDT perp"),
        ("binance-perp, bitget-perp, bitget-spot", "Binance, Bitget"),
        ("coingecko/global", "CoinGecko (Total market)"),
        ("deribit/dvol", "Deribit (Volatility index (BTC, ETH))"),
        ("acme-spot:btc-eur-spot", "Acme BTC/EUR spot"),
        ("Coin Metrics Community", "Coin Metrics Community"),
        ("", ""),
    ],
)
def test_a_source_is_called_as_people_write_it(filled, source, said):
    assert source_namer(RequestContext(filled, OWNER, UserLanguage("en")))(source) == said


@pytest.mark.parametrize(
    ("source", "english", "french"),
    [
        ("Vigie trading, paper on bitget", "Vigie trading, paper account on Bitget",
         "trading de Vigie, compte de simulation sur Bitget"),
        ("Vigie trading, live on binance", "Vigie trading, live account on Binance",
         "trading de Vigie, compte réel sur Binance"),
        ("Vigie backtest a1-b2", "Vigie backtest a1-b2", "backtest a1-b2 de Vigie"),
        ("Vigie strategy momentum", "Vigie strategy momentum", "stratégie momentum de Vigie"),
        ("audit", "Vigie's audit log", "journal d’audit de Vigie"),
        ("vigie", "Vigie", "Vigie"),
        ("venue", "the venue", "la plateforme"),
    ],
)  # fmt: skip
def test_what_comes_from_here_is_called_in_the_visitors_language(filled, source, english, french):
    said = [source_namer(RequestContext(filled, OWNER, UserLanguage(one)))(source) for one in ("en", "fr")]
    assert said == [english, french]


@pytest.mark.parametrize(
    ("licence", "french"),
    [
        ("non-commercial use only, CC BY-NC 4.0",
         "usage non commercial uniquement, CC BY-NC 4.0 (sans usage commercial)"),
        ("coingecko: CoinGecko API terms of service; deribit: Deribit terms of service",
         "coingecko: Conditions de service de l’API de CoinGecko; deribit: Conditions de service de Deribit"),
        ("Nutzung frei", "Nutzung frei"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_licence_is_told_in_french_where_its_words_are_ours(filled, licence, french):
    said = [
        licence_translator(RequestContext(filled, OWNER, UserLanguage(one)))(licence) for one in ("en", "fr")
    ]
    assert said == [licence, french]


def test_the_file_of_a_chart_tells_its_licence_in_the_visitors_language(filled):
    path = "/chart/formula.svg?f=market/bitcoin/price_usd&days=90"
    drawn = {one: Browser(filled, language=one).get(path).text for one in ("en", "fr")}
    assert "CoinGecko API terms of service" in drawn["en"]
    assert "Conditions de service de l’API de CoinGecko" in drawn["fr"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/derivatives",
        "/derivatives/liquidations",
        "/onchain",
        "/onchain/chart?f=market/bitcoin/price_usd",
    ],
)
def test_no_id_of_a_source_is_read_or_cited(filled, path, language):
    page = Browser(filled, language=language).get(path).text
    shown = re.findall(r'data-cite-source="([^"]*)"', page) + re.findall(
        r'<span class="meta">(.*?)</span>\s*<', page, re.DOTALL
    )
    assert shown
    assert [one for one in shown if IDS.search(re.sub(r"<[^>]*>", "", one))] == []


def test_the_chart_of_an_asset_and_its_picture_name_the_venue(tmp_path):
    browser = Browser(house(tmp_path / "home"))
    page = browser.get("/asset/bitcoin").text
    assert "Source: Binance BTC/USDT perp" in page
    assert "Source: Binance BTC/USDT perp" in browser.get("/chart/asset.svg?asset=bitcoin").text
