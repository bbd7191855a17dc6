"""Behind the bell: alerts, jobs that ended and fills, what of them is new, and marking it as read."""

from __future__ import annotations

import re

import pytest

from tests import houses
from tests.databases import HandClock
from tests.unit.services.trading.material import BEGUN
from vigie.services import demo_world
from vigie.services.alerting.notifications import MOST_COUNTED, mark_seen
from vigie.services.operation_calls import run_operation

OWNER = houses.person("owner")


@pytest.fixture
def house(traded_home, tmp_path):
    return houses.copied(traded_home, tmp_path / "home", clock=HandClock(BEGUN))


def count(house, who=OWNER):
    return run_operation(house, who, "notifications.count", {})


def end_job(house, state="done", kind="backtest"):
    job = house.jobs.put(kind, {}, owner=OWNER.user)
    assert house.jobs.take("w", (kind,), stale_ms=10**12).id == job.id
    house.clock.now += 1
    house.jobs.finish(job.id, "w", state, message="", answer=None)
    return job.id


def main_of(browser):
    return browser.get("/notifications").text.partition("<main")[2].partition("</main>")[0]


def test_fills_and_jobs_count_until_they_were_seen(house):
    fills = house.trades.fills_since(OWNER.user, 0, limit=10_000)
    assert len(fills) > 2
    before = count(house)
    assert (before.alerts, before.jobs, before.fills) == (0, 0, min(len(fills), MOST_COUNTED))
    end_job(house)
    end_job(house, "failed")
    end_job(house, kind="quick")
    assert count(house).jobs == 2, "a quick result of a form is no news"
    assert count(house).unread == before.fills + 2
    # One fill came after the page was drawn: it stays unread.
    newest, older = fills[0][1].ts, next(fill.ts for _, fill in fills if fill.ts < fills[0][1].ts)
    after = run_operation(house, OWNER, "notifications.read", {"fills_until": older})
    assert (after.jobs, after.fills) == (0, sum(fill.ts == newest for _, fill in fills))
    assert run_operation(house, OWNER, "notifications.read", {}).unread == 0
    run_operation(house, OWNER, "notifications.read", {"fills_until": 1})
    assert count(house).unread == 0, "a mark never goes back"
    end_job(house)
    assert (count(house).jobs, count(house).unread) == (1, 1)


def test_what_a_demonstration_orders_at_its_start_is_no_news(house):
    before = count(house).jobs
    queued = demo_world.first_jobs(house.jobs, house.alerts)
    mark_seen(house.accounts, OWNER.user, ordered=queued)
    for _ in demo_world.FIRST_BACKTESTS:
        job = house.jobs.take("w", ("import", "backtest"), stale_ms=10**12)
        house.clock.now += 1
        house.jobs.finish(job.id, "w", "done", message="", answer=None)
    assert count(house).jobs == before
    rows = run_operation(house, OWNER, "notifications.list", {"limit": 100}).rows
    assert all(row["is_read"] for row in rows if row["kind"] == "job")
    while house.jobs.take("w", ("import", "backtest"), stale_ms=10**12):
        pass
    end_job(house)
    assert count(house).jobs == before + 1, "what its person orders is"


def test_somebody_else_is_told_nothing_of_it(house):
    end_job(house)
    other = houses.person("bob")
    assert count(house, other).unread == 0
    assert run_operation(house, other, "notifications.list", {}).rows == []


@pytest.mark.parametrize(
    ("language", "bought", "mark", "calm"),
    [
        ("en", "Bought", "Mark all as read", "You are up to date."),
        ("fr", "Achat de", "Tout marquer", "Vous êtes à jour."),
    ],
)
def test_the_page_shows_each_kind_and_one_press_makes_it_read(house, language, bought, mark, calm):
    job = end_job(house)
    browser = houses.Browser(house, language=language)
    text = main_of(browser)
    assert bought in text
    assert f'href="/jobs/{job}"' in text
    assert mark in text
    assert text.count("<strong>") > 1
    seen = {name: re.search(rf'name="{name}" value="(\d+)"', text).group(1) for name in ("jobs", "fills")}
    browser.post("/notifications/read", seen)
    text = main_of(browser)
    assert calm in text
    assert mark not in text
    assert "<strong>" not in text
    assert bought in text
    assert '<span class="bell-count" hidden></span>' in browser.get("/help").text


def test_a_home_where_nothing_happened_says_what_will_stand_here(tmp_path):
    text = main_of(houses.Browser(houses.house(tmp_path / "home")))
    for words in (
        "No alerts yet.",
        "No backtest, sweep or import has finished yet.",
        "No account has bought or sold",
    ):
        assert words in text


def test_an_open_page_asks_for_its_part_again_when_something_comes(house):
    browser = houses.Browser(house)
    page = browser.get("/notifications").text
    assert 'hx-trigger="vigie:inbox from:document"' in re.search(r'<div id="inbox"[^>]*>', page)[0]
    job = end_job(house)
    part = browser.get("/notifications", headers={"hx-request": "true", "hx-target": "div#inbox"}).text
    assert part.lstrip().startswith('<div id="inbox"')
    assert f'href="/jobs/{job}"' in part
    assert f"{count(house).unread} unread" in part
