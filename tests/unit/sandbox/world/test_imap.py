"""The world's mailbox of newsletters, read by the standard library's client: what it holds, refuses, and does wrong."""

import imaplib
import re
import socket
from contextlib import contextmanager
from email import message_from_bytes, policy

import httpx
import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, go, small_world
from vigie_sandbox.world.server import serving

USER, WORD = "reader@demo.example", "simulated"
FRENCH = "Actualit&AOk-s"


@pytest.fixture(scope="module")
def place():
    world = small_world()
    with serving(world) as url:
        yield world, url


@contextmanager
def box(place, *, folder="Newsletters", is_known=True):
    world, _ = place
    client = imaplib.IMAP4("127.0.0.1", world.letters_port, timeout=10)
    try:
        if is_known:
            client.login(USER, WORD)
            if folder:
                assert client.select(f'"{folder}"', readonly=True)[0] == "OK"
        yield client
    finally:
        client.shutdown()


def uids(client, *criteria):
    return [int(one) for one in client.uid("SEARCH", *(criteria or ("ALL",)))[1][0].split()]


def raw(client, uid):
    return client.uid("FETCH", str(uid), "(BODY.PEEK[])")[1][0][1]


def test_the_world_says_where_its_letters_are(place):
    world, url = place
    told = httpx.get(f"{url}/letters", trust_env=False).json()
    assert told["imap"] == {"host": "127.0.0.1", "port": world.letters_port}
    assert (told["user"], told["folders"]) == (USER, ["Newsletters", "Actualités"])


def test_folders_are_listed_with_their_names_in_utf_7_and_counted(place):
    with box(place, folder="") as client:
        assert "AUTH=PLAIN" in client.capabilities
        names = [line.rpartition(b' "/" ')[2].strip(b'"').decode() for line in client.list()[1]]
        assert names == ["INBOX", "Newsletters", FRENCH]
        said = client.status(f'"{FRENCH}"', "(MESSAGES UIDNEXT UIDVALIDITY)")[1][0].decode()
        count = int(client.select(f'"{FRENCH}"', readonly=True)[1][0])
        assert count > 5
        assert int(re.search(r"MESSAGES (\d+)", said)[1]) == count
        assert int(re.search(r"UIDNEXT (\d+)", said)[1]) == uids(client)[-1] + 1
        assert int(re.search(r"UIDVALIDITY (\d+)", said)[1]) == int(client.response("UIDVALIDITY")[1][0])
        assert client.select("INBOX", readonly=True)[1] == [b"0"]


@pytest.mark.parametrize(
    ("folder", "mark", "language"), [("Newsletters", "simulated", "en"), (FRENCH, "simulé", "fr")]
)
def test_letters_are_mails_of_two_parts_that_say_that_they_are_invented(place, folder, mark, language):
    _, url = place
    with box(place, folder=folder) as client:
        sent = message_from_bytes(raw(client, uids(client)[-1]), policy=policy.default)
        assert (sent["To"], sent["Keywords"], sent["Content-Language"]) == (USER, mark, language)
        assert mark in sent["From"]
        text = sent.get_body(("plain",)).get_content()
        page = sent.get_body(("html",)).get_content()
        assert {"en": "invented", "fr": "inventés"}[language] in text
        read = re.search(r"https://(\S+/letters/\d+)", text)[1]
        assert httpx.get(f"{url}/newsroom/{read}", trust_env=False).text == page.replace("\r\n", "\n")
        assert httpx.get(f"{url}/newsroom/{read}9", trust_env=False).status_code == 404


def test_a_letter_tells_what_its_outlet_published_since_the_last_one(place):
    world, url = place
    with box(place) as client:
        sent = message_from_bytes(raw(client, uids(client)[-1]), policy=policy.default)
        feed = httpx.get(f"{url}/newsroom/chainpost.example/rss.xml", trust_env=False).text
        linked = re.findall(r"https://chainpost\.example/story/\S+", sent.get_body(("plain",)).get_content())
        assert linked
        assert all(link in feed for link in linked)
        told = sent["Date"].datetime.timestamp() * 1_000
        assert world.now_ms() - 24 * HOUR_MS < told <= world.now_ms()


def test_time_brings_new_letters_and_old_ones_never_change(place):
    world, _ = place
    with box(place) as client:
        before = {uid: raw(client, uid) for uid in uids(client)}
        count = int(client.response("EXISTS")[1][0] or len(before))
        world.publish("story")
        go(world, 6 * HOUR_MS + MINUTE_MS)
        assert uids(client) == list(before)
        client.noop()
        assert int(client.response("EXISTS")[1][-1]) > count
        after = uids(client)
        assert after[: len(before)] == list(before)
        assert {uid: raw(client, uid) for uid in before} == before
        assert uids(client, "UID", f"{after[-1] + 5}:*") == [after[-1]]


