"""Reading over HTTP: budgets, tries, unchanged answers, sizes, raw copies."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
import zlib
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import START, JumpingClock
from vigie.adapters.net import fetch
from vigie.adapters.net.fetch import FetchedResponse, Fetcher, budget_host, retry_after
from vigie.adapters.net.guard import public_transport
from vigie.adapters.net.token_bucket import TokenBucket
from vigie.domain.errors import AuthError, ConnectorError, DataError, TransientError
from vigie.ports.documents import Document

URL = "https://api.example.org/prices"


def unread(answer: httpx.Response) -> httpx.Response:
    """Return an answer as the network gives it: not read yet."""
    if not hasattr(answer, "_content"):
        return answer
    return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


class Host:
    """A host that gives prepared answers and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.left = list(answers)
        self.seen: list[httpx.Request] = []
        self.clock = JumpingClock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        given = self.left.pop(0)
        if isinstance(given, Exception):
            raise given
        return unread(given)

    def fetcher(self, **options: Any) -> Fetcher:
        made = Fetcher(self.clock, transport=httpx.MockTransport(self), **options)
        made.set_budget(URL, per_minute=600, burst=10)
        return made

    def get(self, **options: Any) -> FetchedResponse:
        return asyncio.run(self.fetcher().get(URL, **options))


def ok(body: object = None, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(body or {"a": 1}), headers=headers)


def test_answer_is_given_with_when_it_was_read():
    host = Host(ok({"price": 1}))
    answer = host.get(params={"ids": "bitcoin"})
    assert answer.json() == {"price": 1}
    assert answer.ts_known == START
    assert host.seen[0].url.query == b"ids=bitcoin"
    assert answer.url == URL


def test_user_agent_says_who_we_are_and_how_to_reach_the_operator():
    host = Host(ok())
    asyncio.run(host.fetcher(contact="mailto:desk@example.org").get(URL))
    agent = host.seen[0].headers["user-agent"]
    assert agent.startswith("vigie/")
    assert "mailto:desk@example.org" in agent


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(503),
        httpx.Response(429),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("half a body"),
    ],
)
def test_read_that_failed_once_is_tried_again_after_a_pause(failure):
    host = Host(failure, ok())
    assert host.get().status == 200
    assert len(host.seen) == 2
    assert 0.5 <= sum(host.clock.waits) <= 2.0


def test_pause_that_the_host_asks_for_is_kept():
    host = Host(httpx.Response(503, headers={"Retry-After": "7"}), ok())
    host.get()
    assert sum(host.clock.waits) == 7.0


def test_pause_too_long_ends_the_tries_and_is_passed_on():
    host = Host(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(TransientError, match="asks to wait 3600 s") as caught:
        host.get()
    assert caught.value.after_s == 3600.0
    assert host.clock.waits == []


def test_host_that_said_slow_down_gets_nothing_from_others_either_until_its_pause_is_over():
    host = Host(httpx.Response(429, headers={"Retry-After": "3600"}), ok())

    async def both() -> float:
        made = host.fetcher()
        with pytest.raises(TransientError):
            await made.get(URL)
        assert made.budget_left(URL) == 0
        await made.get(f"{URL}/other")
        return sum(host.clock.waits)

    assert asyncio.run(both()) == 3600.0


def test_tries_end_with_the_last_failure():
    host = Host(*[httpx.Response(502, content=b"<html>bad gateway") for _ in range(3)])
    with pytest.raises(TransientError, match=r"502.*bad gateway.*tried 3 times"):
        host.get()


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthError), (403, AuthError), (404, ConnectorError), (451, ConnectorError)]
)
def test_refusal_is_not_tried_again(status, error):
    host = Host(httpx.Response(status))
    with pytest.raises(error, match=str(status)):
        host.get()
    assert len(host.seen) == 1


def test_redirect_of_a_source_is_not_followed():
    host = Host(httpx.Response(302, headers={"Location": "http://169.254.169.254/"}))
    with pytest.raises(ConnectorError, match="302"):
        host.get()
    assert len(host.seen) == 1


@pytest.mark.parametrize("body", [b"<html>captcha</html>", b"", b'{"half', b"null", b"12"])
def test_body_that_is_not_what_was_promised_is_an_error_under_200(body):
    answer = Host(httpx.Response(200, content=body)).get()
    with pytest.raises(TransientError, match="not"):
        answer.json()


