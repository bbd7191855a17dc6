"""Strategies and limits of an account by form: preview, versions, what waits, what is refused, in both languages."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house
from vigie.domain.time import DAY_MS, MINUTE_MS, parse_time

NOW = parse_time(START) + DAYS * DAY_MS + MINUTE_MS
PAGE = "/trading/change?account=first"
TEXT = """# Mine.
[venue]
id = "binance-perp"

[account]
mode = "portfolio"
capital = 10_000
risk_fraction = 0.01

[[slots]]
instruments = ["BTC", "ETH"]
strategy = "ema_cross"
timeframe = "4h"
params = { fast = 10 }

# Not now.
[[slots]]
instruments = ["SOL"]
strategy = "macd_cross"
enabled = false
"""


@pytest.fixture
def built(tmp_path):
    made = house(tmp_path / "home", clock=StandingClock(NOW))
    file = made.home / "accounts" / "owner" / "first.toml"
    file.parent.mkdir(parents=True)
    file.write_text(TEXT)
    return made


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would post of the form of a page."""
    form = page[page.index('id="run-file"') : page.index("</form>", page.index('id="run-file"'))]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and (" checked" in tag or 'type="checkbox"' not in tag):
            found[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def post(browser: Browser, form: dict[str, str], what: str):
    return browser.post("/trading/change", {**form, "what": what})


def test_the_form_shows_the_file_and_previews_its_difference_before_anything_is_kept(built):
    browser = Browser(built)
    form = fields_of(browser.get(PAGE).text)
    assert (form["instruments-0"], form["timeframe-0"], form["p-0-fast"], form["p-0-slow"]) == (
        "BTC, ETH", "4h", "10", "",
    )  # fmt: skip
    assert ("on-0" in form, "on-1" in form) == (True, False)
    assert (form["a-risk_fraction"], form["a-leverage"], form["l-max_positions"]) == ("1", "", "")
    told = post(browser, {**form, "a-risk_fraction": "0,5", "p-0-fast": "12", "on-1": "1"}, "preview").text
    assert "fast of ema_cross (4h) on BTC, ETH: 10 before, 12 now" in told
    assert "macd_cross (native) on SOL is switched on" in told
    assert "Risk per trade: 1% before, 0.5% now" in told, "as the form calls it"
    assert "<del>-risk_fraction = 0.01</del>\n<ins>+risk_fraction = 0.005</ins>" in html.unescape(told)
    assert "end as “strategy or account changed”" in told
    assert "earlier ones stay in the journal" in told
    assert built.run_files.versions("owner") == []
    again = fields_of(told)
    assert (again["a-risk_fraction"], again["p-0-fast"]) == ("0,5", "12")
    kept = post(browser, again, "keep").text
    assert "Takes effect when the account is started next" in kept
    assert "once the account is flat" not in kept[: kept.index('id="run-file"')], (
        "one thing that it waits for"
    )
    (version,) = built.run_files.versions("owner", "first")
    assert version.before == TEXT
    assert "# Mine." in version.after
    assert "# Not now." in version.after
    assert fields_of(kept)["a-risk_fraction"] == "0.5", "what waits is what a further change begins with"
    cancelled = browser.post("/trading/change/cancel", {"account": "first"}).text
    assert "The account keeps trading as before" in cancelled
    assert fields_of(cancelled)["a-risk_fraction"] == "1"
    draft = browser.get(f"{PAGE}&version=1").text
    assert "This draft starts from version 1" in draft
    clock = "Times here follow this machine's clock"
    assert clock not in html.unescape(draft)
    assert clock in html.unescape(Browser(replace(built, is_simulated=True)).get(PAGE).text)
    assert fields_of(draft)["p-0-fast"] == "12"


def test_a_slot_is_added_removed_and_its_parameters_have_the_bounds_of_its_strategy(built):
    browser = Browser(built)
    form = fields_of(browser.get(PAGE).text)
    more = {
        **form,
        "new-instruments": "SOL",
        "new-strategy": "adx_trend",
        "new-timeframe": "1h",
        "remove-1": "1",
    }
    page = post(browser, more, "add").text
    added = fields_of(page)
    assert (added["strategy-2"], added["instruments-2"], added["timeframe-2"]) == ("adx_trend", "SOL", "1h")
    assert re.search(r'name="p-2-\w+"[^>]*placeholder="\d', page)
    kept = post(browser, added, "keep").text
    assert "adx_trend (1h) on SOL is added" in kept
    assert "macd_cross (native) on SOL is removed" in kept
    assert "# Not now." not in built.run_files.versions("owner", "first")[0].after


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"a-leverage": "50"},
            '<a href="#f-a-leverage">Leverage must be above 0× and at most 5×, was 50×</a>',
        ),
        ({"a-risk_fraction": "5"}, "Risk per trade must be above 0% and at most 2%, was 5%"),
        (
            {"a-risk_fraction": "nan"},
            "<a href=\"#f-a-risk_fraction\">Risk per trade: must be a number, was 'nan'</a>",
        ),
        (
            {"l-max_positions": "many"},
            "<a href=\"#f-l-max_positions\">Max open positions: must be a number, was 'many'</a>",
        ),
        (
            {"l-max_positions": "9"},
            '<a href="#f-l-max_positions">Max open positions must be from 1 to 5, was 9</a>',
        ),
        ({"p-0-fast": "0"}, "ema_cross.fast must be"),
        ({"instruments-0": "NOPE"}, "NOPE"),
        ({"instruments-0": "<b>x</b>"}, "&lt;b&gt;x&lt;/b&gt;"),
        ({}, "this is what account first trades already"),
        (
            {"new-instruments": "FOO"},
            "under *Add a strategy* stands 'FOO', which is not among the strategies yet",
        ),
    ],
)
def test_what_cannot_be_traded_is_refused_with_what_was_given_and_stays_in_the_form(built, change, said):
    browser = Browser(built)
    form = {**fields_of(browser.get(PAGE).text), **change}
    answer = post(browser, form, "keep")
    assert answer.status_code in (400, 422)
    assert said in answer.text.replace("&#39;", "'")
    assert fields_of(answer.text).items() >= change.items()
    assert built.run_files.versions("owner") == []


