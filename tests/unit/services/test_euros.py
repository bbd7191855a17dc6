"""Amounts told in euros: in every answer that holds money, each by the rate that was known at its time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.houses import person
from tests.unit.services.figures_material import NOW, full
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS
from vigie.services.market_data.euros import rename_euro_columns
from vigie.services.operation import CurrencyInput, Table, operations
from vigie.services.operation_calls import run_operation

# Euros for a dollar: 0.5 until ten days ago, 0.8 since.
CUT = NOW - 10 * DAY_MS
MONEY = sorted(name for name, one in operations().items() if issubclass(one.input_type, CurrencyInput))
# Those that write or send have tests of their own.
READ = [name for name in MONEY if name not in {"assets.save_drawings", "news.send_brief"}]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = full(tmp_path_factory.mktemp("home"))
    made.facts.append([
        Observation("fx/usd/per_eur", CUT - 1_000 * DAY_MS, CUT - 1_000 * DAY_MS, 2.0),
        Observation("fx/usd/per_eur", CUT, CUT, 1.25),
    ])  # fmt: skip
    return made


def both(built: Any, name: str, **values: Any) -> tuple[Any, Any]:
    """Return an answer in dollars and the same in euros."""
    given = {**operations()[name].example, **values}
    given.pop("as_of", None)
    if name == "onchain.formula":
        given.setdefault("g", "market/bitcoin/price_usd")
        given["f"] = given["f"].replace("market/global/cap_usd", "stablecoins/total/supply_usd")
    return tuple(run_operation(built, person(), name, {**given, "currency": one}) for one in ("usd", "eur"))  # type: ignore[return-value]


def units(value: Any) -> Iterator[str]:
    """Yield every unit that is said anywhere in an answer."""
    if isinstance(value, dict):
        yield from (one for key, one in value.items() if key == "unit" and isinstance(one, str))
        for one in value.values():
            yield from units(one)
    elif isinstance(value, list):
        for one in value:
            yield from units(one)


@pytest.mark.parametrize("name", READ)
def test_no_answer_in_euros_says_that_anything_is_in_dollars(built, name):
    dollars, euros = (one.model_dump(mode="json") for one in both(built, name))
    assert "usd" not in set(units(euros))
    assert "eur" not in set(units(dollars))


def test_a_line_is_counted_point_by_point(built):
    dollars, euros = both(built, "onchain.formula", f="market/bitcoin/cap_usd", days=30)
    told = {row["ts"]: row["first"] for row in euros.rows}
    assert len(told) == len(dollars.rows) == 30
    for row in dollars.rows:
        assert told[row["ts"]] == pytest.approx(row["first"] * (0.8 if row["ts"] >= CUT else 0.5))
    assert euros.lines[0].unit == "eur"


def test_rows_of_mixed_units_change_only_where_they_are_money(built):
    names = "market/bitcoin/cap_usd,onchain/bitcoin/adr_act_cnt"
    dollars, euros = both(built, "onchain.series", series=names, days=5)
    for before, after in zip(dollars.rows, euros.rows, strict=True):
        by = 0.8 if before["unit"] == "usd" else 1.0
        assert after["value"] == pytest.approx(before["value"] * by)
    assert euros.units["market/bitcoin/cap_usd"] == "eur"


def test_a_figure_keeps_the_dollars_it_was_read_in(built):
    dollars, euros = both(built, "derivatives.open_interest")
    assert euros.total_usd.value == pytest.approx(dollars.total_usd.value * 0.8)
    assert euros.total_usd.dollars == dollars.total_usd.value


def test_a_peg_stays_the_dollars_it_promises(built):
    _, euros = both(built, "onchain.cards", asset="usd-coin")
    peg = next(one for one in euros.cards if one.key == "peg_usd")
    assert (peg.figure.value, peg.figure.unit) == (0.9, "price")


def test_what_was_known_then_is_counted_by_the_rate_of_then(built):
    asked = {"f": "market/bitcoin/cap_usd", "days": 5, "as_of": CUT - 1}
    dollars, euros = (
        run_operation(built, person(), "onchain.formula", {**asked, "currency": one})
        for one in ("usd", "eur")
    )
    assert [row["first"] for row in euros.rows] == [row["first"] * 0.5 for row in dollars.rows]


def test_without_a_rate_amounts_stay_dollars_and_say_so(tmp_path):
    dollars, euros = both(full(tmp_path), "defi.chains")
    assert euros == dollars


def test_files_call_columns_of_euros_by_euros(built):
    _, euros = both(built, "defi.chains")
    table = rename_euro_columns(euros)
    assert isinstance(table, Table)
    assert "tvl_eur" in table.rows[0]
    assert not [name for name in table.rows[0] if name.endswith("usd")]
