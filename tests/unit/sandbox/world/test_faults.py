import httpx
import pytest

from tests.unit.sandbox.world.hands import go, small_world
from vigie.domain.errors import UsageError
from vigie_sandbox.world.faults import ServiceFaults
from vigie_sandbox.world.server import serving

TIME = "/bitget/api/v2/public/time"


@pytest.fixture
def world():
    return small_world()


@pytest.fixture
def client(world):
    with serving(world) as url, httpx.Client(base_url=url, trust_env=False, timeout=60.0) as client:
        yield client


def test_a_fault_that_happens_twice_is_over_then(client):
    client.post("/faults", json={"service": "bitget", "kind": "429", "times": 2, "retry_after": 7})
    answers = [client.get(TIME) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert client.get("/faults").json() == {"faults": []}


def test_a_server_error_is_a_page_and_strikes_its_service_only(client):
    client.post("/faults", json={"service": "bitget", "kind": "5xx", "status": 502})
    assert client.get("/feargreed/fng/").status_code == 200
    answer = client.get(TIME)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")


def test_half_a_body_breaks_off(client):
    client.post("/faults", json={"service": "bitget", "kind": "half-body"})
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(TIME)
    assert client.get(TIME).json()["code"] == "00000"


def test_wrong_json_is_a_page_under_200(client):
    client.post("/faults", json={"service": "coingecko", "kind": "wrong-json"})
    answer = client.get("/coingecko/api/v3/global")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


def test_a_time_out_keeps_the_client_waiting(client):
    client.post("/faults", json={"service": "bitget", "kind": "timeout"})
    with pytest.raises(httpx.ReadTimeout):
        client.get(TIME, timeout=0.2)
    assert client.get(TIME).status_code == 200


def test_a_skewed_clock_tells_another_time_until_it_is_cleared(world, client):
    world.clock.change(paused=True)
    client.post("/faults", json={"service": "bitget", "kind": "clock-skew", "skew_ms": 90_000})
    told = int(client.get(TIME).json()["data"]["serverTime"])
    assert told - world.now_ms() == 90_000
    ticker = client.get("/bitget/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=BTCUSDT").json()
    assert int(ticker["data"][0]["ts"]) == world.now_ms() + 90_000
    client.delete("/faults/bitget")
    assert int(client.get(TIME).json()["data"]["serverTime"]) == world.now_ms()


def test_a_fault_may_strike_one_path_only(client):
    client.post("/faults", json={"service": "bitget", "kind": "5xx", "path": "tickers", "times": None})
    assert client.get(TIME).status_code == 200
    assert client.get("/bitget/api/v2/mix/market/tickers?productType=USDT-FUTURES").status_code == 503


def test_an_outage_answers_for_its_venue_until_it_is_over(world, client):
    scene = world.start_scene("venue-outage")
    go(world, scene.start_ms - world.now_ms())
    assert client.get("/binance/fapi/v1/time").status_code == 503
    assert client.get(TIME).status_code == 200
    go(world, scene.end_ms - world.now_ms())
    assert client.get("/binance/fapi/v1/time").status_code == 200


def test_chances_come_from_their_seed():
    def struck(seed):
        book = ServiceFaults(("bitget",))
        wanted = {"service": "bitget", "kind": "5xx", "times": None, "probability": 0.3, "seed": seed}
        book.add(wanted)
        return [book.take_request_fault("bitget", "/x") is not None for _ in range(200)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"service": "kraken", "kind": "429"}, "service must be one of"),
        ({"service": "bitget", "kind": "flood"}, "kind must be one of 429, 5xx"),
        ({"service": "bitget", "kind": "429", "times": 0}, "times must be a whole number from 1"),
        ({"service": "bitget", "kind": "429", "probability": 1.5}, "probability must be 0..1, was 1.5"),
        ({"service": "bitget", "kind": "429", "colour": "red"}, "fault must not have colour"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(client, wanted, words):
    with pytest.raises(UsageError, match=words):
        ServiceFaults(("bitget",)).add(wanted)
    answer = client.post("/faults", json=wanted)
    assert answer.status_code == 400
    assert words.split(",")[0][:20] in answer.json()["error"]


def test_a_new_world_has_one_silent_stream_one_gap_and_one_stale_series():
    world = small_world(flawless=False)
    assert [(one.service, one.kind) for one in world.faults.all()] == [("hyperliquid", "silent-stream")]
    assert world.flaws.gap is not None
    assert world.flaws.stale_since_ms is not None


@pytest.mark.parametrize("header", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_page_of_a_browser_turns_no_knob(client, header):
    before = client.get("/clock").json()["speed"]
    for path, body in (("/clock", {"speed": before + 1}), ("/faults", {"service": "bitget", "kind": "5xx"})):
        assert client.post(path, json=body, headers=header).status_code == 403
    assert client.get("/clock").json()["speed"] == before
    assert client.get("/faults").json() == {"faults": []}
