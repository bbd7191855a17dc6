"""The first answer of the palette to what people type, in each language; commands open forms and send nothing."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, person
from tests.unit.services.desk_material import house_with_results
from vigie.services.operation_calls import run_operation
from vigie.views.web.language import texts
from vigie.views.web.page import pages

FIRST = {
    "en": {
        "btc": "/asset/bitcoin",
        "bitcoin": "/asset/bitcoin",
        "eth": "/asset/ethereum",
        "ETH ": "/asset/ethereum",
        "Ethereum": "/asset/ethereum",
        "sol": "/asset/solana",
        "xrp": "/asset/ripple",
        "doge": "/asset/dogecoin",
        "markets": "/markets",
        "news": "/news",
        "regulation": "/news/regulation",
        "mood": "/mood",
        "studio": "/studio",
        "backtests": "/backtests",
        "strategies": "/strategies",
        "trading": "/trading",
        "journal": "/journal",
        "settings": "/settings",
        "alerts": "/alerts",
        "help": "/help",
        "heat map": "/markets/heatmap",
        "screener": "/markets/screener",
        "movers": "/markets/movers",
        "open interest": "/derivatives/open-interest",
        "basis": "/derivatives/basis",
        "liquidations": "/derivatives/liquidations",
        "on-chain": "/onchain",
        "defi": "/onchain/defi",
        "sources": "/sources",
        "watchlist": "/watchlists",
        "dark theme": "theme dark",
        "night": "theme dark",
        "french": "language fr",
        "compact rows": "density compact",
        "new alert": "/alerts#rule",
        "new backtest": "/backtests/new",
        "alert me when bitcoin falls 5 %": "/alerts?kind=price&assets=bitcoin&where=change_24h%3C-0.05#rule",
        "tell me when eth rises above 4000": "/alerts?kind=price&assets=ethereum&where=price%3E4000#rule",
        "notify me if sol drops 10% in 7 days": "/alerts?kind=price&assets=solana&where=change_7d%3C-0.1#rule",
        "warn me: btc over 120k": "/alerts?kind=price&assets=bitcoin&where=price%3E120000#rule",
        "compare btc eth": "/asset/bitcoin/compare?with=ethereum",
        "compare bitcoin": "/asset/bitcoin/compare",
        "sharpe": "/help#sharpe",
        "drawdown": "/help#drawdown",
        "ema_cross": "/strategies/ema_cross",
        "bitcoim": "/asset/bitcoin",
        "marktes": "/markets",
    },
    "fr": {
        "btc": "/asset/bitcoin",
        "bitcoin": "/asset/bitcoin",
        "eth": "/asset/ethereum",
        "ETH ": "/asset/ethereum",
        "Ethereum": "/asset/ethereum",
        "sol": "/asset/solana",
        "xrp": "/asset/ripple",
        "doge": "/asset/dogecoin",
        "comparer bitcoin": "/asset/bitcoin/compare",
        "marchés": "/markets",
        "marches": "/markets",
        "actualités": "/news",
        "réglementation": "/news/regulation",
        "humeur": "/mood",
        "studio": "/studio",
        "backtests": "/backtests",
        "stratégies": "/strategies",
        "trading": "/trading",
        "journal": "/journal",
        "réglages": "/settings",
        "alertes": "/alerts",
        "aide": "/help",
        "carte thermique": "/markets/heatmap",
        "screener": "/markets/screener",
        "variations": "/markets/movers",
        "base": "/derivatives/basis",
        "liquidations": "/derivatives/liquidations",
        "on-chain": "/onchain",
        "defi": "/onchain/defi",
        "sources": "/sources",
        "liste de suivi": "/watchlists",
        "thème sombre": "theme dark",
        "nuit": "theme dark",
        "anglais": "language en",
        "lignes compactes": "density compact",
        "nouvelle alerte": "/alerts#rule",
        "nouveau backtest": "/backtests/new",
        "alerte-moi quand bitcoin baisse de 5 %": "/alerts?kind=price&assets=bitcoin&where=change_24h%3C-0.05#rule",
        "préviens-moi si eth dépasse 4 000": "/alerts?kind=price&assets=ethereum&where=price%3E4000#rule",
        "m’avertir si sol perd 10 % en 7 jours": "/alerts?kind=price&assets=solana&where=change_7d%3C-0.1#rule",
        "comparer btc eth": "/asset/bitcoin/compare?with=ethereum",
        "sharpe": "/help#sharpe",
        "drawdown": "/help#drawdown",
        "ema_cross": "/strategies/ema_cross",
        "bitcoim": "/asset/bitcoin",
        "marchsé": "/markets",
    },
}
ASKED = [(language, typed) for language, answers in FIRST.items() for typed in answers]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made, _ = house_with_results(tmp_path_factory.mktemp("home") / "home")
    return made


@pytest.fixture(scope="module")
def browsers(built):
    return {language: Browser(built, language=language) for language in FIRST}


def asked(browser: Browser, typed: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = browser.get("/palette", params={"q": typed}).json()["items"]
    return found


@pytest.mark.parametrize(("language", "typed"), ASKED, ids=lambda one: one)
def test_first_answer_is_what_was_meant(browsers, language, typed):
    first = asked(browsers[language], typed)[0]
    look = first.get("look")
    led_to = (
        " ".join(f"{name} {value}" for name, value in look.items())
        if isinstance(look, dict)
        else first["href"]
    )
    assert led_to == FIRST[language][typed]


def test_at_least_forty_are_asked_in_each_language():
    assert all(len(answers) >= 40 for answers in FIRST.values())


@pytest.mark.parametrize("language", sorted(FIRST))
def test_where_nothing_is_found_the_nearest_three_are_offered(browsers, language):
    answer = browsers[language].get("/palette", params={"q": "zzqqxx"}).json()
    assert answer["isNearest"] is True
    assert len(answer["items"]) == 3
    page = browsers[language].get("/search?q=zzqqxx").text
    assert {"en": "Nearest names", "fr": "Noms les plus proches"}[language] in page


@pytest.mark.parametrize(
    ("typed", "href"),
    [("aujourd'hui", "/"), ("aujourd’hui", "/"), ("sources d'actualité", "/sources/feeds")],
)  # fmt: skip
def test_either_apostrophe_finds_a_page(browsers, typed, href):
    assert asked(browsers["fr"], typed)[0]["href"] == href


@pytest.mark.parametrize("typed", ["bitcoin vs the rest", "compare the price of bitcoin with gold"])
def test_a_comparison_takes_no_coin_that_was_not_named(browsers, typed):
    assert [one for one in asked(browsers["en"], typed) if "/compare?with=" in str(one.get("href"))] == []


@pytest.mark.parametrize("typed", ["alert me when bitcoin falls 5 %", "préviens-moi si eth dépasse 4 000"])
def test_an_alert_said_in_words_opens_the_form_filled_in_and_makes_no_rule(built, browsers, typed):
    href = str(asked(browsers["en"], typed)[0]["href"])
    page = browsers["en"].get(href.partition("#")[0]).text
    form = page.partition('id="rule"')[2].partition("</form>")[0]
    given = dict(re.findall(r'<input[^>]* name="(assets|bound)"[^>]* value="([^"]*)"', form))
    given |= dict(
        re.findall(r'<select[^>]* name="(field|operator)".*?<option value="([^"]*)" selected', form)
    )
    assert given == (
        {"assets": "bitcoin", "field": "change_24h", "operator": "&lt;", "bound": "−5 %"}
        if "bitcoin" in typed
        else {"assets": "ethereum", "field": "price", "operator": "&gt;", "bound": "4,000"}
    )
    assert run_operation(built, person(), "alerts.rules", {}).rules == []


@pytest.mark.parametrize(
    "typed",
    ["alert me", "alert me when bitcoin", "alert bitcoin falls", "alert falls 5 %", "bitcoin falls 5 %",
     "alert bitcoin rises and falls 5 %", "alert nosuchcoin falls 5 %"],
)  # fmt: skip
def test_what_is_said_by_half_opens_no_filled_form(browsers, typed):
    hrefs = [str(one.get("href", "")) for one in asked(browsers["en"], typed)]
    assert [href for href in hrefs if href.startswith("/alerts?kind=price")] == []


def test_only_theme_language_and_density_act_at_once(browsers):
    # What a letter alone finds, and every word of a command.
    typed = [*"abcdefghijklmnopqrstuvwxyz", "theme", "rows", "language", "new", "delete", "sign out"]
    looks = [one["look"] for text in typed for one in asked(browsers["en"], text) if "look" in one]
    assert looks
    assert {name for look in looks for name in look} == {"theme", "language", "density"}


def test_a_look_is_a_button_on_the_page_of_search_which_changes_it(browsers, built):
    browser = Browser(built)
    form = browser.get("/search?q=compact").text.partition('id="found"')[2].partition("</form>")[0]
    assert 'action="/look"' in form
    assert 'name="density" value="compact"' in form
    browser.post("/look", {"density": "compact", "next": "/search"})
    assert 'data-density="compact"' in browser.get("/markets").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_outside_the_menu_is_two_interactions_away(browsers, language):
    """The search is opened, then the page's name is typed and chosen: it stands among the first three."""
    outside = {
        page.path: texts(language).get(page.title, page.title)
        for page in pages().values()
        if not page.is_in_menu and "{" not in page.path and "." not in page.path and page.folder != "demo"
    }
    assert len(outside) > 8
    places = {
        path: [found.get("href") for found in asked(browsers[language], title)[:3]]
        for path, title in outside.items()
    }
    # Who asks is signed in, and asks from the search itself.
    assert {path: found for path, found in places.items() if path not in found} == {}
