"""Strategies in the desk: listed, explained, switched on and off per slot, and run as they are switched."""

from __future__ import annotations

import pytest

from tests import houses
from vigie.domain.errors import NotFound, UsageError
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.runs.run_orders import RunOrder, check_order

MINE = houses.person("owner")
OTHER = houses.person("other", "trader")
SLOT = "binance-perp:btc-usdt-perp/4h/ema_cross"
SLOW = "binance-perp:eth-usdt-perp/1d/macd_cross"


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home")


def on(house, caller=MINE):
    return [row["slot"] for row in run_operation(house, caller, "strategies.slots", {"state": "on"}).rows]


def test_every_strategy_is_listed_with_its_title_and_timeframe(house):
    rows = {row["name"]: row for row in run_operation(house, MINE, "strategies.list", {}).rows}
    assert rows["ema_cross"]["timeframe"] == "4h"
    assert rows["ema_cross"]["parameters"] == 2
    assert all(row["title"] and not row["problem"] for row in rows.values())


def test_a_broken_strategy_of_ones_own_is_listed_with_the_reason(house):
    house.results.strategies.mkdir(parents=True)
    (house.results.strategies / "mine.py").write_text("TIMEFRAME = 3\n", encoding="utf-8")
    rows = {row["name"]: row for row in run_operation(house, MINE, "strategies.list", {}).rows}
    assert rows["mine"]["is_own"]
    assert rows["mine"]["problem"]


def test_one_strategy_is_explained(house):
    found = run_operation(house, MINE, "strategies.get", {"name": "ema_cross"})
    assert [one.name for one in found.parameters] == ["fast", "slow"]
    assert {one.side for one in found.criteria} >= {"long", "short"}
    assert any(one.required for one in found.criteria)
    assert "class Params" in found.source
    with pytest.raises(NotFound):
        run_operation(house, MINE, "strategies.get", {"name": "no_such"})
    with pytest.raises(UsageError):
        run_operation(house, MINE, "strategies.get", {"name": "../../etc/passwd"})


def test_parameters_of_a_strategy_are_a_table_with_bounds_and_walks(house):
    one = run_operation(house, MINE, "strategies.get", {"name": "ema_cross"})
    table = run_operation(house, MINE, "strategies.parameters", {"name": "ema_cross"})
    assert [row["name"] for row in table.rows] == [parameter.name for parameter in one.parameters]
    assert all(row["low"] <= row["search_low"] <= row["search_high"] <= row["high"] for row in table.rows)
    with pytest.raises(NotFound):
        run_operation(house, MINE, "strategies.parameters", {"name": "nothing"})


def test_slots_are_all_that_could_run_page_by_page(house):
    whole = run_operation(house, MINE, "strategies.slots", {"limit": 500})
    assert whole.total == len(whole.rows) > 20
    assert not any(row["is_on"] for row in whole.rows)
    first = run_operation(house, MINE, "strategies.slots", {"limit": 7})
    rest = run_operation(house, MINE, "strategies.slots", {"limit": 500, "cursor": first.next_cursor})
    assert first.rows + rest.rows == whole.rows
    of_one = run_operation(house, MINE, "strategies.slots", {"strategy": "ema_cross", "asset": "bitcoin"})
    assert [row["slot"] for row in of_one.rows] == [SLOT]


def test_slots_are_switched_on_and_off_and_back(house):
    first = run_operation(house, MINE, "strategies.switch", {"slots": [SLOT, SLOW], "on": True})
    assert sorted(first.changed) == [SLOT, SLOW]
    assert on(house) == [SLOT, SLOW]
    again = run_operation(house, MINE, "strategies.switch", {"slots": [SLOT], "on": True})
    assert again.changed == []
    off = run_operation(house, MINE, "strategies.switch", {"slots": [SLOT], "on": False})
    assert (off.changed, off.total_on) == ([SLOT], 1)
    run_operation(house, MINE, "strategies.switch", {"slots": off.changed, "on": not off.on})
    assert on(house) == [SLOT, SLOW]
    counts = {row["name"]: row["on"] for row in run_operation(house, MINE, "strategies.list", {}).rows}
    assert (counts["ema_cross"], counts["macd_cross"], counts["adx_trend"]) == (1, 1, 0)
    assert [e.kind for e in house.audit.after(0)] == ["slots.switched"] * 3


def test_switches_are_ones_own(house):
    run_operation(house, MINE, "strategies.switch", {"slots": [SLOT], "on": True})
    assert on(house, OTHER) == []


def test_another_timeframe_can_be_switched_on_and_is_listed_then(house):
    slot = SLOT.replace("/4h/", "/2h/")
    run_operation(house, MINE, "strategies.switch", {"slots": [slot], "on": True})
    assert slot in [
        row["slot"] for row in run_operation(house, MINE, "strategies.slots", {"limit": 500}).rows
    ]
    rows = run_operation(house, MINE, "strategies.slots", {"timeframe": "2h", "limit": 500}).rows
    assert {row["timeframe"] for row in rows} == {"2h"}


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        ("nonsense", "slot must look like"),
        (SLOT.replace("ema_cross", "no_such"), "strategy must be one of"),
        (SLOT.replace("btc", "doge"), "no bars of doge-usdt-perp"),
        (SLOT.replace("/4h/", "/1m/"), "no bars of btc-usdt-perp"),
        (SLOT.replace("/4h/", "/7h/"), "timeframe"),
    ],
)
def test_a_slot_that_could_never_run_is_not_switched_on(house, slot, words):
    with pytest.raises(UsageError, match=words):
        run_operation(house, MINE, "strategies.switch", {"slots": [slot], "on": True})
    assert on(house) == []


def test_what_another_tab_switches_meanwhile_is_kept(house):
    real = house.accounts.settings
    calls = []

    class Hasty:
        def settings(self, user):
            found = real(user)
            if not calls:
                calls.append(user)
                house.accounts.put_settings(user, {"slots_on": [SLOW]})
            return found

        def __getattr__(self, name):
            return getattr(house.accounts, name)

    import dataclasses

    hasty = dataclasses.replace(house, accounts=Hasty())
    run_operation(hasty, MINE, "strategies.switch", {"slots": [SLOT], "on": True})
    assert on(house) == [SLOT, SLOW]


def test_slots_that_are_on_can_be_run_as_they_are(house):
    request = bound(house, check_order)(RunOrder(slots=[SLOT, SLOW], params={"ema_cross.fast": 12}))
    assert [(one.instrument, one.timeframe, one.strategy) for one in request.slots] == [
        ("btc-usdt-perp", "4h", "ema_cross"),
        ("eth-usdt-perp", "1d", "macd_cross"),
    ]
    assert request.slots[0].params == {"fast": 12}
    with pytest.raises(UsageError, match="one venue"):
        bound(house, check_order)(RunOrder(slots=[SLOT, SLOW.replace("binance", "bitget")]))
