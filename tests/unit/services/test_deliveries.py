"""How connectors do: one truth for every page that tells it."""

from dataclasses import replace

import pytest

from tests.houses import Browser, person
from tests.unit.services.figures_material import NOW, empty
from vigie.ports.quotes import SourceHealth
from vigie.services.operation_calls import run_operation

FAILING = SourceHealth("hyperliquid/bars", "failing", NOW, NOW, 60.0, None, 1, "cut")
SILENT = "no data from the stream for 6 s"


@pytest.fixture
def built(tmp_path):
    return empty(tmp_path / "home")


def told(built):
    """Return the state, and whether it is said to be down, as each page reads it of one connector."""
    rows = {
        name: {one.source: one for one in run_operation(built, person(), name, {}).sources}
        for name in ("today.read", "health.read")
    }
    sources = run_operation(built, person(), "sources.list", {})
    states = {row["id"]: row["state"] for row in sources.rows}
    first = next(iter(rows["today.read"]))
    return {
        (states[first], sources.down == 1), *((rows[name][first].state, rows[name][first].is_down) for name in rows)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (FAILING, ("retried", False)),
        (replace(FAILING, ts_success=None), ("failing", True)),
        (replace(FAILING, errors=3), ("failing", True)),
        (replace(FAILING, state="stale", errors=0), ("stale", True)),
        (replace(FAILING, state="live", errors=0, error=SILENT, mode="poll"), ("polled", False)),
        (replace(FAILING, state="live", errors=0, error="", mode="stream"), ("live", False)),
    ],
)
def test_today_sources_and_health_say_the_same_of_a_connector(built, health, expected):
    built.quotes.put_health([health])
    assert told(built) == {expected}
    assert "1 of 1 sources is late or broken" in Browser(built).get("/sources").text or not expected[1]
    for path in ("/", "/health"):
        assert ("1 source is down" in Browser(built).get(path).text) == expected[1]


def test_one_that_somebody_paused_is_paused_everywhere_at_once(built):
    built.quotes.put_health([replace(FAILING, errors=9)])
    run_operation(built, person(), "sources.pause", {"source": "hyperliquid"})
    assert told(built) == {("paused", False)}


def test_a_silent_stream_is_not_called_live_and_its_error_is_named_as_its_own(built):
    built.quotes.put_health([replace(FAILING, state="live", errors=0, error=SILENT, mode="poll")])
    page = Browser(built).get("/sources?state=polled").text
    row = page.split('id="connectors"')[1].split("</table>")[0]
    assert "polling (stream down)" in row
    assert f"Stream: {SILENT}" in row
    assert ">live<" not in row
    assert "1 stream is down" in page


def test_today_names_a_few_of_many_that_do_not_deliver_and_says_where_all_are(built):
    built.quotes.put_health([replace(FAILING, source=f"venue_{at}/bars", errors=3) for at in range(7)])
    strip = Browser(built).get("/").text.partition('class="strip"')[2].partition("</ul>")[0]
    assert "7 sources are down" in strip
    assert strip.count("/bars") == 5
    assert '<a href="/sources">' in strip


def test_no_page_calls_anything_failing_that_it_does_not_count(built):
    built.quotes.put_health([
        FAILING, replace(FAILING, source="bitget/bars", ts_success=None),
        replace(FAILING, source="binance/bars", errors=4),
        replace(FAILING, source="binance/trades", state="waiting", errors=0, ts_success=None, error=""),
    ])  # fmt: skip
    found = run_operation(built, person(), "sources.list", {})
    today = run_operation(built, person(), "today.read", {})
    assert (
        found.down
        == found.counts["failing"] + found.counts["stale"]
        == sum(one.is_down for one in today.sources)
    )
    assert found.down == 2


def test_not_everything_delivers_while_some_have_not_answered(built):
    built.quotes.put_health([replace(FAILING, state="waiting", errors=0, ts_success=None, error="")])
    page = Browser(built).get("/sources").text
    assert "1 source answers" not in page
    assert "1 of 1 sources has not answered yet." in page
