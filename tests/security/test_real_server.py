"""A real process on a real socket: it refuses a public address without users, and bodies that are too long or slow."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.houses import KEY, MANY, fill, house, until
from vigie.domain.person import OWNER
from vigie.services.needs import bound
from vigie.services.people.accounts.users import add_user
from vigie.views.web import security_middleware
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.server import bind, build_server


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    """Start `vigie serve` over a home."""
    environ = {**os.environ, "VIGIE_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "vigie", "serve", "--port", "0", *words],
        env=environ, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Stop a server and return what it said."""
    process.terminate()
    return process.communicate(timeout=30)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_public_address_is_refused_until_there_is_a_user(tmp_path, host):
    home = fill(tmp_path / "home", with_bars=False)
    process = started(home, "--host", host)
    out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "vigie user add" in out + err
    assert "ready" not in out


def test_public_address_is_served_once_there_is_a_user_and_no_link_is_printed(tmp_path):
    home = fill(tmp_path / "home", with_bars=False)
    bound(house(home, with_bars=False), add_user)(OWNER, "Ann", "a long enough sentence")
    process = started(home, "--host", "0.0.0.0", "--https")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready http://127.0.0.1:")
    port = line.strip().rsplit(":", 1)[1]
    answer = httpx.get(f"http://127.0.0.1:{port}/markets")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fmarkets")
    assert 'content="noindex"' in httpx.get(f"http://127.0.0.1:{port}/login").text
    assert httpx.get(f"http://127.0.0.1:{port}/link/anything").status_code == 410
    out, _err = ended(process)
    assert "/link/" not in out


def test_public_address_without_https_is_refused_with_the_cure_and_warned_about_where_it_is_allowed(tmp_path):
    home = fill(tmp_path / "home", with_bars=False)
    bound(house(home, with_bars=False), add_user)(OWNER, "Ann", "a long enough sentence")
    process = started(home, "--host", "0.0.0.0")
    out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "ready" not in out
    assert "VIGIE_PUBLIC_URL=https://" in err
    process = started(home, "--host", "0.0.0.0", "--plain-http")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready")
    _out, err = ended(process)
    assert "vigie: passwords and sessions cross the network" in err


def test_server_does_what_the_settings_file_says(tmp_path):
    home = fill(tmp_path / "home", with_bars=False)
    (home / "vigie.toml").write_text(
        'host = "127.0.0.2"\npublic_url = "https://vigie.example.org"\nallowed_hosts = ["vigie.lan"]\n',
        "utf-8",
    )
    process = started(home)
    assert process.stdout is not None
    address = process.stdout.readline().split()[1]
    assert address.startswith("http://127.0.0.2:")
    for name in ("vigie.lan", "vigie.example.org", "127.0.0.2"):
        answer = httpx.get(f"{address}/markets", headers={"host": name})
        assert answer.status_code == 200
        assert "max-age" in answer.headers["strict-transport-security"]
        assert "; Secure" in answer.headers["set-cookie"]
    assert httpx.get(f"{address}/markets", headers={"host": "evil.example"}).status_code == 421
    ended(process)


def test_local_owner_is_let_in_by_the_printed_link_once(tmp_path):
    process = started(fill(tmp_path / "home", with_bars=False))
    assert process.stdout is not None
    address = process.stdout.readline().split()[1]
    link = process.stdout.readline().split()[1]
    assert link.startswith(address + "/link/")
    assert httpx.get(link).status_code == 303
    assert httpx.get(link).status_code == 410
    ended(process)


@contextlib.contextmanager
def serving(home: Path) -> Iterator[int]:
    """Serve a house on a socket inside this process."""
    server = build_server(
        create_app(house(home, with_bars=False), AppOptions(KEY, lambda word: False, per_minute=MANY))
    )
    listener = bind("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)


def answer_to(port: int, *parts: bytes, timeout: float = 10.0) -> bytes:
    """Send raw bytes and return all that comes back until the server ends it."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for part in parts:
                line.sendall(part)
        got = b""
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while some := line.recv(65_536):
                got += some
        return got


def head(*lines: str) -> bytes:
    return ("\r\n".join(["POST /look HTTP/1.1", "Host: 127.0.0.1", *lines]) + "\r\n\r\n").encode()


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("home") / "home") as opened:
        yield opened


def is_alive(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200


def test_body_that_says_it_is_too_long_is_refused_unread(port):
    got = answer_to(port, head(f"Content-Length: {security_middleware.MAX_BODY + 1}", "Connection: close"))
    assert b" 413 " in got.split(b"\r\n")[0]
    assert is_alive(port)


def test_body_that_does_not_say_how_long_it_is_ends_at_the_limit(port):
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    sent = [
        head("Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded"),
        *[chunk] * 40,
    ]
    got = answer_to(port, *sent, b"0\r\n\r\n")
    assert b" 200 " not in got.split(b"\r\n")[0]
    assert b" 303 " not in got.split(b"\r\n")[0]
    assert is_alive(port)


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999"])
def test_length_that_is_no_length_is_refused(port, length):
    got = answer_to(port, head(f"Content-Length: {length}", "Connection: close"))
    assert got.split(b"\r\n")[0].split()[1] in (b"400", b"413")
    assert is_alive(port)


def test_body_that_does_not_come_is_given_up(port, monkeypatch):
    monkeypatch.setattr(security_middleware, "BODY_SECONDS", 0.3)
    lines = head("Content-Length: 1000", "Content-Type: application/x-www-form-urlencoded")
    got = answer_to(port, lines, b"csrf=", timeout=20)
    assert b" 303 " not in got.split(b"\r\n")[0]
    assert is_alive(port)


def test_body_that_drips_is_given_up_as_a_whole(port, monkeypatch):
    monkeypatch.setattr(security_middleware, "BODY_SECONDS", 0.5)
    gone = False
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head("Content-Length: 100000", "Content-Type: application/x-www-form-urlencoded"))
        line.settimeout(0.1)
        for _ in range(100):
            try:
                line.sendall(b"x")
                gone = line.recv(65_536) is not None
                break
            except TimeoutError:
                continue
            except OSError:
                gone = True
                break
    assert gone, "each byte alone must not keep the door open"
    assert is_alive(port)


def test_endless_head_is_refused(port):
    got = answer_to(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", *[b"X-A: " + b"a" * 8_000 + b"\r\n"] * 20)
    assert b" 200 " not in got[:20]
    assert is_alive(port)


def test_line_that_smuggles_a_second_request_is_refused(port):
    body = b"0\r\n\r\nGET /admin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    got = answer_to(port, head("Content-Length: 4", "Transfer-Encoding: chunked", "Connection: close"), body)
    assert got.count(b"HTTP/1.1 ") <= 1


@pytest.mark.parametrize("fields", [201, 5_000])
def test_form_with_too_many_fields_is_refused(port, fields):
    data = "&".join(f"a{at}=1" for at in range(fields))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert httpx.post(f"http://127.0.0.1:{port}/look", content=data, headers=headers).status_code == 400


def test_file_in_a_form_is_refused(port):
    answer = httpx.post(f"http://127.0.0.1:{port}/look", files={"theme": ("x.txt", b"dark")})
    assert answer.status_code in (400, 403)


def test_json_that_nests_for_ever_is_refused(port):
    for deep in ("[" * 100_000, '{"a":' * 50_000):
        answer = httpx.post(
            f"http://127.0.0.1:{port}/api/v1/settings/change",
            content=deep,
            headers={"content-type": "application/json"},
        )
        assert answer.status_code in (400, 403, 422)
    assert is_alive(port)
