"""Doors hold when they are pushed: many at once, slowly, with bytes that are no text, by somebody who was let out."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
import uvicorn
from anyio import to_thread
from argon2.exceptions import VerifyMismatchError
from starlette.responses import PlainTextResponse

from tests.databases import HandClock
from tests.houses import KEY
from tests.security.people import BASE, Town, Visitor, town
from vigie.domain.errors import UsageError
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.operations import jobs as desk_jobs
from vigie.services.people.accounts import passwords, throttle
from vigie.services.people.accounts.signing_in import SignInRefusal, sign_in
from vigie.services.people.accounts.users import set_disabled
from vigie.views.web import app as web_app
from vigie.views.web import security_middleware, server, stream
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.identity import SESSION
from vigie.views.web.pages.login import page as login


@pytest.fixture
def place(tmp_path, monkeypatch) -> Town:
    monkeypatch.setattr(stream, "EVERY_S", 0.01)
    return town(tmp_path / "home")


class Crowd:
    """Checks passwords: every one is wrong, and it is noted how many were looked at at once."""

    def __init__(self) -> None:
        self.count = 0
        self.met = False
        self._pair = threading.Barrier(2, timeout=0.3)

    def verify(self, stored: str, password: str) -> None:
        self.count += 1
        try:
            self._pair.wait()
            self.met = True
        except threading.BrokenBarrierError:
            pass
        raise VerifyMismatchError


def test_guesses_that_arrive_together_are_counted_one_after_the_other(place, monkeypatch):
    crowd = Crowd()
    monkeypatch.setattr(passwords, "_hasher", lambda: crowd)
    monkeypatch.setattr(passwords, "_dummy_hash", lambda: "")
    # No guess becomes free again while the others are looked at, however slow the machine is.
    asked = replace(place.house, clock=HandClock())
    threads = [
        threading.Thread(
            target=bound(asked, sign_in), args=("Ann", f"guess {n}"), kwargs={"address": "192.0.2.9"}
        )
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not crowd.met
    assert crowd.count == throttle.FREE_OF_NAME


def test_passwords_that_wait_for_their_turn_hold_no_page_up(place, monkeypatch):
    may_go_on = threading.Event()
    looked_at: list[str] = []

    def slow(accounts, audit, clock, name: str, password: str, **more) -> SignInRefusal:
        looked_at.append(name)
        may_go_on.wait(20)
        return SignInRefusal("wrong")

    monkeypatch.setattr(login, "sign_in", slow)
    monkeypatch.setattr(web_app, "MOST_IN_LINE", 10)
    guess = place.browser(None)

    async def run() -> tuple[int, list[int]]:
        # As many threads as pages have in all: each guess would take one of them.
        to_thread.current_default_thread_limiter().total_tokens = 4
        form = {"name": "Ann", "password": "a wrong sentence", "csrf": guess.csrf}
        posts = [asyncio.create_task(guess._send("POST", "/login", data=form)) for _ in range(12)]
        # Two are looked at, eight wait, two are told to come back.
        while sum(post.done() for post in posts) < 2:
            await asyncio.sleep(0.01)
        page = await asyncio.wait_for(place.browser(place.ann)._send("GET", "/markets"), 10)
        may_go_on.set()
        return page.status_code, sorted([(await post).status_code for post in posts])

    page, posts = asyncio.run(run())
    assert page == 200
    assert posts == [401] * 10 + [503] * 2
    assert len(looked_at) == 10


@pytest.mark.parametrize(
    "csrf", ["\u00e9", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), "\u0661" * 64]
)
def test_token_of_a_form_that_is_no_ascii_is_refused(place, csrf):
    answer = place.browser(place.ann).send("POST", "/look", data={"csrf": csrf})
    assert answer.status_code == 403


def test_number_of_the_last_event_that_is_no_ascii_digit_is_none(place):
    place.app.state.web.hub.end()
    ann = place.browser(place.ann)
    assert ann.get("/stream?topics=log&after=\u00b2").status_code == 200
    assert ann.get("/stream?topics=log", headers={"last-event-id": b"\xb2"}).status_code == 200


def test_file_name_with_a_zero_byte_is_not_found(place):
    assert place.browser(None).get("/static/%00").status_code == 404


def test_drawings_that_are_nested_without_end_are_refused(place):
    ann = place.browser(place.ann)
    headers = {"x-csrf-token": ann.csrf}
    answer = ann.send("PUT", "/asset/bitcoin/drawings", content=b"[" * 100_000, headers=headers)
    assert answer.status_code == 400


def test_looking_ahead_does_not_use_a_link_up(place):
    used: list[str] = []
    place.app.state.web.options = type("Doorway", (), {"use_link": lambda self, word: used.append(word)})()
    assert place.browser(None).send("HEAD", "/link/word").status_code == 405
    assert used == []


def test_stream_needs_the_scope_to_read(place):
    assert place.program(place.ann, "write").get("/stream").status_code == 403


def test_stream_is_refused_when_too_many_listen(place, monkeypatch):
    monkeypatch.setattr(stream, "MOST_LISTENERS", 0)
    refused = place.browser(place.ann).get("/stream")
    assert refused.status_code == 503
    assert "too many live streams are open" in refused.text
    assert refused.headers["retry-after"]


def test_one_person_takes_no_stream_that_others_need(place, monkeypatch):
    monkeypatch.setattr(stream, "MOST_OF_ONE", 2)
    hub = place.app.state.web.hub

    async def run() -> None:
        begun = [hub.listen(frozenset({"clock"}), place.ann.id, 0, client=place.ann.id) for _ in range(3)]
        firsts = [await anext(one) for one in begun]
        assert [b"hello" in one for one in firsts] == [True, True, False]
        assert firsts[2] == b"event: bye\ndata: {}\n\n"
        for door in (place.browser(place.ann), place.program(place.ann, "read")):
            refused = await asyncio.to_thread(door.get, "/stream")
            assert refused.status_code == 429
            assert refused.headers["retry-after"]
        in_french = await asyncio.to_thread(place.browser(place.ann).get, "/stream?lang=fr")
        assert "vous avez trop de flux en direct ouverts" in in_french.text
        assert not hub.is_full_for(place.bob.id)
        for one in begun:
            await one.aclose()

    asyncio.run(run())
    assert not hub.is_full_for(place.ann.id)


def test_visitors_of_one_address_share_a_bound_and_the_local_owner_has_none(place, monkeypatch):
    for user in (place.admin, place.ann, place.bob):
        place.house.accounts.delete(user.id)
    monkeypatch.setattr(stream, "MOST_OF_ONE", 0)
    assert place.browser(None).get("/stream").status_code == 429
    monkeypatch.setattr(stream, "MOST_LISTENERS", 0)
    owner = place.browser(None)
    owner.cookies[SESSION] = place.app.state.web.authenticator.owner_cookie()
    assert owner.get("/stream").status_code == 503


def test_stream_ends_when_who_listens_is_let_in_no_more(place, monkeypatch):
    monkeypatch.setattr(stream, "LET_IN_S", 0.0)
    told: list[bytes] = []
    ann = place.browser(place.ann)
    cookies = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())

    async def run() -> None:
        begun, never = asyncio.Event(), asyncio.Event()

        async def receive():
            await never.wait()

        async def send(message):
            told.append(message.get("body", b""))
            if b"hello" in told[-1]:
                begun.set()

        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": "/stream", "raw_path": b"/stream", "root_path": "",
            "query_string": b"topics=clock", "client": ("127.0.0.1", 1), "state": {},
            "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookies.encode())],
        }  # fmt: skip
        listening = asyncio.create_task(place.app(scope, receive, send))
        await asyncio.wait_for(begun.wait(), 20)
        await asyncio.to_thread(
            set_disabled, place.house.accounts, place.house.audit, place.caller(place.admin), place.ann, True
        )
        await asyncio.wait_for(listening, 20)

    asyncio.run(run())
    assert place.app.state.web.hub.count == 0


def test_stream_tells_nobody_what_somebody_else_ordered(place):
    audit = place.house.audit
    audit.append("job.queued", actor=place.bob.id, subject="j1", text={"about": "what Bob is after"})
    audit.append("job.queued", actor=place.ann.id, subject="j2", text={"about": "what Ann is after"})
    last = audit.append("source.paused", actor=place.admin.id, subject="coingecko", text={})

    async def run() -> list[str]:
        subjects: list[str] = []
        async for chunk in place.app.state.web.hub.listen(frozenset({"log"}), place.ann.id, 0):
            for line in chunk.decode().splitlines():
                if line.startswith("data: ") and '"subject"' in line:
                    subjects.append(json.loads(line[6:])["subject"])
            if subjects and subjects[-1] == "coingecko":
                return subjects
        return subjects

    assert asyncio.run(asyncio.wait_for(run(), 20)) == ["j2", "coingecko"]
    assert last


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("203.0.113.7", 401), ("no", 401)]
)
def test_home_that_its_last_person_left_is_read_by_nobody_from_elsewhere(place, address, status):
    for user in (place.admin, place.ann, place.bob):
        place.house.accounts.delete(user.id)
    owner = {SESSION: place.app.state.web.authenticator.owner_cookie()}

    async def asked(cookies) -> int:
        transport = httpx.ASGITransport(app=place.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=cookies) as client:
            return (await client.get("/api/v1/accounts/me")).status_code

    assert asyncio.run(asked({})) == status
    assert asyncio.run(asked(owner)) == status


HANDED_ON = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


@pytest.mark.parametrize("header", HANDED_ON)
def test_what_a_proxy_handed_on_is_never_this_machine(place, header):
    for user in (place.admin, place.ann, place.bob):
        place.house.accounts.delete(user.id)
    stranger = place.browser(None)
    assert stranger.get("/api/v1/accounts/me").status_code == 200
    # What such a header says may be forged: it takes rights away and never gives any.
    for said in ("203.0.113.7", "127.0.0.1"):
        assert stranger.get("/api/v1/accounts/me", headers={header: said}).status_code == 401
        assert stranger.get("/metrics", headers={header: said}).status_code == 401


def test_guesses_through_an_unnamed_proxy_do_not_lock_this_machine_out(place, monkeypatch):
    def enter(name: str, headers: dict[str, str]) -> str:
        browser = place.browser(None)
        form = {"name": name, "password": "a wrong sentence", "csrf": browser.csrf}
        return browser.send("POST", "/login", data=form, headers=headers).text

    far = {"x-forwarded-for": "203.0.113.7"}
    monkeypatch.setattr(throttle, "FREE_OF_ADDRESS", 2)
    for number in range(3):
        said = enter(f"nobody {number}", far)
    assert "Too many attempts" in said
    # Another name in that header is not another address: whoever guesses would write it themselves.
    assert "Too many attempts" in enter("nobody 9", {"x-forwarded-for": "198.51.100.1"})
    assert "Too many attempts" not in enter("nobody 9", {})


@pytest.mark.parametrize(("has_proxy", "times"), [(False, 1), (True, 0)])
def test_operator_is_told_once_of_a_proxy_that_was_not_named(place, has_proxy, times):
    said: list[str] = []
    app = create_app(place.house, AppOptions(KEY, lambda word: False, has_proxy=has_proxy, say=said.append))
    browser = Visitor(app, {}, "")
    browser.get("/healthz")
    assert said == []
    for _ in range(3):
        browser.get("/healthz", headers={"x-forwarded-for": "203.0.113.7"})
    assert len(said) == times
    assert all("VIGIE_PROXY" in text for text in said)


def test_queue_does_not_grow_for_ever_by_one_person(place, monkeypatch):
    monkeypatch.setattr(desk_jobs, "MAX_UNFINISHED", 2)
    ann = place.caller(place.ann)
    queued = [place.house.jobs.put("backtest", {"assets": asset}, owner=place.ann.id) for asset in ("a", "b")]
    with pytest.raises(UsageError, match="you already have 2 jobs waiting or running; wait, or cancel"):
        bound(place.house, desk_jobs.queue_job)(ann, "backtest", desk_jobs.NoInput())
    run_operation(place.house, ann, "jobs.cancel", {"job": queued[0].id})
    assert bound(place.house, desk_jobs.queue_job)(ann, "backtest", desk_jobs.NoInput()).state == "queued"
    assert (
        bound(place.house, desk_jobs.queue_job)(
            place.caller(place.bob), "backtest", desk_jobs.NoInput()
        ).state
        == "queued"
    )


def test_what_models_are_asked_in_the_shadow_takes_no_room_of_a_persons_orders(place, monkeypatch):
    monkeypatch.setattr(desk_jobs, "MAX_UNFINISHED", 1)
    for _ in range(3):
        place.house.jobs.put("shadow", {"name": "btc_day", "version": 1, "ts_bar": 0}, owner=place.ann.id)
    ann = place.caller(place.ann)
    assert bound(place.house, desk_jobs.queue_job)(ann, "backtest", desk_jobs.NoInput()).state == "queued"


def test_body_that_drips_is_ended_though_each_drop_comes_in_time(monkeypatch):
    monkeypatch.setattr(security_middleware, "BODY_SECONDS", 0.2)
    seen: list[str] = []

    async def app(scope, receive, send):
        while not seen or seen[-1] != "http.disconnect":
            seen.append((await receive())["type"])
        await PlainTextResponse("")(scope, receive, send)

    async def drop():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def run() -> None:
        async def send(message):
            return None

        scope = {"type": "http", "headers": [(b"host", b"localhost")]}
        await asyncio.wait_for(security_middleware.SecurityMiddleware(app)(scope, drop, send), 20)

    asyncio.run(run())
    assert seen[-1] == "http.disconnect"


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(server, "HEAD_S", 0.2)

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        await PlainTextResponse("whole")(scope, receive, send)

    listener = server.bind("127.0.0.1", 0)
    built = server.build_server(app)
    built.config.lifespan = "off"
    thread = threading.Thread(target=uvicorn.Server.run, args=(built, [listener]), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    built.should_exit = True
    thread.join(20)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (b"", b""),
        (b"", b"GET / HTTP/1.1\r\nHo"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHo"),
    ],
)
def test_connection_that_does_not_say_what_it_asks_for_is_ended(port, before, said):
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as peer:
        heard = b""
        if before:
            peer.sendall(before)
            while b"whole" not in heard:
                heard += peer.recv(4_096)
        peer.sendall(said)
        while part := peer.recv(4_096):
            heard += part
    assert heard.count(b"whole") == bool(before)
