import pytest

from tests.unit.sandbox.world.hands import DAY_MS, Hand
from vigie.domain.errors import UsageError
from vigie_sandbox.world.clock import VirtualClock


def test_an_hour_passes_in_a_minute_at_sixty_times():
    hand = Hand()
    clock = VirtualClock(hand, 1_000_000, 60.0)
    hand.seconds = 60.0
    assert clock.now_ms() == 1_000_000 + 3_600_000


def test_a_paused_clock_stands_still_and_goes_on_from_there():
    hand = Hand()
    clock = VirtualClock(hand, 0, 60.0)
    hand.seconds = 1.0
    clock.change(paused=True)
    hand.seconds = 100.0
    assert clock.now_ms() == 60_000
    clock.change(paused=False)
    hand.seconds = 101.0
    assert clock.now_ms() == 120_000


def test_a_change_of_speed_does_not_move_the_time():
    hand = Hand()
    clock = VirtualClock(hand, 0, 60.0)
    hand.seconds = 2.0
    clock.change(speed=1.0)
    assert clock.now_ms() == 120_000
    hand.seconds = 3.0
    assert clock.now_ms() == 121_000


def test_a_jump_goes_forward():
    clock = VirtualClock(Hand(), 5_000, 60.0)
    clock.change(jump_to=5_000 + DAY_MS)
    assert clock.now_ms() == 5_000 + DAY_MS


@pytest.mark.parametrize("target", [4_999, 5_000 + 31 * DAY_MS + 1])
def test_a_jump_back_or_too_far_is_refused_and_changes_nothing(target):
    clock = VirtualClock(Hand(), 5_000, 60.0)
    with pytest.raises(UsageError, match="jump must go to"):
        clock.change(speed=2.0, jump_to=target)
    assert (clock.now_ms(), clock.speed) == (5_000, 60.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, 3_601.0, float("nan")])
def test_a_speed_that_cannot_be_is_refused(speed):
    with pytest.raises(UsageError, match="speed must be above 0"):
        VirtualClock(Hand(), 0, speed)


def test_the_wait_for_a_market_time_is_told_in_seconds_of_the_hand():
    clock = VirtualClock(Hand(), 0, 60.0)
    assert clock.seconds_until(120_000) == 2.0
    clock.change(paused=True)
    assert clock.seconds_until(120_000) is None
