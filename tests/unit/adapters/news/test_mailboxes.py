"""Mailboxes as they are reached: encrypted, at public addresses, not for ever; the world's through the same client."""

from __future__ import annotations

import asyncio
import imaplib
import io
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest

from tests.clocks import JumpingClock
from tests.unit.adapters.news.test_letters import HOSTILE
from tests.unit.adapters.notifiers.test_smtp import certified as certified
from tests.unit.sandbox.world.hands import HOUR_MS, go, small_world
from vigie.adapters.net.guard import connect_public
from vigie.adapters.sources.news.listing import SIMULATED, FeedEntry, feeds
from vigie.adapters.sources.news.mailboxes import (
    _MAX_RECEIVED_BYTES,
    LINE_BYTES,
    MAX_LETTER_BYTES,
    MailConnection,
    WorldMailboxOpener,
    _BoundedImap,
    check_mailbox,
    encode_folder,
    log_in,
    open_public_mailbox,
)
from vigie.adapters.sources.news.newsletters import NewsletterSource, parse_letter
from vigie.domain.errors import AuthError, ConnectorError, TransientError, UsageError
from vigie.ports.own_feeds import secret_name
from vigie_sandbox.world.imap.folders import encode_folder_name as world_name
from vigie_sandbox.world.newsroom.newsletters import format_mail
from vigie_sandbox.world.server import serving

RULES = {"host": "imap.example.org", "user": "me@example.org"}


@pytest.fixture(scope="module")
def place():
    world = small_world()
    with serving(world) as url:
        yield world, url


def of_world(name: str) -> FeedEntry:
    return next(one for one in feeds(SIMULATED) if one.id == name)


def read(entry: FeedEntry, url: str, *, key: str = "simulated", bookmark: str = ""):
    return asyncio.run(
        NewsletterSource(entry, JumpingClock(), key, open_mailbox=WorldMailboxOpener(url)).pull(bookmark)
    )


@pytest.mark.parametrize(
    ("name", "title", "host"),
    [
        ("chainpost_letter", "Chainpost Letter: ", "chainpost.example"),
        ("veille_lettre", "La Lettre de la Veille : ", "veille-jeton.example"),
    ],
)
def test_letters_of_the_world_become_items_that_link_to_their_own_page(place, name, title, host):
    world, url = place
    entry = of_world(name)
    batch = read(entry, url)
    said = batch.shown.sightings
    assert len(said) > 5
    assert batch.shown.refused == ()
    assert all(one.title.startswith(title) and one.url.startswith(f"https://{host}/letters/") for one in said)
    assert all(one.ts_published and one.ts_published <= world.now_ms() for one in said)
    assert read(entry, url, bookmark=batch.bookmark).shown is None
    go(world, 6 * HOUR_MS)
    later = read(entry, url, bookmark=batch.bookmark).shown.sightings
    assert later
    assert {one.key for one in later}.isdisjoint(one.key for one in said)


def test_faults_of_the_world_are_told_apart(place):
    world, url = place
    entry = of_world("veille_lettre")
    with pytest.raises(AuthError, match="user name and password were refused") as refused:
        read(entry, url, key="another-word")
    assert "another-word" not in str(refused.value)
    for kind in ("429", "5xx", "wrong-json", "half-body"):
        world.faults.add({"service": "letters", "kind": kind, "path": "Actualités"})
        with pytest.raises((TransientError, ConnectorError)):
            read(entry, url)
    assert read(entry, url).shown is not None
    with pytest.raises(TransientError, match="the simulated market does not answer: URLError"):
        read(entry, "http://127.0.0.1:1")


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_hostile_letters_of_the_world_keep_no_others_away(place, monkeypatch, hostile):
    _, url = place
    entry = of_world("chainpost_letter")
    bad = read(entry, url).shown.sightings[-1].key
    number = bad.strip("<").partition("@")[0]

    def mail(one):
        return hostile.encode() if str(one.number) == number else format_mail(one)

    monkeypatch.setattr("vigie_sandbox.world.imap.folders.format_mail", mail)
    shown = read(entry, url).shown
    assert len(shown.sightings) > 5
    assert bad not in {one.key for one in shown.sightings}
    assert [one.why.partition(":")[0] for one in shown.refused] == ["a letter cannot be read"]


