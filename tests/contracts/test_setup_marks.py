"""What stands beside setups in a list: expected R with its count, alerts sent and held back; on both databases."""

from __future__ import annotations

import pytest

from tests.contracts.setup_alerts import HER, SLOT_NAME, SetupAlerts
from vigie.domain.time import HOUR_MS
from vigie.ports.setups import SetupFilter
from vigie.services.setups.notice_marks import marks_of
from vigie.services.setups.noticing import BUDGET_SETTING


@pytest.fixture
def desk(database, clock, tmp_path):
    built = SetupAlerts(database, clock, tmp_path)
    built.users.put_settings(HER, {BUDGET_SETTING: "1"})
    built.rule()
    built.look()
    return built


def listed(desk, **wanted):
    return [one.setup for one in desk.setups.newest(SetupFilter(["main"], **wanted))]


def test_setups_are_found_by_what_became_of_their_alert(desk):
    told, held, ended = desk.write(), desk.write(), desk.write()
    desk.look()
    desk.clock.now += HOUR_MS
    desk.write("played_out", setup=ended, cause="stop", r=-1.0)
    replayed = desk.write(replayed=True)
    assert listed(desk, is_told=True) == [told]
    assert set(listed(desk, is_told=False)) == {held, ended}
    assert listed(desk, is_told=False, states=["played_out"]) == [ended]
    assert set(listed(desk)) == {told, held, ended, replayed}
    assert len(desk.setups.places(["main"], is_told=False)) == 2
    assert [one.setup for one in desk.notices.of([held, "f" * 16], ["main"])] == [held]
    assert desk.notices.of([held], ["other"]) == []


def test_beside_each_stand_what_is_expected_and_what_became_of_its_alert(desk):
    told, held = desk.write("forming", cause="near"), desk.write()
    for r in (1.0, 2.0, -0.5):
        ended = desk.write(regime="rising_calm")
        desk.write("played_out", setup=ended, cause="stop", regime="rising_calm", r=r)
    desk.look()
    desk.clock.now += HOUR_MS
    late = desk.write(regime="rising_calm")
    # What was told stays told, whatever becomes of its later changes.
    desk.write(setup=told)
    desk.look()
    changes = {one.setup: one for one in desk.setups.newest(SetupFilter(["main"]))}
    order = [late, told, held, ended]
    marks = dict(zip(order, marks_of(desk.sources, HER, [changes[setup] for setup in order]), strict=True))
    assert (marks[told].alert, marks[held].alert) == ("sent", "held")
    assert marks[held].notice.rank >= 1
    # 3 alike with a mean of 0.8333, each mean drawn towards 0 by 3 / 33.
    mean = 2.5 / 3
    assert marks[late].expected.alike == 3
    assert marks[late].expected.value == pytest.approx(mean * 3 / 33 + mean * 3 / 33 * 30 / 33)
    assert marks[late].expected.value == desk.notices.of([late], ["main"])[0].expected_r
    assert marks[ended].expected is None
    assert changes[late].slot == SLOT_NAME
