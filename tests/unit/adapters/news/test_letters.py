"""Newsletters by IMAP, over loopback: read once each, never changed, refused ones told."""

from __future__ import annotations

import asyncio
import imaplib
import re
import socketserver
import threading
from email.headerregistry import HeaderRegistry
from typing import Any

import pytest

from tests.clocks import JumpingClock
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.mailboxes import MailConnection
from vigie.adapters.sources.news.newsletters import (
    MAX_CONTENT_HEADERS,
    MAX_NESTED_PARTS,
    NewsletterSource,
    parse_letter,
)
from vigie.domain.errors import AuthError, ConnectorError, TransientError

PLAIN = (
    "From: Desk <desk@letter.example>\r\nSubject: =?utf-8?q?R=C3=A8gles?= for coins\r\nMessage-ID: <1@letter>\r\n"
    "Date: Wed, 04 Mar 2026 10:30:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Read http://10.0.0.1/x or https://letter.example/view?n=1.\r\n"
)
HTML = (
    "From: a@b.example\r\nSubject: Second\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
    '<p>Caf\xe9 <script>x()</script><a href="https://letter.example/2">here</a></p>'
)
ODD = "Subject: Odd\r\nContent-Type: text/plain; charset=no-such\r\nDate: some day\r\n\r\nx"


