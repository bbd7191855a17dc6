"""Whatever is asked, Binance answers or refuses in its form: nothing that a client sends breaks the venue."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.exchange.binance.booths import BTC, open_booth
from tests.unit.sandbox.exchange.stalls import FALL

BOOTH = open_booth(FALL)
BOOTH.post("leverage", **BTC, leverage=5)
ROUTES = sorted(one for one in BOOTH.opened.venue._routes if one[1] != "/fapi/v1/listenKey")
ODD = st.one_of(
    st.sampled_from(
        """0 -1 1e9 NaN Infinity 1e400 é None BUY SELL MARKET LIMIT STOP_MARKET TAKE_PROFIT_MARKET true false 0.01
        49000 50000.5 BTCUSDT CONDITIONAL GTC GTE_GTC BOTH LONG MARK_PRICE ISOLATED 5 1m [] [{}] {""".split()
    ),
    st.integers(-(10**20), 10**20).map(str),
    st.text(st.characters(exclude_characters="&=%+#", exclude_categories=["Cs"]), max_size=4),
)
NAMES = st.sampled_from(
    """symbol side type quantity price timeInForce reduceOnly positionSide newClientOrderId origClientOrderId orderId
    algoType triggerPrice workingType closePosition clientAlgoId algoId leverage marginType dualSidePosition startTime
    endTime fromId limit page incomeType interval pair batchOrders feeBurn recvWindow""".split()
)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.sampled_from(ROUTES), st.dictionaries(NAMES, ODD, max_size=9), st.booleans())
def test_every_endpoint_answers_or_refuses_nonsense(endpoint, fields, known):
    method, path = endpoint
    BOOTH.watch.seconds += 1
    told = BOOTH.make_reply(method, path, {**fields, **(BTC if known else {})})
    if told.status == 200:
        assert isinstance(told.body, dict | list)
    else:
        assert told.body["code"] < 0
        assert told.body["msg"]
