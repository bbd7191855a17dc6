"""Pages of setups: by state and as the address narrows them, and one in full, in both languages."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.houses import Browser, person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.ids import parse_slot
from vigie.domain.time import DAY_MS, HOUR_MS, iso, timeframe_ms
from vigie.intelligence.setups.life import FORMING_CLOSES_AT_MOST
from vigie.ports.setup_notices import SetupNotice
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.rows import row_columns
from vigie.services.setups.ended import live_changes
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.record_rows import NoticeRow
from vigie.services.setups.setup_bars import AFTER, bars_around
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.views.web.language import UserLanguage

OWNER = person("owner")


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("setups") / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    return built


def rows_of(house, **more):
    return run_operation(house, OWNER, "setups.list", {"limit": 1_000, **more}).rows


def links(page):
    return re.findall(r'href="(/setup/[0-9a-f]{16}\?account=main)"', page)


def test_setups_stand_by_state(house):
    page = Browser(house).get("/signals").text
    open_rows = rows_of(house, state="open")
    assert open_rows
    for row in open_rows:
        assert f"/setup/{row.setup}?account=main" in page
    counts = run_operation(house, OWNER, "setups.list", {}).counts
    assert f"confirmed: {counts.get('confirmed', 0)}, forming: {counts.get('forming', 0)}, ended: " in page
    assert len(links(page.partition('id="ended"')[2])) == 20


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "starts by itself, a few minutes"), ("fr", "démarre de lui-même, quelques minutes")],
)
def test_a_demonstration_without_setups_waits_for_its_own_account(tmp_path, language, said):
    waiting = replace(houses.house(tmp_path / "home", with_bars=False), is_simulated=True)
    page = Browser(waiting, language=language).get("/signals").text
    assert said in page
    block = page.partition('class="state state-empty"')[2].partition("</div>")[0]
    assert 'href="/jobs"' in block
    assert "/trading/paper" not in block


def test_without_setups_an_account_waits_for_a_close_and_nobody_is_told_to_open_one(traded_home, tmp_path):
    built, _ = house_of(traded_home, tmp_path / "home", BEGUN + DAYS * DAY_MS)
    page = Browser(built).get("/signals").text
    assert "Your account runs: its first setups appear within a few closes." in page
    assert "Open a paper account" not in page
    nobody = houses.house(tmp_path / "other", with_bars=False)
    assert "Open a paper account" in Browser(nobody).get("/signals").text


@pytest.mark.parametrize(
    "query", ["state=ended&side=short", "state=ended&strategy=macd_cross", "state=forming"]
)
def test_the_address_narrows_what_is_shown(house, query):
    page = Browser(house).get(f"/signals?{query}").text
    asked = dict(part.split("=") for part in query.split("&"))
    expected = [row.setup for row in rows_of(house, **asked)][:20]
    assert {link[7:23] for link in links(page)} == set(expected)


def test_what_the_address_says_wrongly_is_as_nothing(house):
    assert Browser(house).get("/signals?state=x&side=up&cursor=%D9%A3&replayed=x").status_code == 200


def test_older_setups_have_a_page_of_their_own(house):
    page = Browser(house).get("/signals?state=ended").text
    address = re.search(r'href="(/signals\?[^"]*cursor=\d+-\d+)#ended"', page)
    assert address
    older = Browser(house).get(address[1].replace("&amp;", "&")).text
    assert not set(links(page)) & set(links(older))


@pytest.mark.parametrize("state", ["forming", "confirmed", "played_out", "invalidated", "expired"])
def test_one_setup_is_told_whole_in_both_languages(house, state):
    rows = [row for row in rows_of(house) if row.state == state]
    if state in ("played_out", "invalidated", "expired"):
        assert rows
    for row in rows[:2]:
        for language in ("en", "fr"):
            answer = Browser(house).get(f"/setup/{row.setup}?account=main&lang={language}")
            assert answer.status_code == 200
            assert 'id="setup-chart"' in answer.text
            assert "None" not in answer.text
            assert 'id="money"' in answer.text


FIRST = {
    "forming": ("it was near an entry: ", "il était proche d’une entrée"),
    "confirmed": (
        "its strategy decided to enter at the next bar’s first price.",
        "sa stratégie a décidé d’entrer au premier prix de la bougie suivante.",
    ),
    "never": (
        "It was near an entry and never decided one.",
        "Il a été proche d’une entrée et n’en a jamais décidé.",
    ),
}
HELD = (
    ("What held then: ", "No criterion held then."),
    ("Ce qui était rempli alors", "Aucun critère n’était rempli alors."),
)
LAST = (("It ended on ", "The idea is wrong "), ("Il s’est terminé le ", "L’idée est fausse "))


@pytest.mark.parametrize(("place", "language"), enumerate(("en", "fr")))
def test_three_points_say_in_plain_words_why_it_is_there_what_held_and_what_ends_it(house, place, language):
    seen = set()
    for row in rows_of(house):
        changes = run_operation(house, OWNER, "setups.read", {"setup": row.setup}).changes
        states = [one.state for one in changes]
        kind = row.state if row.state in FIRST else "confirmed" if "confirmed" in states else "never"
        if kind in seen:
            continue
        seen.add(kind)
        page = Browser(house, language=language).get(f"/setup/{row.setup}?account=main").text
        card = page.partition('id="points"')[2].partition("</ol>")[0]
        points = [re.sub(r"<[^>]*>", "", one) for one in re.findall(r"<li>(.*?)</li>", card, re.DOTALL)]
        assert len(points) == 3
        assert FIRST[kind][place] in points[0]
        deciding = next((one for one in changes if one.state == "confirmed"), changes[0])
        has_held = any(one.holds for one in deciding.criteria)
        assert points[1].startswith(HELD[place][0 if has_held else 1])
        assert points[2].startswith(LAST[place][row.state in ("forming", "confirmed")])
    assert seen == set(FIRST)


@pytest.mark.parametrize(
    ("language", "decided", "forming"),
    [
        ("en", "Criteria at the decision", "Criteria at its first change"),
        ("fr", "Critères à la décision", "Critères à son premier changement"),
    ],
)
def test_criteria_stand_with_their_nearness_under_what_they_are_of(house, language, decided, forming):
    seen = set()
    for row in rows_of(house):
        changes = run_operation(house, OWNER, "setups.read", {"setup": row.setup}).changes
        has_decided = "confirmed" in [one.state for one in changes]
        if has_decided in seen:
            continue
        seen.add(has_decided)
        card = Browser(house, language=language).get(f"/setup/{row.setup}?account=main").text
        card = card.partition('id="criteria"')[2].partition("</table>")[0]
        assert (decided in card, forming in card) == (has_decided, not has_decided)
        assert ("Nearness" if language == "en" else "Proximité") in card
    assert seen == {True, False}


def test_every_criterion_that_is_missing_is_named_with_the_close_it_was_missing_at(house):
    rows = rows_of(house, state="forming")
    rows = [row for row in rows if row.unmet]
    assert rows
    listed = html.unescape(Browser(house).get("/signals?state=forming").text)
    for row in rows[:3]:
        assert row.missing in row.unmet.split("; ")
        page = html.unescape(Browser(house).get(f"/setup/{row.setup}?account=main").text)
        unmet = [
            name if name[:3].isupper() else name[:1].lower() + name[1:] for name in row.unmet.split("; ")
        ]
        assert f"Still missing: {'; '.join(unmet)}." in page
        close = row.next_close - timeframe_ms(row.timeframe)
        assert f"At the close of {UserLanguage('en').moment(close)} it was near an entry" in page
        assert all(name in listed for name in row.unmet.split("; "))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_setup_is_ranked_with_stands_beside_too_few_and_in_the_list_of_what_was_not_sent(
    house, language
):
    page = Browser(house, language=language).get("/signals?state=open").text
    row = next(row for row in rows_of(house, state="open") if row.expected_n < 30)
    count, rank = (
        (f"ended: {row.expected_n} of 30", "ranked with")
        if language == "en"
        else (f"terminés : {row.expected_n} sur 30", "classé avec")
    )
    shown = re.sub(r"<[^>]*>", "", html.unescape(page)).replace("\u00a0", " ")
    assert f"{count} {rank} {UserLanguage(language).fixed(row.expected_r)}" in shown
    titles = {column.name: column.title for column in row_columns(NoticeRow)}
    assert titles["expected_r"] == "Ranked with"


@pytest.mark.parametrize(("language", "regime"), [("en", "Regime"), ("fr", "Régime")])
def test_the_record_counts_every_ended_setup_and_names_the_regime(house, language, regime):
    told = run_operation(house, OWNER, "setups.record", {"by": "all"}).rows[0]
    ended = told.trades + told.unconfirmed + told.no_entry + told.unkept + told.void
    assert ended == len(rows_of(house, state="ended", replayed="without"))
    card = Browser(house, language=language).get("/signals").text.partition('id="record"')[2]
    heads = re.sub(r"<[^>]*>", "|", card.partition("</thead>")[0])
    for name in ("Never confirmed", "No entry", "Void"):
        assert (name if language == "en" else UserLanguage("fr").text(name)) in heads
    assert f">{regime}" in card


def test_a_bar_corrected_since_is_said_beside_the_setup(house):
    row = rows_of(house, state="ended")[0]
    assert "keeps to what was seen" not in Browser(house).get(f"/setup/{row.setup}").text
    series = f"{row.venue}:{row.instrument}/{row.timeframe}"
    house.audit.append(
        "trade.bar_revised", actor="owner", subject="main", text={"series": series, "bar": iso(row.ts_begun)}
    )
    assert "keeps to what was seen" in Browser(house).get(f"/setup/{row.setup}").text


def test_a_setup_that_there_is_not_is_not_found(house):
    assert Browser(house).get("/setup/0123456789abcdef").status_code == 404
    assert Browser(house).get("/setup/nonsense").status_code in (404, 422)


def test_its_chart_names_the_venue_whose_prices_it_draws(house):
    row = rows_of(house)[0]
    assert row.venue == "binance-perp"
    page = Browser(house).get(f"/setup/{row.setup}?account=main").text
    assert re.findall(r"<span data-chart-source>(.*?)</span>", page) == ["Binance"]


def test_its_picture_is_a_file(house):
    row = rows_of(house, state="ended")[0]
    answer = Browser(house).get(f"/chart/setup.svg?setup={row.setup}&account=main")
    assert answer.status_code == 200
    assert answer.text.startswith("<svg")


@pytest.mark.parametrize(("language", "words"), [("en", "What held then"), ("fr", "Ce qui était rempli")])
def test_the_three_points_have_their_numbers_on_the_chart(house, language, words):
    seen = set()
    for row in rows_of(house):
        if row.state in seen:
            continue
        seen.add(row.state)
        asked = f"setup={row.setup}&account=main&lang={language}"
        page = Browser(house).get(f"/setup/{row.setup}?account=main&lang={language}").text
        chart = run_operation(house, OWNER, "setups.chart", {"setup": row.setup, "patterns": False})
        drawn = re.findall(r'<g class="chart-point".*?>(\d)</text></g>', page)
        assert drawn == ["1", "2", "3"] == [str(point.number) for point in chart.points]
        changes = run_operation(house, OWNER, "setups.read", {"setup": row.setup}).changes
        decided = next((one for one in changes if one.state == "confirmed"), changes[0])
        one, two, three = chart.points
        bar = next(bar for bar in chart.bars if bar[0] + chart.step_ms == decided.ts_known)
        assert one.ts == two.ts == bar[0] + chart.step_ms // 2
        ends = [(bar[3], "below"), (bar[2], "above")]
        expected = ends if row.side == "long" else ends[::-1]
        assert [(one.price, one.place), (two.price, two.place)] == expected
        assert one.about == ("decided" if decided.state == "confirmed" else "near")
        if row.state in ("forming", "confirmed"):
            assert (three.about, three.price) == ("stop", row.stop)
            assert abs(three.ts - one.ts) >= 3 * chart.step_ms
        else:
            assert three.about == "ended"
            assert three.ts + chart.step_ms // 2 == row.ts_known
        picture = Browser(house).get(f"/chart/setup.svg?{asked}").text
        assert words in picture
    assert {"forming", "played_out"} & seen
    assert len(seen) > 2


def test_without_an_account_the_page_says_what_will_be_there(tmp_path):
    house = houses.house(tmp_path / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    page = Browser(house).get("/signals").text
    assert "No setups yet" in page
    assert 'href="/trading/paper"' in page


def test_levels_of_a_setup_are_drawn_on_some_bars_also_right_after_its_close(house):
    for row in rows_of(house):
        lines = run_operation(house, OWNER, "setups.chart", {"setup": row.setup, "patterns": False}).lines
        assert all(len(line.values) >= 4 for line in lines)


def test_the_chart_of_an_open_setup_ends_within_its_horizon_however_late_it_is(house):
    lives = {}
    for change in live_changes(house.setups, ["main"]):
        lives.setdefault(change.setup, []).append(change)
    opened = [life[:-1] for life in lives.values() if len(life) > 1]
    is_cut = []
    for life in opened:
        span = timeframe_ms(parse_slot(life[-1].slot).timeframe)
        bars = bars_around(house.data, life)
        beyond = (int(bars.ts[-1]) - life[-1].ts_bar) // span
        horizon = int(life[-1].body["horizon_bars"] or FORMING_CLOSES_AT_MOST)
        assert beyond <= horizon + AFTER
        is_cut.append(beyond == horizon + AFTER)
    # Some began long before the present, and are cut there.
    assert any(is_cut)


def test_a_setup_names_the_plans_that_were_made_from_it(house):
    row = next(row for row in rows_of(house) if row.state in ("played_out", "invalidated"))
    assert 'id="plans"' not in Browser(house).get(f"/setup/{row.setup}?account=main").text
    stop, target = (95.0, 110.0) if row.side == "long" else (105.0, 90.0)
    levels = {
        "side": row.side,
        "low": 99.0,
        "high": 101.0,
        "stop": stop,
        "target": target,
        "setup": row.setup,
    }
    place = f"binance-perp:{row.instrument}"
    plan = run_operation(house, OWNER, "plans.make", {"place": place, **levels}).newest.plan
    run_operation(house, OWNER, "plans.make", {"place": place, **levels, "setup": ""})
    told = run_operation(house, OWNER, "plans.list", {"setup": row.setup})
    assert [one.plan for one in told.rows] == [plan]
    for language, words in (("en", "Planned from it:"), ("fr", "Planifié d’après lui")):
        page = Browser(house).get(f"/setup/{row.setup}?account=main&lang={language}").text
        assert words in page
        state = "Draft" if language == "en" else "Brouillon"
        assert f'<a href="/plan/{plan}">{state}</a>' in page


def test_a_trade_in_the_journal_leads_to_its_setup_and_back(house):
    trades = run_operation(house, OWNER, "journal.list", {}).rows
    named = [trade for trade in trades if trade.setup]
    # An account enters where its strategies decide: each such decision is a confirmed setup, but for those that fall in
    # another one's rest.
    assert len(named) > len(trades) / 2
    for trade in named:
        told = run_operation(house, OWNER, "setups.read", {"setup": trade.setup})
        assert (told.newest.slot, told.newest.side) == (trade.slot, trade.side)
        assert trade.entry_ts >= next(one.ts_known for one in told.changes if one.state == "confirmed")
    page = Browser(house).get(f"/journal/{named[0].id}?account=main").text
    assert f"/setup/{named[0].setup}?account=main" in page
    assert ">The setup that it came of</a>" in page
    back = Browser(house).get(f"/setup/{named[0].setup}?account=main").text
    assert re.search(rf'<a href="/journal/{named[0].id}\?account=main">[^<]* USDT[,<]', back)
    assert re.findall(r"<span data-chart-source>(.*?)</span>", page) == ["paper account on Binance"]
    # The list shows it as it is first seen, in a word.
    listed = Browser(house).get("/journal").text
    assert re.search(r'<a href="/setup/[0-9a-f]{16}\?account=main">Setup<span', listed)
    groups = run_operation(house, OWNER, "journal.statistics", {"by": "setup"}).rows
    assert named[0].setup in {group.key for group in groups}
    assert Browser(house).get("/journal?columns=setup,pnl").status_code == 200


def counted(pattern):
    """Return how many of a pattern's kind ended before and reached their target, beside the rate of any bar."""
    lang = UserLanguage("en")
    bars = lang.number(pattern.bars, 0)
    if not pattern.ended:
        return f"None of its kind ended within the {bars} bars before."
    told = f"Of its kind, {pattern.ended} ended within the {bars} bars before: too few for a share. "
    told += f"Targets reached: {pattern.completed}."
    if pattern.completed_share is not None:
        share = lang.percent(pattern.completed_share, 0)
        told = f"Of {pattern.ended} of its kind that ended within the {bars} bars before, {share} reached their target."
    anywhere = lang.percent(pattern.any_bar_atr, 0)
    return (
        f"{told} From any of these bars the same distances, in average true ranges, "
        f"are reached in {anywhere} of cases."
    )


