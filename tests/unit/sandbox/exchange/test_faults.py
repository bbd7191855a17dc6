"""Faults of requests, over a real port: what a client meets, and what has happened all the same."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.unit.sandbox.exchange.stalls import BTC, MIX, RULES, START, USDT, Stall, Watch, bars_of, open_stall
from vigie.domain.errors import StorageError, UsageError
from vigie_sandbox.asgi import listen_on
from vigie_sandbox.exchange.bitget.signing import make_key
from vigie_sandbox.exchange.faults import FAULT_KINDS, ExchangeFaults
from vigie_sandbox.exchange.run import ExchangeConfig, serve
from vigie_sandbox.exchange.server import ExchangeApp

PLACE = MIX + "order/place-order"


@contextmanager
def served():
    """Give a venue on a port of its own."""
    opening = ExchangeConfig(
        "path", [bars_of([50_000.0] * 200)], RULES, 7, begins_ms=START + 600_000, limits=1_000.0
    )
    watch, lines, ready = Watch(), [], threading.Event()

    def say(line):
        lines.append(line)
        if len(lines) == 5:
            ready.set()

    with listen_on(0) as venue, listen_on(0) as control:
        loop = asyncio.new_event_loop()
        task = loop.create_task(serve(opening, watch.wall, say, venue, control))
        thread = threading.Thread(
            target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        )
        thread.start()
        try:
            assert ready.wait(20)
            yield Wire(lines[0], lines[4], watch)
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join(20)
            loop.close()


class Wire:
    """A client of the served venue."""

    def __init__(self, url, control, watch):
        self._stall = open_stall()
        self._stall.key = make_key(7)
        self._stall.watch = watch
        self._url, self._control = url, control
        self._http = httpx.Client(trust_env=False, timeout=20.0)

    def request(self, method, path, fields):
        asked = Stall.question(self._stall, method, path, fields)
        headers = {**asked.headers, "content-type": "application/json"}
        target = self._url + asked.path + (f"?{asked.raw_query}" if asked.raw_query else "")
        return self._http.request(method, target, content=asked.body, headers=headers)

    def place(self, client_id, **more):
        wanted = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated", **more}
        return self.request("POST", "order/place-order", {**BTC, "clientOid": client_id, **wanted})

    def found(self, client_id):
        """Return the state of an order, or the code of its refusal."""
        told = self.request(
            "GET", "order/detail", {**USDT, "symbol": "BTCUSDT", "clientOid": client_id}
        ).json()
        return told["data"]["state"] if told["data"] else told["code"]

    def fault(self, kind, **wanted):
        answer = self._http.post(self._control + "/control/fault", json={"kind": kind, **wanted})
        answer.raise_for_status()
        return answer.json()

    def clear(self):
        self._http.request("DELETE", self._control + "/control/fault", json={})

    def happened(self):
        return self._http.get(self._control + "/control/fault").json()["happened"]


@pytest.fixture(scope="module")
def module_wire():
    with served() as wire:
        yield wire


@pytest.fixture
def wire(module_wire):
    module_wire.clear()
    return module_wire


ABORTED = (httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout)


@pytest.mark.parametrize(
    ("kind", "lives"),
    [("lost", "40109"), ("reset-before", "40109"), ("lost-answer", "filled"), ("reset", "filled")],
)
def test_silence_and_resets_leave_the_order_where_they_say(wire, kind, lives):
    wire.fault(kind, seconds=0.2)
    with pytest.raises(ABORTED):
        wire.place(kind)
    assert wire.found(kind) == lives
    assert wire.happened()[kind] >= 1
    assert wire.place(kind + "-again").json()["code"] == "00000"


@pytest.mark.parametrize(
    ("kind", "wanted", "status", "code"),
    [
        ("refused", {"code": "40762"}, 400, "40762"),
        ("rate-limit", {}, 429, "429"),
        ("ban", {}, 403, "403"),
        ("maintenance", {"code": "45043"}, 400, "45043"),
    ],
)
def test_refusals_come_before_the_order_is_taken(wire, kind, wanted, status, code):
    wire.fault(kind, **wanted)
    answer = wire.place(kind)
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (status, code, None)
    wire.clear()
    assert wire.found(kind) == "40109"


def test_a_page_under_503_is_answered_until_the_fault_is_cleared(wire):
    wire.fault("unavailable")
    assert [wire.place("out").status_code for _ in range(2)] == [503, 503]
    wire.clear()
    assert wire.place("out").json()["code"] == "00000"


@pytest.mark.parametrize(
    ("kind", "path", "fields", "code"),
    [
        ("leverage-refused", "account/set-leverage", {"leverage": "3"}, "40893"),
        ("mode-refused", "account/set-margin-mode", {"marginMode": "isolated"}, "45117"),
        (
            "level-refused",
            "order/place-pos-tpsl",
            {"holdSide": "buy", "stopLossTriggerPrice": "100", "stopLossTriggerType": "fill_price"},
            "40917",
        ),
    ],
)
def test_settings_and_levels_are_refused_on_demand(wire, kind, path, fields, code):
    wire.fault(kind)
    assert wire.request("POST", path, {**BTC, **fields}).json()["code"] == code
    assert wire.happened()[kind] >= 1


@pytest.mark.parametrize(("kind", "status"), [("server-error", 502), ("system-error", 400)])
def test_errors_after_acceptance_leave_a_filled_order(wire, kind, status):
    wire.fault(kind)
    answer = wire.place(kind)
    assert answer.status_code == status
    if kind == "system-error":
        assert answer.json()["code"] == "40015"
    assert wire.found(kind) == "filled"


@pytest.mark.parametrize("kind", ["html", "cut-json", "empty-body", "null-data", "no-order-id", "half-body"])
def test_garbage_under_200_leaves_a_filled_order(wire, kind):
    wire.fault(kind, method="POST")
    if kind == "half-body":
        with pytest.raises(httpx.RemoteProtocolError):
            wire.place(kind)
    else:
        answer = wire.place(kind)
        assert answer.status_code == 200
        if kind == "null-data":
            assert (answer.json()["code"], answer.json()["data"]) == ("00000", None)
        elif kind == "no-order-id":
            assert answer.json()["data"] == {"clientOid": kind, "orderId": None}
        else:
            with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter|value"):
                answer.json()
    assert wire.found(kind) == "filled"


def test_a_late_answer_is_true(wire):
    wire.fault("late-answer", seconds=0.3)
    assert wire.place("late").json()["data"]["clientOid"] == "late"
    wire.fault("late-answer", seconds=60.0)
    wire._http.timeout = 0.5
    with pytest.raises(httpx.ReadTimeout):
        wire.place("later")
    wire._http.timeout = 20.0
    assert wire.found("later") == "filled"


def test_a_slow_venue_answers_truly_and_later_than_a_client_waits_for(wire):
    wire.fault("slow", seconds=60.0, path="place-order", seed=2)
    wire._http.timeout = 0.5
    with pytest.raises(httpx.ReadTimeout):
        wire.place("slowly")
    wire._http.timeout = 20.0
    wire.clear()
    assert wire.found("slowly") == "filled"
    wire.fault("slow", seconds=0.2)
    assert wire.place("timely").json()["data"]["clientOid"] == "timely"
    wire.clear()


def test_how_slow_a_venue_is_goes_by_chance_and_seed():
    def lags(seed):
        book = ExchangeFaults()
        book.add({"kind": "slow", "seconds": 3.0, "seed": seed}, 0)
        return [book.draw_delay_s("GET", PLACE) for _ in range(50)]

    assert lags(1) == lags(1) != lags(2)
    assert len(set(lags(1))) == 50
    assert 0.0 <= min(lags(1)) < 1.0
    assert 2.0 < max(lags(1)) < 3.0


def test_an_order_is_unknown_for_a_while_after_it_was_placed(wire):
    wire.fault("unseen", seconds=3.0)
    assert wire.place("unseen").json()["code"] == "00000"
    listed = wire.request("GET", "order/fills", USDT).json()["data"]["fillList"]
    assert wire.found("unseen") == "40109"
    assert wire.place("unseen").json()["code"] == "40786"
    wire._stall.watch.seconds += 3.0
    assert wire.found("unseen") == "filled"
    assert len(wire.request("GET", "order/fills", USDT).json()["data"]["fillList"]) == len(listed) + 1


def test_levels_are_dropped_and_stops_refused(wire):
    wire.fault("levels-dropped")
    wire.place("naked", presetStopLossPrice="49000")
    asked = {**USDT, "symbol": "BTCUSDT", "planType": "profit_loss"}
    assert wire.request("GET", "order/orders-plan-pending", asked).json()["data"]["entrustedList"] is None
    wire.fault("stop-refused")
    assert wire.place("refused-stop", presetStopLossPrice="49000").json()["code"] == "40917"
    assert wire.found("refused-stop") == "40109"


def test_an_order_fills_in_part_and_its_rest_is_cancelled(wire):
    wire.fault("partial-fill", share=0.4)
    wire.place("part")
    assert wire.found("part") == "partially_filled"
    wire.request("POST", "order/cancel-order", {**BTC, "clientOid": "part"})
    told = wire.request("GET", "order/detail", {**USDT, "symbol": "BTCUSDT", "clientOid": "part"}).json()[
        "data"
    ]
    assert (told["state"], told["baseVolume"]) == ("canceled", "0.004")


class Full:
    """A memory on a disk that is full."""

    is_oversized = False

    def append(self, change):
        raise StorageError("the disk is full")


class Line:
    """A connection of which nothing is left but what was done to it."""

    def __init__(self):
        self.transport, self.said, self.aborted = self, [], False

    def get_extra_info(self, name):
        return None

    def abort(self):
        self.aborted = True

    async def send(self, event):
        self.said.append(event)


def test_a_venue_that_cannot_remember_an_order_ends_without_an_answer():
    stall, line = open_stall(), Line()
    stall.opened.venue.context.exchange._journal = Full()
    wanted = {"side": "buy", "size": "0.01", "orderType": "market", "marginMode": "isolated"}
    asked = stall.question("POST", "order/place-order", {**BTC, **wanted})

    async def receive():
        return {"type": "http.request", "body": asked.body}

    async def run():
        app = ExchangeApp(stall.opened.venue, stall.opened.control, 1)
        scope = {"type": "http", "method": "POST", "path": asked.path, "query_string": b"", "server": ("", 2)}
        headers = [(name.encode(), value.encode()) for name, value in asked.headers.items()]
        await app({**scope, "headers": headers}, receive, line.send)
        await app.run_market(0.0)

    with pytest.raises(StorageError):
        asyncio.run(run())
    assert (line.aborted, line.said) == (True, [])


def test_chance_is_the_same_for_the_same_seed():
    def kinds(seed):
        book = ExchangeFaults()
        book.add({"kind": "random", "seed": seed, "probability": 0.3, "kinds": ["lost", "html", "reset"]}, 0)
        met = []
        for _ in range(60):
            before = book.before("POST", PLACE, 0, is_private=True)
            after = None if before else book.after("POST", PLACE)
            met.append((before or after).kind if before or after else "")
        return met

    assert kinds(1) == kinds(1) != kinds(2)
    assert {"lost", "html", "reset", ""} == set(kinds(1))


def test_a_fault_waits_counts_and_meets_only_its_endpoint():
    book = ExchangeFaults()
    fault = book.add({"kind": "html", "path": "order/detail", "after": 2, "times": 2}, 0)
    assert book.after("GET", MIX + "order/fills") is None
    met = [book.after("GET", MIX + "order/detail") is not None for _ in range(6)]
    assert met == [False, False, True, True, False, False]
    assert (fault.met, fault.happened, book.all(), book.count) == (4, 2, [], {"html": 2})


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "storm"},
        {"kind": "html", "colour": "red"},
        {"kind": "html", "times": 0},
        {"kind": "html", "probability": 2},
        {"kind": "html", "kinds": ["lost"]},
        {"kind": "random", "kinds": ["unseen"]},
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_can(wanted):
    with pytest.raises(UsageError, match="must"):
        ExchangeFaults().add(wanted, 0)


def test_every_kind_of_fault_is_proved_here_or_with_the_streams():
    here = Path(__file__)
    told = "".join(one.read_text(encoding="utf-8") for one in (here, *here.parent.glob("test_bitget_*.py")))
    # The skew of the clock has a knob of its own beside the fault.
    assert [kind for kind in FAULT_KINDS if f'"{kind}"' not in told and kind != "clock-skew"] == []


def test_a_ban_ends_by_itself():
    book = ExchangeFaults()
    book.add({"kind": "ban", "seconds": 10}, 1_000)
    assert book.before("GET", PLACE, 10_999, is_private=True) is not None
    assert book.before("GET", PLACE, 11_000, is_private=True) is None


def test_market_data_goes_on_while_trading_is_under_maintenance():
    stall = open_stall()
    stall.control("POST", "fault", kind="maintenance")
    faults = stall.opened.venue.context.faults
    assert faults.before("GET", MIX + "market/tickers", 0, is_private=False) is None
    assert faults.before("GET", MIX + "account/accounts", 0, is_private=True) is not None