@pytest.mark.parametrize(
    "name", ["INBOX", "Actualités", "R&D", "Été/Juillet", 'the "odd" \\ one', "台北日本語", "a&é&"]
)
def test_names_of_folders_are_written_as_a_server_knows_them(name):
    wire = encode_folder(name)
    assert wire[0] == wire[-1] == '"'
    assert wire[1:-1].replace('\\"', '"').replace("\\\\", "\\") == world_name(name)
    assert wire.isascii()


def test_the_example_of_the_standard_is_written_as_it_says():
    assert encode_folder("~peter/mail/台北/日本語") == '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"host": "127.0.0.1"}, "public internet"),
        ({"host": "10.1.2.3"}, "public internet"),
        ({"host": "169.254.169.254"}, "public internet"),
        ({"host": "localhost"}, "public internet"),
        ({"host": "mail.local"}, "public internet"),
        ({"host": "a.example/x"}, "must look like imap.example.org"),
        ({"host": "u@a.example"}, "must look like imap.example.org"),
        ({"host": "a.example\r\nX: y"}, "must look like imap.example.org"),
        ({"host": ""}, "must look like imap.example.org"),
        ({"port": "0"}, "1..65535"),
        ({"port": "99999"}, "1..65535"),
        ({"port": "9" * 5_000}, "1..65535"),
        ({"port": "²"}, "1..65535"),
        ({"user": "me\r\na LOGOUT"}, "user of a mailbox must be one line"),
        ({"folder": "x\ny"}, "folder of a mailbox must be one line"),
        ({"folder": "x" * 300}, "folder of a mailbox must be one line"),
        ({"secret": "VIGIE_BITGET_SECRET"}, "VIGIE_MAIL_NAME_KEY"),
        ({"secret": "DATABASE_URL"}, "VIGIE_MAIL_NAME_KEY"),
        ({"secret": "hunter2"}, "VIGIE_MAIL_NAME_KEY"),
    ],
)
def test_what_no_mailbox_of_a_person_can_be_is_refused(given, why):
    with pytest.raises(UsageError, match=why):
        check_mailbox(RULES | given)


def test_what_can_be_is_taken_and_its_password_has_a_name():
    check_mailbox(RULES)
    check_mailbox(RULES | {"port": "1993", "folder": "Lettres à lire", "secret": "VIGIE_MAIL_DESK_KEY"})
    assert secret_name("post", RULES) == "VIGIE_MAIL_POST_KEY"
    assert secret_name("post", {"secret": "VIGIE_MAIL_DESK_KEY"}) == "VIGIE_MAIL_DESK_KEY"


@pytest.mark.parametrize("inner", ["127.0.0.1", "::1", "10.0.0.7", "169.254.169.254", "::ffff:192.168.1.1"])
def test_a_name_that_leads_inside_is_not_connected_to(inner):
    def find(host, port, **_):
        return [(0, 0, 0, "", ("93.184.216.34", port)), (0, 0, 0, "", (inner, port))]

    with pytest.raises(UsageError, match="must lead to the public internet"):
        connect_public("imap.example.org", 993, 1.0, find=find)


def test_numbers_that_only_resolvers_read_as_addresses_lead_nowhere():
    for host in ("2130706433", "0x7f.1", "127.1"):
        with pytest.raises((UsageError, OSError)):
            open_public_mailbox(host, 993, MailConnection())


@contextmanager
def speaking(answer):
    """Let a function speak with whoever connects, each in a thread, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    answer(line, is_over)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            is_over.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def inner_at(port: int):
    """Return a way to what listens on this machine, bounded as the world's is."""
    from vigie.adapters.sources.news.mailboxes import _LocalImap

    return lambda host, _, line: _LocalImap(port, line)


def entry() -> FeedEntry:
    return FeedEntry(
        "post", "Letters", "", "media", "x", "", "en", 60, "", "", "", kind="mailbox", reads=RULES
    )