def test_a_pattern_is_named_in_words_and_drawn_over_the_bars_in_both_languages(house):
    browser, seen = Browser(house), 0
    for row in rows_of(house):
        asked = {"setup": row.setup, "account": row.account}
        patterns = run_operation(house, OWNER, "setups.chart", asked).patterns
        if not patterns or seen == 3:
            continue
        seen += 1
        kind = patterns[-1].kind.replace("_", " ").capitalize()
        english = browser.get(f"/setup/{row.setup}?account=main&lang=en").text
        assert f"{kind} pointing {'up' if patterns[-1].side == 'long' else 'down'}, known since" in english
        assert "Upper line" in english
        assert "no more often than the same distances are reached from any bar" in english
        assert [one for one in map(counted, patterns) if one not in english] == []
        french = browser.get(f"/setup/{row.setup}?account=main&lang=fr").text
        assert ("signal haussier" if patterns[-1].side == "long" else "signal baissier") in french
        assert "Ligne haute" in french
        picture = browser.get(f"/chart/setup.svg?setup={row.setup}&account=main&lang=en").text
        assert f" · {kind}" in picture
        assert "Lower line" in picture
    assert seen == 3


def test_budget_and_record_stand_below_with_what_nobody_can_hold_them_to(house):
    page = Browser(house).get("/signals").text
    assert "0 of 5 sent" in page.partition('id="budget"')[2]
    record = page.partition('id="record"')[2]
    trades = next(row.trades for row in run_operation(house, OWNER, "setups.record", {}).rows)
    assert f">{trades}<" in record
    assert "No outside anchor" in record
    # None is of before there were seals: nothing is said of those.
    assert re.search(r"\d+ changes were sealed when they were written\. Ended", record)
    assert "/api/v1/setups/record" in record


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Ended setups that were sealed only after their outcome was known: "),
        (
            "fr",
            "Setups terminés mais scellés seulement après que leur issue était connue\N{NO-BREAK SPACE}: ",
        ),
    ],
)
def test_how_many_were_sealed_late_stands_beside_the_results(house, language, sentence):
    # The whole log was read at once, long after its closes.
    record = run_operation(house, OWNER, "setups.record", {"by": "all"})
    ended = {row.setup for row in rows_of(house, state="ended")}
    assert record.late == len(ended) > 0
    page = Browser(house, language=language).get("/signals").text.partition('id="record"')[2]
    assert f"{sentence}{record.late}." in page


