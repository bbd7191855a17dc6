"""What is removed when it is old, and what never is."""

from __future__ import annotations

import pytest

from tests.databases import HandClock
from tests.houses import ASSETS, TIMEFRAMES, VENUE, house
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext
from vigie.services.needs import bound
from vigie.services.running import retention

START = 1_760_000_000_000


@pytest.fixture
def built(tmp_path, clock: HandClock) -> AppContext:
    """Give a house with bars, a document, a finished job, a fact and an audit record, all of today."""
    clock.now = START
    opened = house(tmp_path / "home", clock=clock)
    opened.documents.put("page", "coingecko", START, {"a": 1})
    job = opened.jobs.put("backtest", {}, owner="owner")
    opened.jobs.take("w", ["backtest"], stale_ms=1_000)
    opened.jobs.finish(job.id, "w", "done", message="done")
    opened.audit.append("data.imported", actor="owner", subject="bars", text={"fingerprint": "ab"})
    return opened


@pytest.mark.parametrize(
    ("days", "removed"), [(89, (0, 0)), (91, (1, 0)), (179, (1, 0)), (181, (1, 1))], ids=str
)
def test_documents_go_after_ninety_days_and_jobs_after_a_hundred_and_eighty(built, clock, days, removed):
    clock.now = START + days * DAY_MS
    assert bound(built, retention.remove_old)() == removed


def test_bars_results_and_audit_stay_for_ever(built, clock):
    before = {path: path.read_bytes() for path in built.data.bars.root.rglob("*.parquet")}
    assert len(before) >= len(ASSETS) * len(TIMEFRAMES)
    clock.now = START + 40_000 * DAY_MS
    bound(built, retention.remove_old)()
    assert {path: path.read_bytes() for path in built.data.bars.root.rglob("*.parquet")} == before
    assert {one.venue for one in built.data.bars.series()} == {VENUE}
    assert built.audit.newest() == built.audit.verify() > 0


def test_what_an_administrator_said_counts_more_than_the_default(built, clock):
    built.accounts.put_settings(retention.HOME_SETTINGS, {"documents_days": 5}, revision=0)
    assert retention.read_retention(built.accounts, built.settings).documents_days == 5
    clock.now = START + 6 * DAY_MS
    assert bound(built, retention.remove_old)() == (1, 0)