def test_list_where_an_object_was_promised_is_an_error():
    with pytest.raises(TransientError, match="which is not the expected format"):
        Host(ok([1])).get().json(dict)


def test_body_over_the_limit_is_not_read():
    with pytest.raises(DataError, match="longer than 1000 bytes"):
        Host(httpx.Response(200, content=b"x" * 5_000)).get(max_bytes=1_000)


def test_unchanged_answer_is_what_it_was():
    host = Host(ok({"a": 1}, ETag='"one"'), httpx.Response(304))

    async def twice() -> FetchedResponse:
        made = host.fetcher()
        await made.get(URL)
        return await made.get(URL)

    again = asyncio.run(twice())
    assert host.seen[1].headers["If-None-Match"] == '"one"'
    assert again.is_unchanged
    assert again.json() == {"a": 1}


def test_last_modified_is_asked_about_too():
    host = Host(ok(**{"Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"}), ok())

    async def twice() -> None:
        made = host.fetcher()
        await made.get(URL)
        await made.get(URL)

    asyncio.run(twice())
    assert host.seen[1].headers["If-Modified-Since"] == "Mon, 02 Nov 2026 10:00:00 GMT"


def test_raw_answer_is_kept_without_the_query():
    kept: list[tuple[Any, ...]] = []

    class Documents:
        def put(self, *given: Any) -> Document:
            kept.append(given)
            return Document("d1", *given)

    host = Host(ok({"a": 1}, ETag="x"))
    made = host.fetcher(documents=Documents())
    answer = asyncio.run(made.get(URL, params={"key": "secret"}, keep_as="prices"))
    assert answer.document == "d1"
    assert kept == [("prices", URL, START, {"status": 200, "headers": {"etag": "x"}, "body": {"a": 1}})]


def test_budget_spreads_requests():
    host = Host(*[ok() for _ in range(4)])

    async def four() -> None:
        made = Fetcher(host.clock, transport=httpx.MockTransport(host))
        made.set_budget(URL, per_minute=6, burst=2)
        for _ in range(4):
            await made.get(URL)

    asyncio.run(four())
    assert host.clock.waits == [10.0, 10.0]


def test_request_that_never_reached_the_host_costs_nothing():
    host = Host(*[httpx.ConnectError("no route")] * 3, ok())

    async def twice() -> float | None:
        made = Fetcher(host.clock, transport=httpx.MockTransport(host))
        made.set_budget(URL, per_minute=0.001, burst=1)
        with pytest.raises(TransientError, match="could not be reached"):
            await made.get(URL)
        await made.get(URL)
        return made.budget_left(URL)

    left = asyncio.run(twice())
    assert left is not None
    assert left < 1
    assert sum(host.clock.waits) < 10


def test_an_answer_that_was_forgotten_while_it_was_asked_for_again_is_known_once_more():
    async def asked() -> FetchedResponse:
        clock = JumpingClock()

        async def answer(request: httpx.Request) -> httpx.Response:
            if "if-none-match" in request.headers:
                # Meanwhile the answers of many others come.
                for number in range(100):
                    await made.get(f"{URL}?other={number}")
                return unread(httpx.Response(304))
            return unread(ok(ETag="x"))

        made = Fetcher(clock, transport=httpx.MockTransport(answer))
        made.set_budget(URL, per_minute=6_000, burst=1_000)
        await made.get(URL)
        return await made.get(URL)

    again = asyncio.run(asked())
    assert again.is_unchanged
    assert again.json() == {"a": 1}


@settings(derandomize=True, deadline=None)
@given(
    st.lists(st.integers(0, 30_000), min_size=1, max_size=60),
    st.floats(1, 600),
    st.integers(1, 20),
)
def test_no_minute_sees_more_than_the_budget(gaps, per_minute, burst):
    budget = TokenBucket(per_minute, burst)
    now = START
    sent = []
    for gap in gaps:
        now += gap
        sent.append(now + budget.take(now) * 1_000)
    assert sent == sorted(sent)
    for first in sent:
        within = sum(first <= at < first + 60_000 for at in sent)
        assert within <= per_minute + burst + 1