def test_a_mailbox_that_says_nothing_more_is_cut_and_its_thread_ends():
    ended = threading.Event()

    def drip(line, is_over):
        line.sendall(b"* OK here\r\n* ")
        while not is_over.wait(0.01):
            try:
                line.sendall(b"x")
            except OSError:
                ended.set()
                return

    with speaking(drip) as port:
        letters = NewsletterSource(
            entry(), JumpingClock(), "word", open_mailbox=inner_at(port), total_timeout_s=0.3
        )
        with pytest.raises(TransientError, match=r"took longer than 0\.3 s"):
            asyncio.run(letters.pull(""))
        assert ended.wait(60)


def conversation(*answers: bytes):
    """Return a server that gives one answer to each command."""

    def speak(line, is_over):
        file = line.makefile("rb")
        line.sendall(b"* OK here\r\n")
        for answer in answers:
            mark = file.readline().split(b" ")[0]
            try:
                line.sendall(answer.replace(b"%", mark))
            except OSError:
                return
        file.readline()

    return speak


PLAIN = b"* CAPABILITY IMAP4rev1\r\n% OK done\r\n"
IN = b"% OK in\r\n"
OPEN = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n% OK open\r\n"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((PLAIN, IN, OPEN, b"* SEARCH 1 two 3\r\n% OK done\r\n"), "does not answer like a mailbox server"),
        (
            (PLAIN, IN, b"* OK [UIDVALIDITY \xff] x\r\n% OK open\r\n", b"* SEARCH\r\n% OK done\r\n"),
            "Letters: imap\\.example\\.org does not answer like a",
        ),
        (
            (PLAIN, IN, OPEN, b"* SEARCH 1\r\n% OK done\r\n", b"* 1 FETCH (BODY[] {%d}\r\n" % (10**12)),
            "bytes at once",
        ),
        (
            (PLAIN, IN, OPEN, b"* SEARCH " + b"1 " * 800_000 + b"\r\n"),
            ("Letters: imap\\.example\\.org closed the connection:"),
        ),
        ((b"HTTP/1.1 400 Bad Request\r\n",), "cannot be reached"),
        ((b"* CAPABILITY \xff\r\n% OK done\r\n",), "Letters: imap\\.example\\.org does not answer like a"),
        (
            (PLAIN, b"% NO password 'hunter2' of me@example.org is wrong\r\n"),
            ("user name and password were refused: password"),
        ),
    ],
)
def test_answers_of_a_hostile_mailbox_are_faults_with_a_reason(answers, why):
    with speaking(conversation(*answers)) as port:
        with pytest.raises((ConnectorError, TransientError), match=why) as told:
            asyncio.run(
                NewsletterSource(entry(), JumpingClock(), "hunter2", open_mailbox=inner_at(port)).pull("")
            )
        assert "me@example.org" not in str(told.value)
        assert "hunter2" not in str(told.value)


def test_a_letter_is_asked_for_no_larger_than_it_may_be(place):
    _, url = place
    letters = NewsletterSource(
        of_world("chainpost_letter"), JumpingClock(), "simulated", open_mailbox=WorldMailboxOpener(url)
    )
    box = letters.open_mailbox("", 0, MailConnection())
    with pytest.raises(imaplib.IMAP4.abort, match="bytes at once"):
        box.read(MAX_LETTER_BYTES + 1)
    box.shutdown()


def test_passwords_of_any_letters_are_given_and_none_that_would_be_a_command():
    class Box:
        capabilities = ("IMAP4REV1",)
        said: list[str]

        def login(self, user: str, key: str) -> None:
            self.said = [user, key]
            (user + key).encode("ascii")

        def authenticate(self, kind, answer):
            self.said = [kind, answer(b"").decode()]

    box = Box()
    log_in(box, 'a "b\\', "word")
    assert box.said == ['"a \\"b\\\\"', "word"]
    with pytest.raises(AuthError, match="ASCII"):
        log_in(box, "me", "clé")
    box.capabilities = ("IMAP4REV1", "AUTH=PLAIN")
    log_in(box, "me", "clé")
    assert box.said == ["PLAIN", "\0me\0clé"]
    for user, key in (("me\r\nx", "word"), ("me", "word\nx DELETE INBOX"), ("me", "a\0b")):
        with pytest.raises(AuthError, match="one line each"):
            log_in(box, user, key)