def test_the_record_for_others_is_one_file(house):
    answer = Browser(house).get("/signals/record.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.content.startswith(b"PK")


def total_of(house, row):
    return run_operation(house, OWNER, "setups.contributions", {"setup": row.setup}).total_value


def test_a_total_narrows_what_is_shown_only_where_it_is_asked_for(house):
    ended = rows_of(house, state="ended", timeframe="4h")
    expected = [row.setup for row in ended if (total_of(house, row) or -2.0) >= 0.5]
    assert 0 < len(expected) < len(ended)
    asked = {"state": "ended", "timeframe": "4h", "least": 0.5}
    assert [row.setup for row in rows_of(house, **asked)] == expected
    paged, cursor = [], ""
    while True:
        page = run_operation(house, OWNER, "setups.list", {**asked, "limit": 2, "cursor": cursor})
        paged += [row.setup for row in page.rows]
        cursor = page.next_cursor or ""
        if not cursor:
            break
    assert paged == expected
    page = Browser(house).get("/signals?state=ended&timeframe=4h&least=0.5").text
    assert {link[7:23] for link in links(page)} == set(expected[:20])
    assert 'name="least" value="0.5" aria-current="true"' in page
    assert len(links(Browser(house).get("/signals?state=ended&timeframe=4h&least=7").text)) > 0


def test_weights_are_a_persons_settings_and_change_the_total(house):
    row = rows_of(house, state="ended", timeframe="4h")[0]
    before = run_operation(house, OWNER, "setups.contributions", {"setup": row.setup})
    criteria = next(part for part in before.families if part.family == "criteria")
    french = Browser(house, language="fr")
    page = french.get("/settings").text
    assert "Poids\u00a0: critères" in page
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    form = {"zone": "UTC", "weight_criteria": "0,25", "weight_patterns": "0", "revision": revision}
    try:
        assert french.post("/settings", form, follow=False).status_code == 303
        told = run_operation(house, OWNER, "setups.contributions", {"setup": row.setup})
        weights = {part.family: part.weight for part in told.families}
        assert (weights["criteria"], weights["patterns"]) == (0.25, 0.0)
        only = {"patterns": 0.0, "news": 0.0, "derivatives": 0.0}
        told = run_operation(house, OWNER, "setups.contributions", {"setup": row.setup, **only})
        assert told.total_value == pytest.approx(criteria.value)
        assert "weight_news" in french.post("/settings", {**form, "weight_news": "1.5"}).text
    finally:
        run_operation(house, OWNER, "settings.undo", {"revision": 0})


@pytest.mark.parametrize(("language", "name"), [("en", "Leading traders"), ("fr", "Traders de référence")])
def test_leading_traders_who_are_not_there_yet_weigh_nothing_and_say_so(house, language, name):
    row = rows_of(house, state="ended")[0]
    page = Browser(house, language=language).get(f"/setup/{row.setup}?account=main").text
    card = page.partition('id="contributions"')[2].partition("</table>")[0]
    lines = [
        [
            re.sub(r"<[^>]*>|\s+", " ", cell).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)
        ]
        for line in card.split("<tr>")
    ]
    (traders,) = [line for line in lines if line[:1] == [name]]
    assert traders[1:4] == [UserLanguage(language).text("not available yet"), "", "0"]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("Alert sent", "was sent", "more than 0.25 R was needed, place 9 of 12.", "n=")),
        ("fr", ("Alerte envoyée", "envoyée", "il fallait plus de 0,25 R, rang 9 sur 12.", "n=")),
    ],
)
def test_alerts_sent_and_held_back_stand_beside_setups_and_narrow_the_list(house, language, texts):
    ended, other = rows_of(house, state="ended")[:2]
    (still_open, *_) = rows_of(house, state="open")
    for row, held in ((ended, ""), (other, "below"), (still_open, "below")):
        notice = SetupNotice(
            "main",
            row.setup,
            "confirmed",
            row.slot,
            row.side,
            1,
            row.ts_begun,
            1,
            0.1,
            0.2,
            0.25,
            9,
            12,
            held,
        )
        house.setup_notices.keep(notice, ["main"], [], 5)
    page = Browser(house).get(f"/signals?alerted=sent&lang={language}").text
    assert set(links_of_lists(page)) == {ended.setup}
    assert texts[0] in page
    assert texts[1] in page.partition('id="ended"')[2]
    held_page = Browser(house).get(f"/signals?alerted=held&lang={language}").text
    assert {other.setup, still_open.setup} <= set(links_of_lists(held_page))
    assert ended.setup not in links_of_lists(held_page)
    assert texts[2] in held_page
    assert texts[3] in held_page
    assert texts[2] in Browser(house).get(f"/setup/{other.setup}?account=main&lang={language}").text
    # A word that is none narrows nothing.
    assert len(links(Browser(house).get("/signals?alerted=x").text)) > 10


