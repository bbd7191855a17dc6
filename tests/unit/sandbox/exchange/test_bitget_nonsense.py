"""Whatever is asked, the answer is in the envelope: nothing that a client sends breaks the venue."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.exchange.stalls import BTC, FALL, open_stall
from vigie_sandbox.exchange.bitget.envelope import BitgetCall
from vigie_sandbox.exchange.core.entities import ExchangeRefusal
from vigie_sandbox.exchange.wire import VenueRefusal

STALL = open_stall(FALL)
STALL.post("account/set-margin-mode", marginMode="isolated")
ROUTES = STALL.opened.venue._routes
ODD = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e9",
            "NaN",
            "Infinity",
            "1e400",
            "é",
            "None",
            "buy",
            "sell",
            "market",
            "limit",
            "YES",
            "0.01",
        ]
    ),
    st.sampled_from(
        ["49000", "50000.5", "BTCUSDT", "pos_loss", "profit_loss", "normal_plan", "long", "isolated"]
    ),
    st.none(),
    st.integers(-(10**20), 10**20),
    st.lists(
        st.dictionaries(st.sampled_from(["orderId", "clientOid", "size"]), st.text(max_size=3)), max_size=2
    ),
    st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=1),
    st.text(max_size=4),
)
NAMES = st.sampled_from(
    """symbol productType marginCoin side orderType size price force reduceOnly tradeSide marginMode clientOid orderId
    presetStopLossPrice presetStopSurplusPrice presetStopLossExecutePrice leverage longLeverage holdSide posMode
    planType triggerPrice triggerType executePrice stopLossTriggerPrice stopSurplusTriggerPrice newSize
    newPrice newClientOid orderList orderIdList startTime endTime idLessThan limit pageNo pageSize granularity
    businessType""".split()
)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(st.sampled_from(sorted(ROUTES)), st.dictionaries(NAMES, ODD, max_size=9), st.booleans())
def test_every_endpoint_answers_or_refuses_nonsense(endpoint, fields, known):
    fields = {**BTC, **fields} if known else fields
    call = BitgetCall(
        endpoint[1], fields, STALL.opened.venue.context.now_ms(), STALL.watch.wall(), STALL.key.key
    )
    with suppress(VenueRefusal, ExchangeRefusal):
        ROUTES[endpoint].answer(call)
    STALL.opened.venue.publish()


def test_a_body_that_is_no_object_is_refused():
    asked = STALL.question("POST", "order/place-order", {})
    for body in (b"[]", b"{", b"1"):
        broken = type(asked)(asked.method, asked.path, "", {}, body, asked.headers, asked.client)
        assert STALL.make_reply(broken).body["code"] == "40009"