class Folder(socketserver.ThreadingTCPServer):
    """Speaks as much IMAP as a reader asks for, and remembers what it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        self.letters: dict[int, bytes] = {}
        self.era = 7
        self.said: list[str] = []
        super().__init__(("127.0.0.1", 0), Talk)


class Talk(socketserver.StreamRequestHandler):
    server: Folder

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            mark, _, words = line.decode().strip().partition(" ")
            self.server.said.append(words)
            for answer in self.answers(words):
                self.wfile.write(answer + b"\r\n")
            is_bad = ("LOGIN" in words and '"right"' not in words) or "Nowhere" in words
            self.wfile.write(f"{mark} {'NO no' if is_bad else 'OK done'}\r\n".encode())
            if words == "LOGOUT":
                return

    def answers(self, words: str) -> list[bytes]:
        held = self.server.letters
        if words == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"]
        if words.startswith("EXAMINE"):
            return [f"* {len(held)} EXISTS".encode(), f"* OK [UIDVALIDITY {self.server.era}] ok".encode()]
        if found := re.match(r"UID SEARCH UID (\d+):", words):
            numbers = [one for one in held if one >= int(found[1])] or list(held)[-1:]
            return [b"* SEARCH " + " ".join(map(str, numbers)).encode()]
        if found := re.match(r"UID FETCH (\d+)", words):
            body = held[int(found[1])]
            return [f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(body)}}}\r\n".encode() + body + b")"]
        return []


@pytest.fixture(scope="module")
def folder():
    with Folder() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def source(server: Folder, key: str = "right", **reads: str) -> NewsletterSource:
    rules = {"host": "127.0.0.1", "port": str(server.server_address[1]), "user": "me", **reads}
    entry = FeedEntry(
        "post", "Letters", "", "media", "x", "", "en", 60, "", "", "", kind="mailbox", reads=rules
    )
    return NewsletterSource(entry, JumpingClock(), key, open_mailbox=inner)


def inner(host: str, port: int, line: MailConnection) -> imaplib.IMAP4:
    """Reach a mailbox on this machine, as no home does."""
    box = imaplib.IMAP4(host, port, timeout=10)
    line.attach(box.sock)
    return box


def pull(letters: NewsletterSource, bookmark: str = "") -> Any:
    return asyncio.run(letters.pull(bookmark))


def test_letters_are_read_once_each_and_nothing_is_changed(folder):
    folder.letters = {3: PLAIN.encode(), 5: HTML.encode("latin-1")}
    first = pull(source(folder))
    one, two = first.shown.sightings
    assert (one.key, one.title, one.ts_published) == ("<1@letter>", "Règles for coins", 1_772_620_200_000)
    assert (one.url, one.author) == ("https://letter.example/view?n=1", "Desk")
    # Addresses inside are made for whoever got the letter.
    assert one.text == "Read or"
    assert (two.text, two.url, two.ts_published) == ("Café here", "https://letter.example/2", None)
    assert pull(source(folder), first.bookmark).shown is None
    folder.letters[9] = ODD.encode()
    third = pull(source(folder), first.bookmark)
    assert third.shown.sightings == ()
    assert "cannot be read" in third.shown.refused[0].why
    folder.era = 8  # the server numbers its letters anew
    anew = pull(source(folder), third.bookmark)
    assert len(anew.shown.sightings) == 2
    assert pull(source(folder), anew.bookmark).shown is None
    # So does another folder, even in the same era.
    assert len(pull(source(folder, folder="Other"), anew.bookmark).shown.sightings) == 2
    assert not any(words.startswith(("SELECT", "STORE", "UID STORE", "EXPUNGE")) for words in folder.said)
    assert all("BODY.PEEK[]" in words for words in folder.said if words.startswith("UID FETCH"))


def test_a_wrong_password_a_missing_folder_and_a_silent_server_are_told_apart(folder):
    with pytest.raises(AuthError, match="user name and password were refused"):
        pull(source(folder, "wrong"))
    with pytest.raises(ConnectorError, match="no folder 'Nowhere'"):
        pull(source(folder, folder="Nowhere"))
    with pytest.raises(TransientError, match="cannot be reached"):
        pull(source(folder, port="1"))


HOSTILE = {
    "parts within parts": "Subject: x\r\n" + "Content-Type: message/rfc822\r\n\r\n" * 3_000,
    "comments within comments": f"Subject: x\r\nFrom: {'(' * 5_000}\r\n\r\nhi",
    "a year of twenty digits": "Subject: x\r\nDate: Mon, 01 Jan 99999999999999999999 00:00:00 +0000\r\n\r\nhi",
    "a part that says for ever what it is": (
        "Subject: x\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain"
        + "; a*0=b\r\n " * 300 + "\r\n\r\nhi\r\n--q--\r\n"
    ),
    "parts that hold parts": "Subject: x\r\n" + "".join(
        f"Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"
        for depth in range(MAX_NESTED_PARTS + 1)
    ),
    "thousands of parts": "Subject: x\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
        + "--q\r\nContent-Type: text/x\r\n\r\n" * MAX_CONTENT_HEADERS,
    "a head without end": f"Subject: x\r\nFrom: {'a' * 70_000}\r\n\r\nhi",
}  # fmt: skip


@pytest.mark.parametrize("letter", HOSTILE.values(), ids=HOSTILE)
def test_a_letter_that_no_parser_takes_does_not_keep_the_others_away(folder, letter):
    folder.letters = {1: letter.encode(), 2: PLAIN.encode()}
    batch = pull(source(folder))
    assert [one.title for one in batch.shown.sightings] == ["Règles for coins"]
    assert "cannot be read" in batch.shown.refused[0].why
    assert pull(source(folder), batch.bookmark).shown is None


@pytest.mark.parametrize("sign", ['"', "a,", "=?utf-8?q?x?= "])
def test_no_more_of_a_head_is_read_than_its_reader_takes_in_good_time(monkeypatch, folder, sign):
    reading = HeaderRegistry.__call__

    def bounded(registry, name, value):
        assert len(value) <= 4_000
        return reading(registry, name, value)

    monkeypatch.setattr(HeaderRegistry, "__call__", bounded)
    long = (sign * 15_000)[:15_000]
    raw = f"Subject: {long}\r\nFrom: {long}\r\nMessage-ID: <{long}>\r\n\r\nRules"
    assert parse_letter(source(folder).entry, raw.encode()).text == "Rules"
