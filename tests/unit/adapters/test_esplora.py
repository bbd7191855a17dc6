"""A Bitcoin address at the world's mempool.space: read whole or not at all, and repeated by no error and no log."""

from __future__ import annotations

import json
import logging
import socket

import httpx
import pytest

from tests.clocks import JumpingClock
from tests.databases import HandClock
from tests.unit.sandbox.world.hands import ask, small_world
from vigie.adapters.balances.esplora import EsploraReader
from vigie.adapters.logs import open_log
from vigie.domain.errors import ConnectorError, DataError, TransientError
from vigie.intelligence.addresses.bitcoin_addresses import RECEIVE, read_extended_key
from vigie_sandbox.world.wire import ServiceRefusal

# Of BIP84.
ADDRESS = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
KEY = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"


def reader_of(answer):
    """Return a reader of a host that answers a path with a status and a text."""

    def handle(request: httpx.Request) -> httpx.Response:
        status, text = answer(request.url.path)
        return httpx.Response(status, stream=httpx.ByteStream(text.encode()))

    transport = httpx.MockTransport(handle)
    return EsploraReader(JumpingClock(), lambda: "https://mempool.space/api", transport=transport)


def test_the_world_tells_what_lies_at_an_address_and_the_same_again():
    world = small_world()
    asked: list[str] = []

    def answer(path: str) -> tuple[int, str]:
        asked.append(path)
        try:
            return 200, json.dumps(ask(world, "mempool", path))
        except ServiceRefusal as refusal:
            return refusal.status, "Invalid Bitcoin address"

    reader = reader_of(answer)
    assert reader.host == "mempool.space"
    key = read_extended_key(KEY)
    assert key is not None
    found = [reader.read(key.child(RECEIVE).child(number).address()) for number in range(12)]
    assert {state.is_used for state in found} == {True, False}
    assert all(state.units == 0 for state in found if not state.is_used)
    assert found[:2] == [reader.read(key.child(RECEIVE).child(number).address()) for number in range(2)]
    assert asked[0] == f"/api/address/{ADDRESS}"
    with pytest.raises(ConnectorError):
        reader.read("nonsense")


def test_a_person_is_told_the_host_without_its_account_and_path():
    for url in ("https://mempool.space/api", "https://who@Mempool.Space:443/api/word"):
        assert EsploraReader(JumpingClock(), lambda url=url: url).host == "mempool.space"
    # What goes in clear is told, and is another consent.
    assert EsploraReader(JumpingClock(), lambda: "http://node.lan:80/api").host == "http://node.lan"


def test_no_proxy_sees_what_goes_in_clear(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.01)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        reader = EsploraReader(JumpingClock(), lambda: "http://esplora.invalid/api")
        with pytest.raises(TransientError):
            reader.read(ADDRESS)
        with pytest.raises(TimeoutError):
            proxy.accept()


def test_a_host_that_wants_a_pause_is_left_alone_and_nobody_waits():
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(429, headers={"Retry-After": "99999"}, stream=httpx.ByteStream(b""))

    clock = JumpingClock()
    reader = EsploraReader(clock, lambda: "https://mempool.space/api", transport=httpx.MockTransport(handle))
    with pytest.raises(TransientError):
        reader.read(ADDRESS)
    seen, now = len(asked), clock.wall_now()
    with pytest.raises(TransientError, match="pause of 1440 minutes"):
        reader.read(ADDRESS)
    assert (len(asked), clock.wall_now()) == (seen, now)


@pytest.mark.parametrize("told", [{"address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"}, {}])
def test_what_came_makes_an_address_used_and_an_answer_about_another_is_none(told):
    sums = {"funded_txo_sum": 500, "spent_txo_sum": 0, "tx_count": 0}
    text = json.dumps({**told, "chain_stats": sums, "mempool_stats": {"tx_count": 0}})
    reader = reader_of(lambda _: (200, text))
    if told:
        with pytest.raises(DataError):
            reader.read(ADDRESS)
    else:
        assert reader.read(ADDRESS).is_used


def test_many_addresses_one_after_another_spend_one_budget():
    states = {
        "chain_stats": {"funded_txo_sum": 0, "spent_txo_sum": 0, "tx_count": 0},
        "mempool_stats": {"tx_count": 0},
    }
    clock = JumpingClock()
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, stream=httpx.ByteStream(json.dumps(states).encode()))
    )
    reader = EsploraReader(clock, lambda: "https://mempool.space/api", transport=transport)
    begun = clock.wall_now()
    for _ in range(61):
        reader.read(ADDRESS)
    assert clock.wall_now() - begun >= 500, "60 at once, then two a second"


def test_only_what_is_in_blocks_is_counted():
    sums = {"funded_txo_sum": 700, "spent_txo_sum": 200, "tx_count": 2}
    waiting = {"funded_txo_sum": 90, "spent_txo_sum": 0, "tx_count": 1}
    told = json.dumps({"chain_stats": sums, "mempool_stats": waiting})
    state = reader_of(lambda _: (200, told)).read(ADDRESS)
    assert (state.units, state.is_used) == (500, True)


NOTHING = {"funded_txo_sum": 0, "spent_txo_sum": 0, "tx_count": 0}


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        ((400, f"no such address {ADDRESS}"), ConnectorError),
        ((404, ""), ConnectorError),
        ((503, ""), TransientError),
        ((200, f"<html>{ADDRESS}"), TransientError),
        ((200, json.dumps({"address": ADDRESS})), DataError),
        *(
            ((200, json.dumps({"chain_stats": {**NOTHING, **wrong}, "mempool_stats": NOTHING})), DataError)
            for wrong in (
                {"spent_txo_sum": 1},
                {"funded_txo_sum": 2_100_000_000_000_001},
                {"funded_txo_sum": "5"},
                {"tx_count": None},
            )
        ),
    ],
)  # fmt: skip
def test_a_host_that_fails_is_named_and_the_address_is_not_repeated(response, kind, caplog, tmp_path):
    caplog.set_level(logging.INFO)
    with open_log(tmp_path, "work", HandClock()):
        logging.getLogger("httpx").info("asked for something else")
        with pytest.raises(kind) as failed:
            reader_of(lambda _: response).read(ADDRESS)
    assert str(failed.value).startswith("mempool.space ")
    assert ADDRESS not in json.dumps([str(failed.value), repr(failed.value.__cause__), failed.value.detail])
    # httpx does say it; the log of the process leaves it out.
    assert ADDRESS in caplog.text
    kept = (tmp_path / "work.jsonl").read_text("utf-8")
    assert ADDRESS not in kept
    assert "asked for something else" in kept