def links_of_lists(page):
    """Return the setups of the lists, without those of the budget's table."""
    return [link[7:23] for link in links(page.partition('id="budget"')[0])]


def test_rows_and_files_hold_expected_r_its_count_and_the_alert(house):
    rows = rows_of(house, state="open")
    assert all(row.expected_r is not None and row.expected_n is not None for row in rows)
    assert all(row.expected_r is None for row in rows_of(house, state="ended"))
    assert any(row.r is not None for row in rows_of(house, state="played_out"))
    held = run_operation(house, OWNER, "setups.list", {"alerted": "held"})
    assert {row.alert for row in held.rows} == {"held"}
    assert held.total == len(held.rows) == sum(held.counts.values())
    assert all((row.threshold, row.rank, row.of) == (0.25, 9, 12) for row in held.rows)
    lines = Browser(house).get("/api/v1/setups/list.csv?alerted=held").text.splitlines()
    assert {"expected_r", "expected_n", "alert", "threshold", "rank"} <= set(lines[0].split(","))
    found = [line for line in lines if re.match(r"[0-9a-f]{16},", line)]
    assert [line[:16] for line in found] == [row.setup for row in held.rows]


LINK = r'<a href="(https://[^"]+)" rel="noopener noreferrer external" referrerpolicy="no-referrer">([^<]+)'


def test_an_open_setup_links_to_its_market_at_the_venue_of_ones_choice(house):
    (row, *_) = rows_of(house, state="open")
    address = f"/setup/{row.setup}?account=main"
    coin = parse_slot(row.slot).instrument.partition("-")[0].upper()
    for language, words in (("en", "Open this market at Binance"), ("fr", "Ouvrir ce marché sur Binance")):
        found = re.search(LINK, Browser(house, language=language).get(address).text)
        assert found.groups() == (f"https://www.binance.com/{language}/futures/{coin}USDT", words)
    try:
        run_operation(house, OWNER, "settings.change", {"trade_venue": "bitget-perp"})
        found = re.search(LINK, Browser(house).get(address).text)
        assert found.groups() == (
            f"https://www.bitget.com/futures/usdt/{coin}USDT",
            "Open this market at Bitget",
        )
    finally:
        run_operation(house, OWNER, "settings.change", {"trade_venue": ""})
    # What has ended is traded no more.
    (gone, *_) = rows_of(house, state="ended")
    assert not re.search(LINK, Browser(house).get(f"/setup/{gone.setup}?account=main").text)
