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
    [("en", "live trades of its earlier runs are in the journal"), ("fr", "trades réels de ses sessions")],
)
def test_a_new_run_says_that_earlier_live_trades_are_in_the_journal(traded_home, tmp_path, language, words):
    house, _ = house_of(traded_home, tmp_path / "home", BEGUN + 10 * DAY_MS)
    browser = houses.Browser(house, language=language)
    assert words not in browser.get("/trading").text
    before = run_operation(house, OWNER, "journal.list", {"replayed": "without"}).total
    assert before > 1
    bound(house, begin_run)(planned(house, tmp_path, text=FILE), "owner")
    for path in ("/trading", "/trading?part=trades", "/trading?part=days"):
        page = browser.get(path).text
        assert f"{before} {words}" in page.replace("\u202f", " ")
        assert "/journal?account=main&amp;replayed=without" in page
