"""What was counted of late, and what no longer counts."""

from __future__ import annotations

from vigie_sandbox.exchange.windows import SlidingWindow


def test_what_is_as_old_as_the_span_no_longer_counts() -> None:
    window = SlidingWindow(60.0)
    window.add(0.0, 3)
    window.add(10.0)
    assert [window.used(now) for now in (10.0, 59.9, 60.0, 70.0)] == [4, 4, 1, 0]


def test_a_shorter_time_within_the_span_is_counted_apart() -> None:
    window = SlidingWindow(60.0)
    for at_s in (0.0, 45.0, 50.0):
        window.add(at_s)
    assert (window.since(40.0), window.since(45.0), window.since(50.0)) == (2, 1, 0)


def test_the_rest_is_until_the_oldest_no_longer_counts() -> None:
    window = SlidingWindow(60.0)
    assert window.seconds_to_next(5.0) == 0.0
    window.add(5.0)
    window.add(30.0)
    assert window.seconds_to_next(35.0) == 30.0
    assert window.used(66.0) == 1
    assert window.seconds_to_next(66.0) == 24.0