def test_numbers_dates_sizes_heads_and_pieces_are_told(place):
    with box(place) as client:
        last = uids(client)[-1]
        whole = raw(client, last)
        said = client.uid("FETCH", str(last), "(UID FLAGS RFC822.SIZE INTERNALDATE)")[1][0]
        assert int(re.search(rb"RFC822.SIZE (\d+)", said)[1]) == len(whole)
        assert imaplib.Internaldate2tuple(said) is not None
        assert imaplib.ParseFlags(said) == ()
        assert client.uid("FETCH", str(last), "(BODY.PEEK[]<10.20>)")[1][0][1] == whole[10:30]
        head = client.uid("FETCH", str(last), "(BODY.PEEK[HEADER])")[1][0][1]
        assert whole.startswith(head)
        assert head.endswith(b"\r\n\r\n")
        number = client.search(None, "ALL")[1][0].split()[-1].decode()
        assert client.fetch(number, "(RFC822)")[1][0][1] == whole
        assert client.search(None, "SEEN")[1] == [b""]


def test_who_is_unknown_reads_nothing_and_nobody_changes_anything(place):
    with box(place, is_known=False) as client:
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            client.login(USER, "wrong")
        # The client would not ask this by itself.
        client.state = "AUTH"
        with pytest.raises(imaplib.IMAP4.error, match="say who you are"):
            client.list()
        client.state = "NONAUTH"
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{WORD}".encode())
        assert client.select("Nowhere", readonly=True)[0] == "NO"
        with pytest.raises(imaplib.IMAP4.readonly):
            client.select("Newsletters")
    with box(place) as client:
        last = str(uids(client)[-1])
        assert client.uid("STORE", last, "+FLAGS", r"(\Deleted)")[0] == "NO"
        assert client.create("Mine")[0] == "NO"
        assert client.append("Newsletters", None, None, b"x\r\n")[0] == "NO"


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("5xx", "BYE|out of order"),
        ("wrong-json", "unexpected response"),
        ("timeout", "EOF|timed out"),
        ("half-body", None),
    ],
)
def test_what_goes_wrong_does_so_once_and_in_the_folder_that_was_named(place, kind, seen):
    world, _ = place
    world.faults.add({"service": "letters", "kind": kind, "path": "Newsl", "seconds": 0.1})
    with box(place, folder=FRENCH) as client:
        assert uids(client)
    with pytest.raises((imaplib.IMAP4.error, OSError), match=seen), box(place) as client:
        raw(client, uids(client)[-1])
    with box(place) as client:
        assert raw(client, uids(client)[-1])


def test_a_folder_may_ask_to_come_again_later(place):
    world, _ = place
    world.faults.add({"service": "letters", "kind": "429"})
    with box(place, folder="") as client:
        assert client.select("Newsletters", readonly=True)[0] == "NO"
        assert client.select("Newsletters", readonly=True)[0] == "OK"


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n", b"a\r\n", b"a NOTHING\r\n", b"a LOGIN (((((((\r\n", b"a LOGIN )\r\n", b'a LOGIN "x\r\n',
        b"a LOGIN {3}\r\n\xff\xfe\xfd {2}\r\nab\r\n", b"\xff\xfe \x00\r\n", b"a FETCH 1 BODY[\r\n", b"a LIST\r\n",
        b"a LOGIN " + b"x " * 300 + b"\r\n", b"a AUTHENTICATE PLAIN =notbase64\r\n", b"a AUTHENTICATE X y\r\n",
    ],
)  # fmt: skip
def test_what_is_no_command_is_told_so_and_the_next_one_is_followed(place, said):
    world, _ = place
    with socket.create_connection(("127.0.0.1", world.letters_port), timeout=10) as line:
        file = line.makefile("rb")
        assert file.readline().startswith(b"* OK")
        line.sendall(said + b"z CAPABILITY\r\n")
        answers = []
        while not answers or not answers[-1].startswith(b"z "):
            answers.append(file.readline())
            assert answers[-1]
    assert answers[-1] == b"z OK done\r\n"
    assert any(b" BAD " in one or b" NO " in one for one in answers[:-1])


def test_who_says_too_much_is_cut_off(place):
    world, _ = place
    for flood in (b"a" * 100_000, b"a LOGIN {999999}\r\n"):
        with socket.create_connection(("127.0.0.1", world.letters_port), timeout=10) as line:
            file = line.makefile("rb")
            file.readline()
            line.sendall(flood)
            assert file.read() == b""
    with box(place) as client:
        assert uids(client)