def test_a_certificate_of_nobody_is_not_believed(monkeypatch):
    """The handshake is the only thing that is said before the certificate is looked at."""
    heard = []

    def listen(line, is_over):
        heard.append(line.recv(4_096)[:1])

    with speaking(listen) as port:
        monkeypatch.setattr(
            "vigie.adapters.sources.news.mailboxes.connect_public",
            lambda host, _, timeout: socket.create_connection(("127.0.0.1", port), timeout),
        )
        with pytest.raises((ssl.SSLError, OSError)):
            open_public_mailbox("imap.example.org", 993, MailConnection())
    assert heard == [b"\x16"]


def test_a_mailbox_is_read_over_tls_where_its_certificate_is_believed(monkeypatch, certified):
    server, client = certified
    answers = (PLAIN, IN, OPEN, b"* SEARCH\r\n% OK done\r\n", b"* BYE\r\n% OK bye\r\n")

    def speak(line, is_over):
        with server.wrap_socket(line, server_side=True) as wrapped:
            conversation(*answers)(wrapped, is_over)

    with speaking(speak) as port:
        module = "vigie.adapters.sources.news.mailboxes"
        monkeypatch.setattr(f"{module}.machine_ssl_context", lambda: client)
        monkeypatch.setattr(
            f"{module}.connect_public",
            lambda host, _, timeout: socket.create_connection(("127.0.0.1", port), timeout),
        )
        there = FeedEntry(
            "post", "Letters", "", "media", "x", "", "en", 60, "", "", "", kind="mailbox",
            reads={**RULES, "host": "127.0.0.1"},
        )  # fmt: skip
        assert asyncio.run(NewsletterSource(there, JumpingClock(), "word").pull("")).shown is None


def test_the_link_of_a_letter_is_never_the_one_that_ends_a_subscription():
    letter = (
        "From: a@b.example\r\nSubject: S\r\nList-Unsubscribe: <https://letter.example/q?u=7>\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n"
        '<a href="https://letter.example/q?u=7">no more</a> <a href="https://letter.example/unsubscribe?x">out</a>'
        '<a href="https://letter.example/d%C3%A9sabonner">x</a><a href="https://letter.example/désabonner">x</a><a '
        'href="https://letter.example/se-desabonner">x</a>'
        '<a href="https://letter.example/read?a=1&amp;b=2">read</a>'
    )
    assert parse_letter(entry(), letter.encode()).url == "https://letter.example/read?a=1&b=2"


def test_a_mailbox_that_greets_or_leaves_with_a_number_that_is_none_is_a_fault_with_a_reason():
    odd = b"{" + b"9" * 5_000 + b"}\r\n"

    def greet(line, is_over):
        line.sendall(b"* OK here " + odd)
        is_over.wait(60)

    with (
        speaking(greet) as port,
        pytest.raises(ConnectorError, match="does not answer like a mailbox server"),
    ):
        asyncio.run(NewsletterSource(entry(), JumpingClock(), "word", open_mailbox=inner_at(port)).pull(""))
    left = (PLAIN, IN, OPEN, b"* SEARCH\r\n% OK done\r\n", b"* BYE " + odd)
    with speaking(conversation(*left)) as port:
        batch = asyncio.run(
            NewsletterSource(entry(), JumpingClock(), "word", open_mailbox=inner_at(port)).pull("")
        )
    assert batch.shown is None


def test_short_answers_without_end_are_not_all_kept():
    box = object.__new__(_BoundedImap)
    box.file = io.BytesIO(b"* X\r\n" * 200_000)
    for _ in range(_MAX_RECEIVED_BYTES // (LINE_BYTES + 5)):
        assert box.readline()
    with pytest.raises(imaplib.IMAP4.abort, match="it sends more than"):
        box.readline()


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "no-such"])
def test_a_letter_is_read_in_no_encoding_that_is_none_of_the_webs(name):
    raw = f"Subject: x\r\nContent-Type: text/plain; charset={name}\r\n\r\nRules \\x41 for xn--coins-abc"
    assert parse_letter(entry(), raw.encode()).text == "Rules \\x41 for xn--coins-abc"