def test_a_budget_fills_again_where_a_clock_that_ran_ahead_is_put_right():
    budget = TokenBucket(60.0, 1.0)
    ahead = START + 86_400_000
    assert budget.take(ahead) == 0.0
    budget.block(ahead + 5_000)
    assert budget.take(START) == pytest.approx(5.0)
    assert budget.remaining(START + 60_000) == 1.0
    # Hands that differ by a moment fill nothing twice.
    budget.take(START + 60_000)
    for _ in range(50):
        budget.remaining(START + 59_900)
        budget.remaining(START + 60_000)
    assert budget.remaining(START + 60_000) == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", None), ("12", 12.0), ("-1", 0.0), ("soon", None), ("Thu, 09 Oct 2025 08:53:30 GMT", 10.0)],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after(text, START) == seconds


def test_services_of_the_simulated_world_have_budgets_of_their_own():
    assert budget_host("http://127.0.0.1:80/coingecko/global") == "127.0.0.1:80/coingecko"
    assert budget_host("https://api.coingecko.com/api/v3/global") == "api.coingecko.com"


@pytest.mark.parametrize("asked", ["inf", "1e400", "999999999999"])
def test_pause_without_end_is_a_day_at_most(asked):
    assert retry_after(asked, START) == 86_400.0
    with pytest.raises(TransientError, match="asks to wait 86400 s"):
        Host(httpx.Response(429, headers={"retry-after": asked})).get()


@pytest.mark.parametrize("asked", ["nan", "-nan"])
def test_pause_that_is_no_number_is_none(asked):
    assert retry_after(asked, START) is None


def test_answer_packed_as_was_not_asked_for_is_not_unpacked():
    packed = [httpx.Response(200, stream=httpx.ByteStream(b"x"), headers={"content-encoding": "br"})] * 3
    host = Host(*packed)
    with pytest.raises(TransientError, match="sent 'br' compression, which was not requested"):
        host.get()
    assert host.seen[0].headers["accept-encoding"] == "gzip, deflate"


def packed_zeros(megabytes: int, kind: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, kind)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "kind"),
    [("gzip", zlib.MAX_WBITS | 16), ("deflate", zlib.MAX_WBITS), ("deflate", -zlib.MAX_WBITS)],
)
def test_few_bytes_that_stand_for_many_are_given_up_before_they_take_memory(encoding, kind):
    small = json.dumps({"a": "b" * 300_000}).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, kind)
    headers = {"content-encoding": encoding}
    answer = httpx.Response(
        200, headers=headers, stream=httpx.ByteStream(packer.compress(small) + packer.flush())
    )
    assert Host(answer).get().body == small
    bomb = packed_zeros(64, kind)
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(DataError, match="longer than 1000000 bytes"):
        Host(httpx.Response(200, headers=headers, stream=httpx.ByteStream(bomb))).get(max_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_answer_that_is_not_packed_as_it_says_is_tried_again():
    headers = {"content-encoding": "gzip"}
    answers = [
        httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"not gzip at all")) for _ in range(3)
    ]
    with pytest.raises(TransientError, match="while decompressing data: incorrect header check \\(tried"):
        Host(*answers).get()


def test_answer_that_drips_without_end_is_ended(monkeypatch):
    monkeypatch.setattr(fetch, "TOTAL_TIMEOUT_S", 0.05)

    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                await asyncio.sleep(0.01)
                yield b" "

    host = Host(*(httpx.Response(200, stream=Drip()) for _ in range(3)))
    with pytest.raises(TransientError, match="did not answer in time"):
        host.get()


def test_answer_that_is_nested_without_end_is_not_json():
    host = Host(httpx.Response(200, content=b"[" * 100_000))
    with pytest.raises(TransientError, match="which is not JSON"):
        host.get().json()


@pytest.mark.parametrize(
    "url",
    [
        "http://[v1.x]/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://xn--a/",
        "https://a.example/\x01",
        "https://a.example:99999999/",
    ],
)
def test_address_that_cannot_be_asked_is_told_of_and_not_tried(url):
    host = Host()
    with pytest.raises(ConnectorError, match="is not an address Vigie can request"):
        asyncio.run(host.fetcher().get(url))
    assert host.seen == []


@pytest.mark.parametrize("host", ["a..example", f"{'a' * 64}.example"])
def test_name_that_no_resolver_takes_is_told_of(host):
    with pytest.raises(ConnectorError, match=f"{host} could not be found"):
        asyncio.run(Fetcher(JumpingClock(), transport=public_transport()).get(f"http://{host}/x"))
