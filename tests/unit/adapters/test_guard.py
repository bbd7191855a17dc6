"""Addresses that people give never lead inside, whatever they are called."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from tests.clocks import JumpingClock
from vigie.adapters.net.guard import PublicReader, check_url, connect_public, public_transport, refusal
from vigie.domain.errors import ConnectorError, UsageError

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fec0::1",
        "64:ff9b:1::7f00:1",
        "::ffff:0:7f00:1",
        "::7f00:1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "192.0.2.7",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "64:ff9b::a83f:8110",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.170",
        "192.88.99.1",
        "::ffff:192.0.0.9",
        "2002:c058:6301::",
        "3fff::1",
        "3fff:fff:ffff::",
        "2606:4700::5efe:a00:1",
        "2606:4700::200:5efe:808:808",
        "fe80::5efe:c0a8:101",
    ],
)
def test_inner_address_is_refused(address):
    assert refusal(address)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "8.8.8.8", "192.88.98.1", "192.0.1.1", "2606:4700:4700::1111", "2606:4700::5eff:a00:1"],
)
def test_public_address_is_allowed(address):
    assert refusal(address) is None


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/x", "//example.org", "https://", "https://me:pw@example.org/"],
)
def test_form_that_is_no_public_address_is_refused(url):
    with pytest.raises(UsageError, match="address must"):
        check_url(url)


# Names that `urlsplit` takes, and what reads an address or looks for its host does not.
ODD = (
    "http://a..example/",
    f"http://{'a' * 64}.example/",
    "http://feeds.example/\x00",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://xn--a/",
    "http://[v1.x]/",
    "http://feeds\n.example/",
)


@pytest.mark.parametrize("url", ODD, ids=ascii)
def test_name_that_nobody_could_look_for_is_refused(url):
    with pytest.raises(UsageError, match="address must look like"):
        check_url(url)


@pytest.mark.parametrize("url", ["https://stra\u00dfe.example/x", "https://a_b.example/", "http://8.8.8.8/"])
def test_odd_names_that_there_may_be_are_taken(url):
    assert check_url(url) == url


def test_machine_whose_name_cannot_be_looked_for_is_refused():
    with pytest.raises(UsageError, match="public internet"):
        connect_public("a..example", 993, 1.0)


class Names:
    """A resolver whose answers are prepared; a name that is asked again may lead elsewhere."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        given = self.answers.get(host)
        if given is None:
            return [host]
        return given.pop(0) if len(given) > 1 else given[0]


class Lines:
    """Connects every public address to the test's server, and remembers which address was meant."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.meant: list[str] = []
        self.inner = httpcore.AnyIOBackend()

    async def connect_tcp(self, host, port, **options):
        self.meant.append(host)
        return await self.inner.connect_tcp("127.0.0.1", self.port, **options)

    async def sleep(self, seconds):
        await self.inner.sleep(seconds)


@pytest.fixture
def port() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            target = self.path.removeprefix("/to?")
            if self.path.startswith("/to?"):
                self.send_response(302)
                self.send_header("Location", target)
            else:
                self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_words):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def read(url: str, names: Names, lines: Lines) -> bytes:
    async def once() -> bytes:
        reader = PublicReader(JumpingClock(), resolve=names, connect=lines)
        try:
            return (await reader.get(url)).body
        finally:
            await reader.close()

    return asyncio.run(once())


def test_public_host_is_read_over_the_checked_address(port):
    names, lines = Names(feeds_example=[[PUBLIC]]), Lines(port)
    assert read("http://feeds.example/rss", names, lines) == b"ok"
    assert lines.meant == [PUBLIC]


def test_name_that_leads_inside_is_refused_before_any_connection(port):
    for inside in (["127.0.0.1"], [PUBLIC, "10.0.0.1"], []):
        lines = Lines(port)
        with pytest.raises(UsageError, match="public internet"):
            read("http://feeds.example/rss", Names(feeds_example=[inside]), lines)
        assert lines.meant == []


def test_name_that_changes_after_the_check_changes_nothing(port):
    names, lines = Names(feeds_example=[[PUBLIC], ["127.0.0.1"]]), Lines(port)
    assert read("http://feeds.example/rss", names, lines) == b"ok"
    assert names.asked == ["feeds.example"]
    assert lines.meant == [PUBLIC]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:22/",
        "http://169.254.169.254/latest",
        "http://inner.example/",
        "file:///etc",
        "http://a..example/",
    ],
)
def test_redirect_inside_is_refused(port, target):
    names, lines = Names(feeds_example=[[PUBLIC]], inner_example=[["192.168.0.9"]]), Lines(port)
    with pytest.raises(UsageError, match=r"public internet|address must"):
        read(f"http://feeds.example/to?{target}", names, lines)
    assert lines.meant == [PUBLIC]


def test_redirect_to_a_public_host_is_followed(port):
    names, lines = Names(feeds_example=[[PUBLIC]], other_example=[["8.8.8.8"]]), Lines(port)
    assert read("http://feeds.example/to?http://other.example/rss", names, lines) == b"ok"
    assert lines.meant == [PUBLIC, "8.8.8.8"]


def test_endless_redirects_end(port):
    names, lines = Names(feeds_example=[[PUBLIC]]), Lines(port)
    loop = "http://feeds.example/to?" * 9 + "http://feeds.example/"
    with pytest.raises(ConnectorError, match="redirects more than"):
        read(loop, names, lines)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f000001", "localhost"])
def test_this_machine_by_any_spelling_is_refused(port, host):
    from vigie.adapters.net.guard import resolve_name

    lines = Lines(port)

    async def once() -> None:
        reader = PublicReader(JumpingClock(), resolve=resolve_name, connect=lines)
        await reader.get(f"http://{host}:{port}/")

    with pytest.raises((UsageError, ConnectorError)):
        asyncio.run(once())
    assert lines.meant == []


def test_certificates_of_the_authorities_are_read_once_and_checked_all_the_same():
    one, other = public_transport()._pool._ssl_context, public_transport()._pool._ssl_context
    assert one is other
    assert (one.verify_mode, one.check_hostname) == (ssl.CERT_REQUIRED, True)
