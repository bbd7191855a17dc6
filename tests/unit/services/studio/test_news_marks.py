"""News marked on charts of prices are asked for in a span that is one, whatever the board's dates are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from vigie.services.market_data.series import LAST_MS
from vigie.services.studio.news_marks import read_news_marks


@pytest.mark.parametrize(("end", "asked"), [(1_000, 1_000), (LAST_MS + 5, LAST_MS)])
def test_a_span_ends_where_time_that_can_be_asked_for_does(end: int, asked: int) -> None:
    said: list[dict[str, Any]] = []

    def query(name: str, **ask: Any) -> Any:
        said.append(ask)
        return SimpleNamespace(rows=[], total=0, is_thinned=False)

    work = SimpleNamespace(query=query, publishers=set(), newest=7)
    assert read_news_marks(work, ["bitcoin", "ethereum"], 10, end).marks == ()
    assert said == [{"assets": "bitcoin,ethereum", "start": 10, "end": asked, "most": 30}]
    assert (work.newest, work.publishers) == (7, set())
