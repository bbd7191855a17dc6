from __future__ import annotations

import pytest

from tests.unit.data.material import FakeClock
from vigie.adapters.net.retry import Retry, RetryableError
from vigie.domain.errors import ConnectorError, TransientError


class Flaky:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_answer_at_once_waits_for_nothing():
    clock = FakeClock()
    assert Retry(clock).call(Flaky()) == "answer"
    assert clock.pauses == []


def test_pauses_double_with_jitter_between_half_and_all():
    clock = FakeClock()
    assert Retry(clock).call(Flaky(*[RetryableError("502")] * 4)) == "answer"
    assert all(whole / 2 <= pause <= whole for pause, whole in zip(clock.pauses, (1, 2, 4, 8), strict=True))


def test_the_other_side_says_how_long():
    clock = FakeClock()
    Retry(clock).call(Flaky(RetryableError("429", after_s=7.0)))
    assert clock.pauses == [7.0]


def test_a_pause_too_long_is_left_to_the_caller():
    clock = FakeClock()
    with pytest.raises(TransientError, match="asks to wait 3600 s"):
        Retry(clock).call(Flaky(RetryableError("418", after_s=3_600.0)))
    assert clock.pauses == []


def test_tries_end():
    flaky = Flaky(*[RetryableError("502")] * 9)
    with pytest.raises(TransientError, match=r"502 \(tried 5 times\)"):
        Retry(FakeClock()).call(flaky)
    assert flaky.calls == 5


def test_other_errors_are_not_tried_again():
    flaky = Flaky(ConnectorError("wrong"))
    with pytest.raises(ConnectorError):
        Retry(FakeClock()).call(flaky)
    assert flaky.calls == 1


def test_same_seed_same_pauses():
    first, second = FakeClock(), FakeClock()
    for clock in (first, second):
        Retry(clock, seed=5).call(Flaky(*[RetryableError("502")] * 3))
    assert first.pauses == second.pauses
