"""How often the venue may be asked."""

from tests.unit.sandbox.exchange.hyperliquid.counter import open_counter
from vigie_sandbox.exchange.hyperliquid.limits import (
    HyperliquidWeights,
    get_action_weight,
    get_answer_weight,
    get_question_weight,
)


def test_questions_weigh_what_the_documents_say_and_long_answers_more():
    kinds = ("allMids", "clearinghouseState", "orderStatus", "meta", "userRole")
    assert [get_question_weight(kind) for kind in kinds] == [2, 2, 2, 20, 60]
    assert get_answer_weight("userFills", [0] * 45) == 2
    assert get_answer_weight("candleSnapshot", [0] * 5_000) == 83
    assert get_answer_weight("meta", {}) == 0
    assert [get_action_weight(parts) for parts in (1, 39, 40, 100)] == [1, 1, 2, 3]


def test_an_address_has_twelve_hundred_in_any_minute():
    weights = HyperliquidWeights()
    assert all(weights.count_request("a", 20, 0.0) for _ in range(60))
    assert not weights.count_request("a", 2, 59.9)
    assert weights.count_request("b", 2, 59.9)
    assert weights.count_request("a", 2, 60.0)


def test_too_much_is_answered_with_429_and_a_pause():
    counter = open_counter()
    replies = [counter.make_reply("/info", {"type": "meta"}) for _ in range(61)]
    assert [one.status for one in replies] == [200] * 60 + [429]
    assert replies[-1].headers["Retry-After"] == "1"
    counter.watch.seconds += 61
    assert counter.make_reply("/info", {"type": "meta"}).status == 200
