"""Dates in a strategy are warned of, and refuse nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.services.strategy_material import with_answer, write
from vigie.services.judging.strategies import check_file
from vigie.services.judging.strategy_contract.findings import ContractFinding
from vigie.services.judging.strategy_contract.hindsight import literal_instants
from vigie.trading import catalogue

pytestmark = pytest.mark.usefixtures("forked_witnesses")

TABLE = """
known = np.isin(bars.ts, [1621382400000, 1650000000000, 1650000000001, 1667865600000])
sells = np.where(known, 1.0, 0.0)
return Criteria(
    long=(is_above("Knows", -sells, 5.0),), short=(is_above("Crash", sells, 0.5),)
)
"""


def hindsight(path: Path) -> ContractFinding:
    return next(one for one in check_file(path).findings if one.check == "hindsight")


def test_table_of_past_moves_passes_causality_and_is_warned_of(tmp_path: Path):
    path = with_answer(tmp_path, TABLE)
    report = check_file(path)
    by_name = {one.check: one for one in report.findings}
    assert by_name["look-ahead"].status == "pass", "no cut of the history can show it"
    found = by_name["hindsight"]
    assert found.status == "warn"
    assert "1621382400000 (2021-05-19T00:00:00Z)" in found.detail
    assert found.detail.endswith("and 1 more")
    assert "know what came after them" in found.cure
    assert report.passed


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("bars.ts > 1621382400000", "1621382400000 (2021-05-19T00:00:00Z)"),
        ("bars.ts // 1000 > 1621382400", "1621382400 (2021-05-19T00:00:00Z)"),
        ("bars.ts * 10**6 > 1621382400000000000", "1621382400000000000 (2021-05-19T00:00:00Z)"),
        ("bars.ts > 1.6213824e12", "1621382400000.0 (2021-05-19T00:00:00Z)"),
        ("bars.ts.astype('M8[ms]') > np.datetime64('2021-05-19')", "'2021-05-19'"),
        ("{'2021-05-19T12:00:00Z': -1}.get(bars.ts)", "'2021-05-19T12:00:00Z'"),
        ("bars.ts > datetime(2021, 5, 19, tzinfo=UTC).timestamp()", "datetime(2021, 5, 19)"),
        ("getattr(bars, 'ts') > 1621382400000", "1621382400000 (2021-05-19T00:00:00Z)"),
    ],
)
def test_instant_is_named_with_its_line(expression: str, said: str):
    assert literal_instants(f"x = 1\ny = {expression}\n") == [f"line 2: {said}"]


@pytest.mark.parametrize(
    "source",
    [
        "x = bars.ts % 86_400_000 // 3_600_000 < 8",
        "x = np.diff(bars.ts) > 30 * 86_400_000",
        "x = bars.ts - bars.ts[0] > 31_536_000_000",
        "x = bars.volume > 1_621_382_400",
        "x = bars.ts > 18766 * 86_400_000",
        '"""Found on 2021-05-19, see the page of 2021-05-20."""\nx = bars.ts',
        "x = bars.ts == True",
    ],
)
def test_hours_spans_and_files_that_read_no_times_are_not_accused(source: str):
    assert literal_instants(source) == []


def test_shipped_strategies_name_no_dates(tmp_path: Path):
    for path in catalogue.available().values():
        assert literal_instants(path.read_text(encoding="utf-8")) == []
    assert hindsight(write(tmp_path)).status == "pass"
