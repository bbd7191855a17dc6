"""News and moves of coins that are owned: the real span of a move, and which coin made a story appear."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.holdings.material import NOW, holding_house
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation
from vigie.services.operations.asset_events import AssetEventRow
from vigie.views.web.pages.portfolio import page
from vigie.views.web.pages.portfolio.happened import coin_moves


@pytest.mark.parametrize(
    ("days", "ago", "is_whole"), [(7, 0, True), (6.9, 0.5, True), (3, 0, False), (7, 4, False)]
)
def test_a_move_says_whether_its_bars_are_those_of_seven_days(days, ago, is_whole):
    end = NOW - int(ago * DAY_MS)
    row = AssetEventRow(
        ts=end, kind="price", what="span", title="", source="", change=0.1, ts_start=end - int(days * DAY_MS)
    )
    context = SimpleNamespace(now=NOW, call=lambda *_, **__: SimpleNamespace(rows=[row]))
    (move,) = coin_moves(context, {"bitcoin": "Bitcoin"})
    assert move.is_whole is is_whole


def test_the_span_of_bars_is_told_with_the_change(tmp_path):
    built = holding_house(tmp_path / "home")
    rows = run_operation(built, OWNER, "assets.happened", {"asset": "bitcoin", "kind": "price"}).rows
    span = next(row for row in rows if row.what == "span")
    assert 6 * DAY_MS <= span.ts - span.ts_start <= 8 * DAY_MS
    assert all(row.ts_start is None for row in rows if row.what == "bar")


def test_a_story_about_several_coins_says_which_owned_coin_made_it_appear(tmp_path, monkeypatch):
    built = holding_house(tmp_path / "home")
    for coin in ("bitcoin", "ethereum"):
        run_operation(built, OWNER, "holdings.add", {"coin": coin, "quantity": "1"})
    both, one = (
        SimpleNamespace(story="s-both", title="Of both", assets="solana,bitcoin,ethereum"),
        SimpleNamespace(story="s-one", title="Of one", assets="bitcoin"),
    )
    by_coin = {"bitcoin": [both, one], "ethereum": [both]}
    for story, ts in ((both, 2), (one, 1)):
        vars(story).update(ts_first=NOW + ts, language="en", status="", publishers=3)
    seen = houses.Browser(built)
    call = page.RequestContext.call

    def told(context, name, **values):
        if name == "stories.top":
            return SimpleNamespace(rows=by_coin[values["asset"]])
        return call(context, name, **values)

    monkeypatch.setattr(page.RequestContext, "call", told)
    text = seen.get("/portfolio").text
    both_at, one_at = text.index("Of both"), text.index("Of one")
    assert "here for BTC, ETH" in text[both_at:one_at]
    assert "here for" not in text[one_at : one_at + 400]