def test_bounds_say_where_the_least_itself_is_refused(built):
    page, french = (Browser(built, language=language).get(PAGE).text for language in ("en", "fr"))
    for field, bounds in (("a-risk_fraction", "above 0, at most 2."), ("l-max_positions", "from 1 to 5.")):
        hint = re.search(rf'id="f-{field}"[^>]*>.*?</p>', page, re.S)[0]
        assert bounds in hint
    assert "plus de 0, au plus 2." in french


def test_of_two_tabs_the_second_is_refused(built):
    browser = Browser(built)
    form = fields_of(browser.get(PAGE).text)
    post(browser, {**form, "a-leverage": "2"}, "keep")
    answer = post(browser, {**form, "a-leverage": "3"}, "keep")
    assert answer.status_code == 409
    assert "was changed meanwhile" in answer.text
    assert len(built.run_files.versions("owner")) == 1


def test_in_french_every_text_is(built):
    browser = Browser(built, language="fr")
    form = fields_of(browser.get(PAGE).text)
    told = post(browser, {**form, "a-risk_fraction": "0,5"}, "preview").text
    for english in ("Strategies and limits", "before,", "What changes", "Risk per trade", "Save this change"):
        assert english not in told
    assert re.search(r"Risque par trade\s: 1\s% avant, 0,5\s% maintenant", told)
    assert "+risk_fraction = 0.005" in told, "the difference has the file's keys"


def test_sentences_of_versions_have_the_form_s_words_and_units(built):
    browser = Browser(built)
    form = fields_of(browser.get(PAGE).text)
    change = {
        "a-capital": "20000", "a-leverage": "3", "a-stop_atr": "2.5", "a-max_bars": "48", "l-max_positions": "2",
        "l-daily_loss_fraction": "2.25",
    }  # fmt: skip
    kept = html.unescape(post(browser, {**form, **change}, "keep").text)
    for said in (
        "Virtual capital: 10,000 before, 20,000 now", "Leverage: 5× before, 3× now",
        "Stop distance: 2\u00a0ATR before, 2.5\u00a0ATR now",
        "Longest holding time: 0\u00a0bars before, 48\u00a0bars now",
        "Max open positions: default before, 2 now", "Max daily loss: default before, 2.25% now",
    ):  # fmt: skip
        assert said in kept
    assert "Default 10,000, at least 0.01." in kept


def test_of_many_slots_only_those_that_were_changed_stand_open(built):
    slot = '\n[[slots]]\ninstruments = ["{}"]\nstrategy = "{}"\ntimeframe = "{}"\n'
    many = [
        slot.format(name, strategy, timeframe)
        for strategy in ("ema_cross", "macd_cross", "adx_trend")
        for timeframe in ("1h", "4h", "1d")
        for name in ("BTC", "ETH", "SOL", "XRP")
    ]
    file = built.home / "accounts" / "owner" / "first.toml"
    file.write_text(TEXT[: TEXT.index("[[slots]]")] + "".join(many))
    browser = Browser(built)
    page = browser.get(PAGE).text
    assert open_slots(page) == []
    assert page.count('<details id="slot-') == len(many) == 36
    told = post(browser, {**fields_of(page), "p-7-fast": "10"}, "preview").text
    assert open_slots(told) == ["7"]
    assert fields_of(told)["instruments-30"] == fields_of(page)["instruments-30"]


def open_slots(page: str) -> list[str]:
    return re.findall(r'<details id="slot-(\d+)" open>', page)


def test_accounts_of_others_and_of_nobody_are_not_there(built):
    assert Browser(built).get("/trading/change?account=hers").status_code == 404
