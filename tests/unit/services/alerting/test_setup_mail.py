"""What an alert about a setup says in both languages, and its mail: picture, number and head of the chain."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.contracts.setup_alerts import BODY
from tests.houses import Browser, person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.alert import Alert, AlertDelivery, AlertRule, Channel
from vigie.domain.time import DAY_MS
from vigie.drawing.raster import render_png
from vigie.intelligence.setups.contributions import Contribution, SetupReading
from vigie.ports.alerts import OutgoingDelivery
from vigie.ports.setups import SetupFilter, StoredChange
from vigie.services.alerting import setup_mail
from vigie.services.alerting.mails import MailSources, mail_of
from vigie.services.alerting.setup_mail import LEAD, _on_bars
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.alerting.watching.setup_texts import setup_event
from vigie.services.alerting.watching.setups import event_of_change
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.noticing import NoticeSources
from vigie.services.trading.account_plans.trading_stores import TradingStores

NOW = 1_750_000_000_000
OWNER = person("owner")


def change(state="confirmed", cause="decided", **more):
    body = {**BODY, "state": state, "cause": cause, **more}
    return StoredChange(
        1, "0" * 16, "main", False, "r1", "binance-perp", str(body["slot"]), str(body["side"]), state, cause,
        NOW, NOW, NOW, NOW, body, "d" * 64,
    )  # fmt: skip


def parts(news_age, derivatives_age):
    return [
        Contribution(
            family, 0.5, 0.5, (SetupReading(family, 0.5, ts_known=NOW - age),)
        )
        for family, age in (("news", news_age), ("derivatives", derivatives_age))
    ]  # fmt: skip


def texts(of, told=(), later=0):
    event = setup_event(of, told, owner="u1", ts_market=NOW + later, now=NOW)
    return event.title, title_of(event, "fr")


def test_it_says_state_market_side_criteria_level_and_sources_with_their_age():
    english, french = texts(change(), parts(3 * 3_600_000, 50 * 3_600_000), later=300_000)
    assert english == (
        "Confirmed: Bitcoin long, donchian_breakout 1h. Criteria met: Close above the channel. Cancelled below 90.000. "
        "Sources: prices 5 min ago; news 3 h ago; derivatives 2 d ago."
    )
    assert "Annulé sous 90,000" in french
    assert "dérivés il y a 2 j" in french
    assert "None" not in french


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (0.00000698, ("Cancelled below 0.0000069800.", "Annulé sous 0,0000069800.")),
        (0.25, ("Cancelled below 0.250000.", "Annulé sous 0,250000.")),
    ],
)
def test_the_level_of_a_coin_of_many_zeros_keeps_its_digits(stop, said):
    for text, level in zip(texts(change(stop=stop)), said, strict=True):
        assert level in text


def test_it_names_the_first_three_criteria_that_hold():
    one = BODY["criteria"][0]
    criteria = [
        {**one, "name": "Zero", "holds": False},
        *({**one, "name": f"N{number}"} for number in range(1, 7)),
    ]
    for text in texts(change(criteria=criteria)):
        assert re.findall(r"\bN\d|Zero", text) == ["N1", "N2", "N3"]


def test_criteria_are_left_out_or_cut_after_a_word_never_within_one():
    long = "The close crosses above the upper band and stays there for three whole hours"
    criteria = [{**BODY["criteria"][0], "name": f"{long} {number}"} for number in "123"]
    of = change(criteria=criteria, slot="btc-usdt-perp/1h/bollinger_squeeze")
    for text in texts(of, parts(10**8, 10**8), later=10**8):
        assert "…." not in text
        told = re.search(r": ([^:]*)\. (?:Cancelled|Annulé)", text)[1]
        for name in told.split("; "):
            assert f"{long} ".startswith(name.removesuffix(" (…)") + " ")
            assert name.endswith(" (…)")
    assert "Critères réunis" in texts(of)[1]


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.text("abcdefgh %é", min_size=1, max_size=200), max_size=6),
    strategy=st.text("abcdefghij_", min_size=1, max_size=120),
    stop=st.none() | st.floats(1e-9, 1e9),
    state=st.sampled_from(
        [("forming", "near"), ("confirmed", "decided"), ("invalidated", "gap_through_level")]
    ),
    ages=st.tuples(st.integers(0, 10**11), st.integers(0, 10**11)),
)
@example(
    names=["abcdefgh " * 20] * 6,
    strategy="j" * 120,
    stop=123.456,
    state=("confirmed", "decided"),
    ages=(10**11, 10**11),
)
def test_it_never_has_more_than_280_characters_in_either_language(names, strategy, stop, state, ages):
    criteria = [{**BODY["criteria"][0], "name": name} for name in names]
    of = change(*state, criteria=criteria, stop=stop, slot=f"btc-usdt-perp/1h/{strategy}")
    for text in texts(of, parts(*ages), later=10**10):
        assert len(text) <= 280
        assert text.endswith(".")


def test_levels_of_a_setup_whose_bar_is_the_last_are_lines():
    hour = 3_600_000
    bars = SimpleNamespace(ts=np.arange(30) * hour, span_ms=hour)
    shown = np.isfinite(_on_bars(bars, [(29 * hour, 7.0)], lead=LEAD))
    assert shown.tolist() == [False] * (29 - LEAD) + [True] * (LEAD + 1)


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("mails") / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    return built


@pytest.fixture
def drawings(monkeypatch):
    """Give the drawings that mails are sent with, as they were before they became pictures."""
    drawn = []
    monkeypatch.setattr(setup_mail, "render_png", lambda svg: drawn.append(svg) or render_png(svg))
    return drawn


def mail_about(house, change, language, **facts):
    """Return the mail about a change, with what it is about."""
    event = event_of_change(provide(house, NoticeSources), house.audit, house.clock, change, OWNER.user)
    event = replace(event, facts={**event.facts, **facts})
    rule = AlertRule("a1", OWNER.user, "Setups", "setup", channels=("c1",), language=language)
    alert = Alert("1" * 24, rule.id, OWNER.user, event, house.clock.wall_now())
    delivery = AlertDelivery("2" * 24, alert.id, "c1", "waiting", alert.ts)
    channel = Channel("c1", OWNER.user, "mail", "reader@example.org", is_confirmed=True)
    group = [OutgoingDelivery(delivery, alert, rule, channel)]
    return mail_of(provide(house, MailSources), group, channel), event


@pytest.mark.parametrize("language", ["en", "fr"])
def test_its_mail_carries_the_picture_and_number_and_head_of_the_chain(house, language, drawings):
    newest = house.setups.newest(SetupFilter(["main"], states=["confirmed"]), limit=1)[0]
    mail, event = mail_about(house, newest, language)
    (record,) = house.audit.after(newest.sealed_at - 1, limit=1)
    assert f"{record.seq}" in mail.text
    assert record.hash in mail.text
    assert title_of(event, language) in mail.text
    # The worker may have been late: nothing but the mail's own time is proven.
    assert {"en": "before the mail was sent", "fr": "avant son envoi"}[language] in mail.text
    assert not [words for words in ("outcome", "issue") if words in mail.text]
    assert len(mail.subject) < 100
    (picture,) = mail.attachments
    assert picture.kind == "image/png"
    assert picture.body.startswith(b"\x89PNG")
    (drawn,) = drawings
    assert re.findall(r'<g class="chart-point".*?>(\d)</text></g>', drawn)[:3] == ["1", "2", "3"]
    assert {"en": "Entry decided", "fr": "Entrée décidée"}[language] in drawn
    assert mail_about(house, newest, language, setup="f" * 16)[0].attachments == ()


@pytest.mark.parametrize(
    ("language", "names"), [("en", ["Upper line", "Lower line"]), ("fr", ["Ligne haute", "Ligne basse"])]
)
def test_its_picture_has_the_lines_of_the_pattern_that_its_page_draws(house, language, names, drawings):
    seen, mailed = set(), SetupFilter(["main"], states=["forming", "confirmed", "invalidated"])
    for newest in house.setups.newest(mailed, limit=1_000):
        chart = run_operation(house, OWNER, "setups.chart", {"setup": newest.setup})
        has_pattern = bool(chart.patterns)
        if has_pattern in seen:
            continue
        seen.add(has_pattern)
        mail_about(house, newest, language)
        assert [name in drawings[-1] for name in names] == [has_pattern] * 2
        page = (
            Browser(house, language=language).get(f"/chart/setup.svg?setup={newest.setup}&account=main").text
        )
        # All candles and lines of the page, but for levels, which begin earlier in a mail.
        paths, of_page = (re.findall(r' d="([^"]+)"', svg) for svg in (drawings[-1], page))
        assert len(paths) == len(of_page)
        levels = len([line for line in chart.lines if line.key in ("entry", "stop", "target")])
        assert len([one for one in paths if one not in of_page]) <= levels
    assert seen == {True, False}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_preview_of_a_rule_says_what_the_mail_said(traded_home, tmp_path, language):
    built, _ = house_of(traded_home, tmp_path / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    asked = {"kind": "setup", "stages": ["confirmed"], "language": language}
    message = run_operation(built, OWNER, "alerts.preview", asked).message
    newest = built.setups.newest(SetupFilter(["main"]), limit=1000)
    confirmed = [
        change
        for one in newest
        for change in built.setups.of(one.setup, ["main"])
        if change.state == "confirmed"
    ]
    last = max(confirmed, key=lambda change: (change.ts_known, change.number))
    mailed = event_of_change(provide(built, NoticeSources), built.audit, built.clock, last, OWNER.user)
    (record,) = built.audit.after(last.sealed_at - 1, limit=1)
    # Written while the house's clock stood, long after its close: so was the mail.
    assert last.ts_written == built.clock.market_now() > last.ts_known
    assert " ".join(title_of(mailed, language).split()) in " ".join(message.text.split())
    assert f"{record.seq}" in message.text
    assert record.hash in message.text
