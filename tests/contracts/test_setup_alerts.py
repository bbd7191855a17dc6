"""Alerts about setups, on both databases: so many a day and the best of them, and the end of what was told."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.contracts.setup_alerts import HER, SetupAlerts
from tests.databases import wipe
from vigie.domain.alert import QuietHours
from vigie.domain.time import DAY_MS, HOUR_MS, zoned
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.setups.noticing import BUDGET_SETTING


def opened(database, clock, tmp_path):
    desk = SetupAlerts(database, clock, tmp_path / "facts", accounts=("main", "second"))
    desk.rule()
    desk.look()
    return desk


@pytest.fixture
def desk(database, clock, tmp_path):
    return opened(database, clock, tmp_path)


def test_a_setup_that_is_confirmed_is_told_with_its_place_in_the_chain(desk):
    setup = desk.write()
    assert desk.look() == 1
    (event,) = desk.told()
    change = desk.setups.numbered(event.facts["change_number"])
    (sealed,) = desk.audit.after(change.sealed_at - 1, limit=1)
    assert sealed.subject == change.seal
    assert event.facts["record"] == {"number": sealed.seq, "head": sealed.hash}
    assert event.key == f"main/{setup}"
    assert event.title.startswith(
        "Confirmed: Bitcoin long, donchian_breakout 1h. Criteria met: Close above the channel."
    )
    assert "Cancelled below 90.000" in event.title
    assert title_of(event, "fr").startswith("Confirmé\N{NO-BREAK SPACE}: Bitcoin long")
    assert desk.look() == 0


def test_what_was_written_before_the_first_rule_is_not_told(database, clock, tmp_path):
    desk = SetupAlerts(database, clock, tmp_path / "facts")
    desk.write()
    assert desk.look() == 0
    desk.rule()
    assert desk.look() == 0
    desk.write()
    assert desk.look() == 1


def test_a_rule_is_about_accounts_strategies_instruments_sides_and_states(desk):
    for rule in desk.alerts.rules(HER):
        desk.alerts.put_rule(rule.__class__(**{**_fields(rule), "when": {
            "account": ("main",), "strategy": ("donchian_breakout",), "instrument": ("btc-usdt-perp",),
            "side": ("long",), "state": ("confirmed",),
        }}))  # fmt: skip
    desk.write(account="second")
    desk.write("forming", cause="near")
    desk.write(side="short")
    desk.write(slot="eth-usdt-perp/1h/donchian_breakout")
    desk.write(slot="btc-usdt-perp/1h/ema_cross")
    desk.write(replayed=True)
    assert desk.look() == 0
    assert desk.notices.notices(["main", "second"]) == []
    desk.write()
    assert desk.look() == 1


def _fields(rule):
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}


def test_only_so_many_a_day_are_told_over_all_rules_and_accounts(desk):
    desk.rule(name="Long ones", when={"side": ("long",)})
    desk.users.put_settings(HER, {BUDGET_SETTING: "3"})
    for n in range(5):
        desk.write(account=("main", "second")[n % 2])
    desk.look()
    assert len({event.key for event in desk.told()}) == 3
    # Both rules tell of each, and both say why the rest is held back.
    assert len(desk.told()) == 6
    assert Counter(one.delivery.why for one in desk.deliveries("suppressed")) == {"budget": 4}
    kept = desk.notices.notices(["main", "second"])
    assert [one.held for one in reversed(kept)] == ["", "", "", "full", "full"]
    assert [one.rank for one in reversed(kept)] == [1, 1, 1, 1, 1]
    desk.clock.now += DAY_MS
    desk.write()
    assert desk.look() == 2


def test_the_end_of_what_was_told_is_told_and_not_counted_and_of_nothing_else(desk):
    desk.users.put_settings(HER, {BUDGET_SETTING: "1"})
    told, held = desk.write(), desk.write()
    desk.look()
    desk.clock.now += HOUR_MS
    for setup in (told, held):
        desk.write("invalidated", setup=setup, cause="opposite_signal")
    desk.look()
    assert [event.status for event in desk.told()] == ["confirmed", "invalidated"]
    assert desk.told()[1].title.startswith(
        "Invalidated: Bitcoin long, donchian_breakout 1h, opposite signal."
    )
    desk.clock.now += DAY_MS
    desk.write()
    desk.look()
    assert [event.status for event in desk.told()][2:] == ["confirmed"]


def test_a_mute_rule_takes_no_place_and_a_played_out_setup_is_not_told(desk):
    (rule,) = desk.alerts.rules(HER)
    desk.alerts.put_rule(rule.__class__(**{**_fields(rule), "ts_muted_until": desk.clock.now + HOUR_MS}))
    setup = desk.write()
    desk.look()
    assert [one.held for one in desk.notices.notices(["main"])] == ["rule"]
    desk.write("played_out", setup=setup, cause="target", r=1.4)
    assert desk.look() == 0
    assert desk.told() == []


def test_killed_between_decision_and_alert_it_goes_on_with_what_was_decided(desk, monkeypatch):
    from vigie.services.alerting.watching import setups as watching

    def dies(*_given, **_more):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "dispatch_events", dies)
        desk.write()
        with pytest.raises(RuntimeError):
            desk.look()
    (decided,) = desk.notices.notices(["main"])
    desk.clock.now += HOUR_MS
    assert desk.look() == 1
    assert desk.notices.notices(["main"]) == [decided]
    assert len(desk.told()) == 1


ZONES = {
    # Clocks went back on 26 October and 2 November, and forth on 28 September 2025.
    "Europe/Paris": datetime(2025, 10, 6, tzinfo=UTC),
    "America/New_York": datetime(2025, 10, 6, tzinfo=UTC),
    "Pacific/Auckland": datetime(2025, 9, 1, tzinfo=UTC),
}


def test_in_ninety_days_no_wall_day_has_more_and_every_end_of_what_was_told_is_told(desk):
    live_ninety_days(desk, "Europe/Paris")


# Which day it is on the wall is asked of the zone, not of the database.
@pytest.mark.parametrize(
    "zone", ["Pacific/Auckland", pytest.param("America/New_York", marks=pytest.mark.chaos)]
)
def test_wall_days_are_those_of_the_persons_zone(sqlite_database, clock, tmp_path, zone):
    wipe(sqlite_database)
    live_ninety_days(opened(sqlite_database, clock, tmp_path), zone)


def live_ninety_days(desk, zone):
    rng, budget = np.random.default_rng(20), 1
    desk.users.put_settings(HER, {BUDGET_SETTING: str(budget), "zone": zone})
    desk.rule(name="Quiet nights", when={"side": ("short",)}, quiet=QuietHours(22 * 60, 7 * 60, zone))
    begin = round(ZONES[zone].timestamp() * 1_000)
    open_setups, ended = [], []
    for at in np.sort(rng.integers(0, 90 * DAY_MS, 260)).tolist():
        desk.clock.now = begin + at
        account = ("main", "second")[int(rng.integers(2))]
        if open_setups and rng.random() < 0.4:
            setup, account = open_setups.pop(int(rng.integers(len(open_setups))))
            if rng.random() < 0.5:
                r = float(rng.normal(-0.3))
                desk.write("invalidated", setup=setup, cause="opposite_signal", account=account, r=r)
                ended.append(setup)
            else:
                desk.write(
                    "played_out", setup=setup, cause="target", account=account, r=float(rng.normal(0.5))
                )
        else:
            side = ("long", "short")[int(rng.integers(2))]
            open_setups.append((desk.write(side=side, account=account), account))
        desk.look()
    entries = [*desk.deliveries("sent"), *desk.deliveries("waiting")]
    first = [one for one in entries if one.alert.happening.status != "invalidated"]
    told = {one.alert.happening.facts["setup"] for one in first}
    days = Counter()
    for setup in told:
        sends = {
            zoned(one.delivery.ts_due or one.delivery.ts_done, ZoneInfo(zone)).date()
            for one in first
            if one.alert.happening.facts["setup"] == setup
        }
        days.update(sends)
    assert max(days.values()) == budget
    # Not the first ones of each day alone: with a month of history, most days tell fewer.
    assert 20 < len(told) < 80
    ends = {
        one.alert.happening.facts["setup"] for one in entries if one.alert.happening.status == "invalidated"
    }
    assert ends == set(ended) & told
    assert len(ends) > 5
    # What is held back is kept with its rank; once there is history, with the threshold, too.
    held = [one for one in desk.notices.notices(["main", "second"]) if one.held]
    assert held
    assert any(one.threshold is not None for one in held if one.held == "below")


def test_a_rule_that_asks_for_a_total_is_about_no_less_by_the_weights_of_its_owner(desk):
    (rule,) = desk.alerts.rules(HER)
    desk.alerts.put_rule(rule.__class__(**{**_fields(rule), "when": {"least_total": ("0.9",)}}))
    desk.write()
    assert desk.look() == 1
    # All criteria hold and nothing else is known: without their weight nothing counts.
    desk.users.put_settings(HER, {"weight_criteria": "0"})
    desk.write()
    assert desk.look() == 0
    (rule,) = desk.alerts.rules(HER)
    desk.alerts.put_rule(rule.__class__(**{**_fields(rule), "when": {}}))
    desk.write()
    assert desk.look() == 1
    assert [one.total for one in desk.notices.notices(["main"])] == [0.0, 1.0]
