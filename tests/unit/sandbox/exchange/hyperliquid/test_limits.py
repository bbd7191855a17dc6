"""How often the venue may be asked."""

from tests.unit.sandbox.exchange.hyperliquid.counter import open_counter
from vigie.sandbox.exchange.hyperliquid.limits import (
    Weights,
    action_weight,
    answer_weight,
    question_weight,
)


def test_questions_weigh_what_the_documents_say_and_long_answers_more():
    kinds = ("allMids", "clearinghouseState", "orderStatus", "meta", "userRole")
    assert [question_weight(kind) for kind in kinds] == [2, 2, 2, 20, 60]
    assert answer_weight("userFills", [0] * 45) == 2
    assert answer_weight("candleSnapshot", [0] * 5_000) == 83
    assert answer_weight("meta", {}) == 0
    assert [action_weight(parts) for parts in (1, 39, 40, 100)] == [1, 1, 2, 3]


def test_an_address_has_twelve_hundred_in_any_minute():
    weights = Weights()
    assert all(weights.take("a", 20, 0.0) for _ in range(60))
    assert not weights.take("a", 2, 59.9)
    assert weights.take("b", 2, 59.9)
    assert weights.take("a", 2, 60.0)


def test_too_much_is_answered_with_429_and_a_pause():
    counter = open_counter()
    replies = [counter.reply("/info", {"type": "meta"}) for _ in range(61)]
    assert [one.status for one in replies] == [200] * 60 + [429]
    assert replies[-1].headers["Retry-After"] == "1"
    counter.watch.seconds += 61
    assert counter.reply("/info", {"type": "meta"}).status == 200
