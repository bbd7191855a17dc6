"""The page of an account in a new run says where the live trades of its earlier runs are, in both languages."""

from __future__ import annotations

import pytest

from tests import houses
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN, FILE, planned
from vigie.domain.time import DAY_MS
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.process.trading import begin_run

OWNER = houses.person("owner")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "live trades of its earlier runs are in the journal"),
        ("fr", "trades en direct de ses sessions"),
    ],
)
def test_a_new_run_says_that_earlier_live_trades_are_in_the_journal(traded_home, tmp_path, language, words):
    house, _ = house_of(traded_home, tmp_path / "home", BEGUN + 10 * DAY_MS)
    browser = houses.Browser(house, language=language)
    assert words not in browser.get("/trading").text
    before = run_operation(house, OWNER, "journal.list", {"replayed": "without"}).total
    assert before > 1
    bound(house, begin_run)(planned(house, tmp_path, text=FILE), "owner")
    for part in ("", "trades", "days", "orders", "refusals"):
        path = f"/trading?part={part}"
        page = browser.get(path).text
        assert f"{before} {words}" in page.replace("\u202f", " ")
        assert "/journal?account=main&amp;replayed=without" in page


def test_replayed_trades_are_not_told_as_all_that_came_before_the_present_run(
    traded_home, tmp_path, monkeypatch
):
    house, _ = house_of(traded_home, tmp_path / "home", BEGUN + 10 * DAY_MS)
    bound(house, begin_run)(planned(house, tmp_path, text=FILE), "owner")
    live = run_operation(house, OWNER, "journal.list", {"replayed": "without"}).total
    counts = {"only": 110, "without": live}
    monkeypatch.setattr(
        "vigie.views.web.pages.trading.page.count_closed", lambda context, name, which: counts[which]
    )
    page = houses.Browser(house).get("/trading").text
    assert "110 replayed trades are in the journal." in page
    assert f"{live} live trades of its earlier runs are in the journal." in page
    assert "before it went live" not in page
    assert "Closed trades, present run" in page
