"""An answer that nobody understands is never taken for one: rows are read, or said to be in an unknown form."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.adapters.venues.binance import rows
from vigie.adapters.venues.binance.wire import _find_refusal, check_rows, understood
from vigie.domain.errors import TransientError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["BUY", "SELL", "NEW", "FILLED", "LIMIT", "USDT", "BTCUSDT", "0.5", "-1", "STOP_MARKET", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
NAMES = """symbol orderId clientOrderId side type origQty executedQty status reduceOnly closePosition time updateTime
price avgPrice algoId clientAlgoId orderType quantity triggerPrice createTime positionAmt entryPrice markPrice
liquidationPrice id qty commission commissionAsset maker tranId income assets asset walletBalance unrealizedProfit
availableBalance enableReading enableFutures enableWithdrawals s t i S l L n N T m c ot""".split()
READERS = [
    rows.order,
    rows.algo,
    rows.funding,
    rows.rights,
    rows.pushed_fill,
    lambda row: rows.fill(row, "", "other"),
    lambda row: rows.position(row, Decimal(5), [row]),
    lambda row: rows.balance(row, 1),
]


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.sampled_from(READERS), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=len(NAMES)))
def test_a_row_is_read_or_said_to_be_unknown(read, row):
    with suppress(TransientError), understood():
        read(row)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from([200, 201, 400, 401, 418, 429, 500, 503]), JSON)
def test_only_a_list_or_an_object_that_refuses_nothing_is_an_answer(status, answer):
    said = _find_refusal(status, {}, "body", answer)
    code = answer.get("code") if isinstance(answer, dict) else None
    is_answer = isinstance(answer, list | dict) and (code is None or str(code) in ("200", "0", "None"))
    if said is None:
        assert status < 300
        assert isinstance(answer, list | dict)
    else:
        assert status >= 300 or not is_answer or code is not None


@pytest.mark.parametrize("answer", [{}, {"a": 1}, [1], [None], "x", None])
def test_what_should_be_a_list_of_rows_and_is_not_is_never_an_empty_one(answer):
    with pytest.raises(TransientError, match="list of rows"):
        check_rows(answer)
