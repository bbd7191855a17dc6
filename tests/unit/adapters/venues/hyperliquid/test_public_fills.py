"""Fills of any address: from the simulated exchange over the wire, page by page, and what may go wrong with it."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from decimal import Decimal

import httpx
import pytest

from tests.clocks import JumpingClock
from tests.unit.sandbox.exchange.hyperliquid.counter import market, open_counter
from vigie.adapters.venues.hyperliquid.public_fills import PAGE_FILLS, HyperliquidFillReader
from vigie.domain.errors import ConnectorError, DataError, TransientError, UsageError, VigieError
from vigie_sandbox.asgi import listen_on, make_server
from vigie_sandbox.exchange.server import ExchangeApp

ADDRESS = "0x" + "ab12" * 10
NOBODY = "0x" + "0" * 39 + "9"
TIME = 1_790_000_000_000


def row(number, **changes):
    """Return a fill as the venue tells it; `number` makes time and id."""
    return {
        "coin": "BTC", "px": "60000.5", "sz": "0.01", "side": "B", "time": TIME + number, "startPosition": "0.0",
        "dir": "Open Long", "closedPnl": "0.0", "hash": "0x0", "oid": 1, "crossed": True, "fee": "0.27", "tid": number,
        "feeToken": "USDC", **changes,
    }  # fmt: skip


def reader(answer, clock=None):
    """Return a reader of a venue that answers as a function of the question says."""

    def handle(request):
        assert ADDRESS not in str(request.url)
        told = answer(json.loads(request.content))
        made = told if isinstance(told, httpx.Response) else httpx.Response(200, json=told)
        return httpx.Response(made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content))

    return HyperliquidFillReader(
        clock or JumpingClock(), lambda: "https://venue.example", transport=httpx.MockTransport(handle)
    )


def venue_of(fills):
    """Return what answers with pages of fills, oldest first, as the venue does."""
    asked = []

    def answer(question):
        asked.append(question["startTime"])
        return [fill for fill in fills if fill["time"] >= question["startTime"]][:PAGE_FILLS]

    answer.asked = asked
    return answer


@contextmanager
def served(counter):
    """Serve an opened exchange on this machine."""
    control, venue = listen_on(0), listen_on(0)
    app = ExchangeApp(counter.opened.venue, counter.opened.control, control.getsockname()[1])
    server = make_server(app)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[venue, control])), daemon=True)
    thread.start()
    with venue, control:
        try:
            yield f"http://127.0.0.1:{venue.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=10)


def test_fills_of_the_simulated_exchange_are_read_over_the_wire():
    counter = open_counter()
    counter.place(market(1))
    counter.go(1)
    counter.place(market(-1))
    with served(counter) as url:
        reading = HyperliquidFillReader(JumpingClock(), lambda: url)
        address = reading.check(f" {counter.wallet.key.upper().replace('0X', '0x')} ")
        assert reading.is_known(address)
        assert not reading.is_known(NOBODY)
        assert list(reading.pages(NOBODY, 0)) == []
        (page,) = reading.pages(address, 0)
        told = counter.mine("userFillsByTime", startTime=0)
        assert [(one.side, one.instrument, one.venue) for one in page.fills] == [
            ("buy", "btc-usdc-perp", "hyperliquid-perp"), ("sell", "btc-usdc-perp", "hyperliquid-perp"),
        ]  # fmt: skip
        assert [one.price for one in page.fills] == [Decimal(one["px"]) for one in told]
        assert [one.position_before for one in page.fills] == [0, Decimal("0.01")]
        assert page.fills[0].fee == Decimal(told[0]["fee"]) > 0
        assert list(reading.pages(address, page.reached + 1)) == []
        # Its clock may be ahead of ours: what it tells is kept all the same.
        context = counter.opened.venue.context
        context.faults.add({"kind": "clock-skew", "skew_ms": 3_600_000}, context.wall())
        assert [len(page.fills) for page in reading.pages(address, 0)] == [2]


def test_long_histories_come_in_pages_that_overlap_by_their_last_time():
    fills = [row(number // 3) | {"tid": number} for number in range(2 * PAGE_FILLS + 10)]
    answer = venue_of(fills)
    pages = list(reader(answer).pages(ADDRESS, 0))
    ids = [one.outside_id for page in pages for one in page.fills]
    assert ids == [str(number) for number in range(len(fills))]
    assert pages[-1].reached == fills[-1]["time"]
    assert answer.asked[0] == 0
    assert answer.asked[1] == fills[PAGE_FILLS - 1]["time"]


def test_a_page_that_is_full_of_one_time_is_told_and_not_read_for_ever():
    fills = [row(0) | {"tid": number} for number in range(PAGE_FILLS + 1)]
    found = []
    with pytest.raises(TransientError, match="same page"):
        found.extend(reader(venue_of(fills)).pages(ADDRESS, 0))
    assert [len(page.fills) for page in found] == [PAGE_FILLS]


def test_pages_told_in_turns_whatever_was_asked_are_not_read_for_ever():
    asked = []

    def answer(question):
        asked.append(question["startTime"])
        assert len(asked) < 9
        return [row(10 * (len(asked) % 2) + number) for number in range(3)]

    found = []
    with pytest.raises(DataError, match="not in the form that is known"):
        found.extend(reader(answer).pages(ADDRESS, 0))
    assert [one.outside_id for page in found for one in page.fills] == ["10", "11", "12"]


def test_markets_without_a_name_here_are_counted_and_left_out():
    (page,) = reader(
        venue_of(
            [
                row(1, coin="@142"),
                row(2, coin="xyz:ABC"),
                row(3, coin="HYPE/USDC", feeToken="HYPE"),
                row(4, coin="kPEPE"),
            ]
        )
    ).pages(ADDRESS, 0)
    assert page.skipped == 2
    assert [(one.venue, one.instrument) for one in page.fills] == [
        ("hyperliquid-spot", "hype-usdc-spot"), ("hyperliquid-perp", "kpepe-usdc-perp"),
    ]  # fmt: skip


def test_who_trades_with_themselves_has_a_trade_on_both_sides():
    (page,) = reader(venue_of([row(1), row(1, side="A")])).pages(ADDRESS, 0)
    assert [one.outside_id for one in page.fills] == ["1", "1"]
    assert [one.side for one in page.fills] == ["buy", "sell"]


@pytest.mark.parametrize(
    "bad",
    [{"px": "NaN"}, {"px": "0"}, {"sz": "-1"}, {"side": "X"}, {"time": "soon"}, {"time": 10**18}, {"time": -1},
     {"tid": None}, {"feeToken": "=CMD"}, {"coin": 7, "side": None}, {"fee": {"a": 1}}, {"startPosition": "x"}],
    ids=str,
)  # fmt: skip
def test_a_row_that_cannot_be_read_keeps_nothing_of_its_page(bad):
    with pytest.raises(DataError, match="nothing of it was kept") as caught:
        list(reader(lambda _: [row(1), row(2, **bad)]).pages(ADDRESS, 0))
    assert caught.value.__cause__ is None


def test_the_venue_may_ask_to_wait_and_is_asked_again_then():
    answers = iter([httpx.Response(429, headers={"Retry-After": "7"}), [row(1)], []])
    clock = JumpingClock()
    (page,) = reader(lambda _: next(answers), clock).pages(ADDRESS, 0)
    assert len(page.fills) == 1
    assert 7 in [round(wait) for wait in clock.waits]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(429, headers={"Retry-After": "120"}), "asks to wait 120 s; nothing was lost"),
        (httpx.Response(429, headers={"Retry-After": "9"}), "asks to wait 9 s; nothing was lost"),
        (httpx.Response(503, text=f"{ADDRESS} is busy"), "did not answer; nothing was lost"),
        (httpx.Response(422, text=f"cannot read {ADDRESS}"), "does not answer such questions now"),
        (httpx.Response(403), "does not answer such questions now"),
        (httpx.Response(200, text=f"<html>{ADDRESS}</html>"), "did not answer; nothing was lost"),
        (httpx.Response(200, json={"error": ADDRESS}), "did not answer; nothing was lost"),
        (httpx.Response(200, json=[ADDRESS]), "nothing of it was kept"),
    ],
    ids=["wait", "wait-thrice", "busy", "refused", "shut", "page", "object", "words"],
)
def test_what_goes_wrong_is_a_sentence_that_never_tells_the_address(answer, told):
    with pytest.raises(VigieError, match=told) as caught:
        list(reader(lambda _: answer).pages(ADDRESS, 0))
    fault = caught.value
    assert isinstance(fault, TransientError | ConnectorError | DataError)
    while fault is not None:
        assert ADDRESS[2:] not in repr(fault)
        fault = fault.__cause__


def test_silence_is_a_sentence():
    def silent(_):
        raise httpx.ReadTimeout("nothing came")

    with pytest.raises(TransientError, match="did not answer"):
        list(reader(silent).pages(ADDRESS, 0))


@pytest.mark.parametrize(
    "address", ["", "0x", ADDRESS[:-1], ADDRESS + "0", "0x" + "g" * 40, "ab" * 21, "0X" + "é" * 40]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(address):
    with pytest.raises(UsageError, match="0x and 40 hexadecimal digits") as caught:
        reader(venue_of([])).check(address)
    if len(address) > 5:
        assert address[4:] not in str(caught.value)
    assert reader(venue_of([])).check(ADDRESS.upper().replace("0X", "0x")) == ADDRESS
