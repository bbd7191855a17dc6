"""The life of a setup: what begins it, what ends it, and what follows an end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.intelligence.setups.closes import close, decided, forming, lived, told
from vigie.domain.setup import ENDED, EntryTerms, SideLife
from vigie.domain.time import HOUR_MS
from vigie.intelligence.setups.life import LONGEST_HORIZON, advance
from vigie.services.trading.account_plans.account_plan import KEPT_BARS


def test_a_setup_forms_is_confirmed_and_played_out_as_one():
    changes = lived([forming(0), forming(1), decided(2), close(3), close(4)], inside={4: "target"})
    assert told(changes) == [("forming", "near"), ("confirmed", "decided"), ("played_out", "target")]
    assert len({change.setup for change in changes}) == 1
    assert {change.ts_begun for change in changes} == {changes[0].ts_known}
    assert changes[1].bars == "bars of 2"


def test_a_decision_confirms_without_forming():
    assert told(lived([close(0), decided(1)])) == [("confirmed", "decided")]


def test_what_forms_is_void_when_it_was_far_for_two_closes_in_a_row():
    far, near = {"long": 0.49}, {"long": 0.5}
    assert told(lived([forming(0), close(1, **far), close(2, **near), close(3, **far)])) == [
        ("forming", "near")
    ]
    assert told(lived([forming(0), close(1, **far), close(2, **far)]))[1] == ("invalidated", "not_near")
    # What is not known is not near.
    assert told(lived([forming(0), close(1), close(2)]))[1] == ("invalidated", "not_near")


def test_what_forms_is_void_at_a_close_beyond_the_stop_that_was_shown():
    at, beyond = forming(1, price=90.0, stop=80.0), forming(1, price=89.9, stop=80.0)
    assert told(lived([forming(0), at])) == [("forming", "near")]
    changes = lived([forming(0), beyond])
    assert told(changes)[1] == ("invalidated", "beyond_stop")
    assert changes[1].stop == 90.0


def test_a_short_is_void_above_its_stop():
    near = {"forming": "short", "short": 0.8, "stop": 110.0}
    changes = lived([close(0, **near), close(1, **near, price=110.1)], side="short")
    assert told(changes)[1] == ("invalidated", "beyond_stop")


def test_what_forms_is_void_after_a_gap_even_where_an_entry_is_decided():
    assert told(lived([forming(0), decided(2)])) == [("forming", "near"), ("invalidated", "gap")]


def test_a_gap_never_ends_a_confirmed_setup():
    assert told(lived([decided(0), close(9)], inside={})) == [("confirmed", "decided")]


def test_what_forms_expires_after_ten_closes():
    closes = [forming(bar) for bar in range(11)]
    assert told(lived(closes[:10])) == [("forming", "near")]
    changes = lived(closes)
    assert told(changes)[1] == ("expired", "closes")
    assert changes[1].ts_bar - changes[0].ts_bar == 10 * HOUR_MS


@pytest.mark.parametrize(("horizon", "bars"), [(None, 30), (2.5, 3), (0.2, 1), (4.0, 4)])
def test_a_confirmed_setup_expires_at_its_horizon_rounded_up(horizon, bars):
    closes = [decided(0, horizon=horizon), *(close(bar) for bar in range(1, bars + 1))]
    assert told(lived(closes[:-1])) == [("confirmed", "decided")]
    changes = lived(closes)
    assert told(changes)[1] == ("expired", "horizon")
    assert changes[1].horizon_bars == bars


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("stop", "played_out"),
        ("target", "played_out"),
        ("liquidation", "played_out"),
        ("gap_through_level", "invalidated"),
    ],
)
def test_what_happened_inside_a_bar_comes_before_what_is_decided_at_its_close(event, state):
    closes = [decided(0, horizon=1.0), close(1, side="short", exits=("long",), strategy="a")]
    assert told(lived(closes, inside={1: event}))[1] == (state, event)


def test_an_exit_condition_comes_before_an_opposite_signal_and_that_before_the_horizon():
    first = decided(0, horizon=1.0)
    assert told(lived([first, close(1, side="short", exits=("long",))]))[1] == (
        "invalidated",
        "exit_condition",
    )
    assert told(lived([first, close(1, side="short", exits=("short",))]))[1] == (
        "invalidated",
        "opposite_signal",
    )
    assert told(lived([first, close(1, exits=("short",))]))[1] == ("expired", "horizon")


@pytest.mark.parametrize("first", [forming(0), decided(0)])
def test_another_strategy_ends_both(first):
    assert told(lived([first, forming(1, strategy="b")]))[1] == ("invalidated", "strategy_changed")


@pytest.mark.parametrize("event", ["stop", "target", "gap_through_level"])
def test_no_changed_setting_makes_void_what_ended_inside_the_bar(event):
    life, _ = advance(SideLife("long"), decided(0))
    _, change = advance(life, decided(1, strategy="b"), event)
    assert change is not None
    assert change.cause == event


def test_a_side_rests_three_closes_after_an_end():
    ended = [decided(0, horizon=1.0), close(1)]
    for rested in range(3):
        assert len(lived([*ended, *(decided(2 + bar) for bar in range(rested + 1))])) == 2
    changes = lived([*ended, *(decided(2 + bar) for bar in range(4))])
    assert told(changes)[2] == ("confirmed", "decided")
    assert changes[2].setup != changes[0].setup
    assert changes[2].ts_bar - changes[1].ts_bar == 4 * HOUR_MS


@pytest.mark.parametrize(
    "ended",
    [[forming(0), forming(1, price=89.0)], [forming(0), close(1), close(2)], [forming(0), forming(2)]],
)
def test_a_side_rests_as_long_after_what_never_was_confirmed(ended):
    assert len(lived(ended)) == 2
    first = (ended[-1].signal.ts_bar - ended[0].signal.ts_bar) // HOUR_MS + 1
    for again in (forming, decided):
        rest = [again(first + bar) for bar in range(4)]
        assert len(lived([*ended, *rest[:3]])) == 2
        changes = lived([*ended, *rest])
        assert len(changes) == 3
        assert changes[2].ts_bar - changes[1].ts_bar == 4 * HOUR_MS


def test_a_close_that_was_seen_changes_nothing():
    life, _change = advance(SideLife("long"), decided(5))
    assert advance(life, decided(5)) == (life, None)
    assert advance(life, close(4, side="short")) == (life, None)


CLOSES = st.lists(
    st.builds(
        dict,
        step=st.sampled_from([1, 1, 1, 1, 3]),
        side=st.sampled_from(["none", "none", "none", "long", "short"]),
        forming=st.sampled_from(["none", "long", "short"]),
        long=st.sampled_from([0.2, 0.6, 0.8, float("nan")]),
        short=st.sampled_from([0.2, 0.6, 0.8]),
        price=st.sampled_from([80.0, 100.0, 120.0]),
        stop=st.sampled_from([None, 90.0, 110.0]),
        horizon=st.sampled_from([None, 1.5, 4.0]),
        exits=st.sampled_from([(), (), ("long",), ("short",)]),
        strategy=st.sampled_from(["a", "a", "a", "a", "b"]),
        inside=st.sampled_from([None, None, None, "stop", "target", "gap_through_level"]),
    ),
    max_size=60,
)


def built(rows):
    bar, closes, inside = 0, [], {}
    for place, row in enumerate(rows):
        values = dict(row)
        bar += values.pop("step")
        inside[place] = values.pop("inside")
        if values["side"] != "none":
            values["forming"] = "none"
        closes.append(close(bar, **values))
    return closes, inside


@given(CLOSES)
def test_no_state_is_entered_twice_and_each_end_is_final(rows):
    closes, inside = built(rows)
    for side in ("long", "short"):
        changes = lived(closes, inside=inside, side=side)
        by_setup: dict[str, list[str]] = {}
        for change in changes:
            by_setup.setdefault(change.setup, []).append(change.state)
        # One setup at a time, each whole before the next.
        assert [change.setup for change in changes] == [
            name for name, states in by_setup.items() for _ in states
        ]
        for place, states in enumerate(by_setup.values()):
            assert len(set(states)) == len(states)
            assert states[0] in ("forming", "confirmed")
            is_ended = states[-1] in ENDED
            assert is_ended or place == len(by_setup) - 1
            assert not set(states[:-1]) & set(ENDED)


@given(CLOSES, st.integers(0, 60))
def test_closes_one_by_one_from_a_kept_state_give_what_all_at_once_give(rows, cut):
    closes, inside = built(rows)
    whole = lived(closes, inside=inside)
    life, changes = SideLife("long"), []
    for place, one in enumerate(closes):
        if place == cut:
            # Another process: only what is written down goes on, and the last close comes a second time.
            life = replace(life)
            if place:
                life, again = advance(life, closes[place - 1])
                assert again is None
        life, change = advance(life, one, inside[place])
        changes += [change] if change else []
    # NaN is not equal to itself: compared as they are written.
    assert repr(changes) == repr(whole)


def test_an_entry_that_the_accounts_rules_refuse_confirms_nothing():
    refused = decided(0, refusal="too_small")
    assert told(lived([refused])) == []
    assert told(lived([refused, decided(1)])) == [("confirmed", "decided")]
    assert told(lived([forming(0), decided(1, refusal="too_small"), decided(2)])) == [
        ("forming", "near"),
        ("confirmed", "decided"),
    ]


def test_an_opposite_entry_without_distances_ends_what_its_trade_ends_with():
    opposite = close(1, flagged="short")
    assert told(lived([decided(0), opposite])) == [
        ("confirmed", "decided"),
        ("invalidated", "opposite_signal"),
    ]


def test_what_an_entry_was_made_of_is_remembered_while_it_is_confirmed():
    life, _ = advance(SideLife("long"), forming(0))
    assert life.terms == EntryTerms(0.0, 0.0, 0.0)
    life, _ = advance(life, decided(1))
    assert life.terms == EntryTerms(5.0, 7.5, 5.0)
    life, _ = advance(life, close(2, exits=("long",)))
    assert life.terms == EntryTerms(0.0, 0.0, 0.0)


def test_no_horizon_is_longer_than_the_history_that_is_kept():
    life, _ = advance(SideLife("long"), decided(0, horizon=1e9))
    assert life.horizon_bars == LONGEST_HORIZON < KEPT_BARS


def test_an_open_setup_remembers_how_near_it_is_and_what_is_missing():
    life, _ = advance(SideLife("long"), forming(0))
    life, change = advance(life, close(1, long=0.6))
    assert change is None
    assert (life.nearness, life.missing, life.missing_at) == (0.6, "Close above the channel", 2.0)
    life, _ = advance(life, decided(2))
    assert (life.nearness, life.missing, life.missing_at) == (1.0, "", None)
    life, _ = advance(life, close(3))
    assert (life.nearness, life.missing) == (None, "Close above the channel")
    life, _ = advance(life, close(4, exits=("long",)))
    assert (life.nearness, life.missing, life.missing_at) == (None, "", None)


def test_an_open_setup_remembers_every_required_criterion_that_is_missing():
    life, _ = advance(SideLife("long"), forming(0))
    near = close(1, long=0.6)
    (criterion,) = near.signal.long.criteria
    others = (
        replace(criterion, name="Volume", nearness=0.9),
        replace(criterion, name="Trend", required=False),
    )
    outlook = replace(near.signal.long, criteria=(criterion, *others))
    life, _ = advance(life, replace(near, signal=replace(near.signal, long=outlook)))
    assert life.unmet == ("Close above the channel", "Volume")
    assert life.missing == "Close above the channel"
    assert advance(life, decided(2))[0].unmet == ()


def test_nothing_forms_of_two_closes_with_bars_missing_between_them():
    assert told(lived([close(0), forming(3), forming(4)])) == [("forming", "near")]
    assert [change.ts_bar for change in lived([close(0), forming(3), forming(4)])] == [
        forming(4).signal.ts_bar
    ]
    assert told(lived([close(0), decided(3)])) == [("confirmed", "decided")]


def test_a_setup_goes_on_with_the_digest_it_began_with_and_a_new_one_takes_the_present():
    began = lived([forming(0, strategy="f"), forming(1, strategy="f")])
    closes = [forming(0, strategy="f"), forming(1, strategy="f")]
    closes += [replace(decided(bar), former="f") for bar in (2,)]
    went_on = lived(closes)
    assert [one.state for one in went_on][-1] == "confirmed"
    assert {(one.setup, one.strategy) for one in went_on} == {(began[0].setup, "f")}
    assert lived([replace(decided(0), strategy="2:a", former="f")])[0].strategy == "2:a"
    # Neither the present digest nor the former one: it is another strategy.
    assert lived([*closes, replace(forming(3, strategy="b"), former="c")])[-1].cause == "strategy_changed"
    # Ended so by an earlier version, it was written with that one's digest of what it changed to.
    assert lived([*closes, replace(forming(3, strategy="2:b"), former="c")])[-1].strategy == "c"
