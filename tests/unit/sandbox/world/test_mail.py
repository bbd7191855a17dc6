"""The world's mail server, spoken to by the standard library's client, and what it kept."""

import smtplib
from email.message import EmailMessage

import httpx
import pytest

from tests.unit.sandbox.world.hands import go, small_world
from vigie_sandbox.world.mailbox import MAX_MAILS, Mailbox
from vigie_sandbox.world.server import serving

HOSTILE = '<p onclick="x()">Hé</p><script>alert(1)</script><img src="http://tracker.example/p.gif">'


def message(subject="Régulateur : Bitcoin", **more):
    """Return a message of text and HTML."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Vigie <vigie@home.example>", "anna@desk.example", subject
    for name, value in more.items():
        mail[name] = value
    mail.set_content("Bonjour, ça marche.\n")
    mail.add_alternative(HOSTILE, subtype="html")
    return mail


@pytest.fixture
def world():
    return small_world()


@pytest.fixture
def client(world):
    with serving(world) as url, httpx.Client(base_url=url, trust_env=False) as opened:
        yield opened


def send(client, mail, to="anna@desk.example"):
    """Send a message by SMTP to where the world says that it takes mail."""
    where = client.get("/mail").json()["smtp"]
    with smtplib.SMTP(where["host"], where["port"], timeout=20) as smtp:
        return smtp.send_message(mail, to_addrs=to)


def test_a_mail_is_taken_listed_and_shown_whole(world, client):
    go(world, 90_000)
    assert send(client, message()) == {}
    told = client.get("/mail").json()
    (short,) = told["mails"]
    assert told["taken"] == short["number"] == 1
    assert short["subject"] == "Régulateur : Bitcoin"
    assert (short["sender"], short["recipients"]) == ("vigie@home.example", ["anna@desk.example"])
    assert short["ts"] == world.now_ms()
    whole = client.get("/mail/1").json()
    assert whole["text"] == "Bonjour, ça marche.\n"
    assert whole["html"].strip() == HOSTILE
    assert ["To", "anna@desk.example"] in whole["headers"]


def test_a_mail_that_cannot_be_kept_is_not_taken_and_comes_again(world, client, tmp_path):
    place = tmp_path / "mails"
    place.write_text("no folder")
    box = Mailbox(place)
    box.port = world.mailbox.port
    world.mailbox = box
    with pytest.raises(smtplib.SMTPDataError, match="452"):
        send(client, message())
    place.unlink()
    assert send(client, message()) == {}
    assert [one.number for one in world.mailbox.newest()] == [1]


def test_mails_are_listed_newest_first_and_thrown_away_on_demand(client):
    for subject in ("one", "two"):
        send(client, message(subject))
    assert [one["subject"] for one in client.get("/mail").json()["mails"]] == ["two", "one"]
    assert client.delete("/mail").json()["mails"] == []
    assert client.get("/mail/1").status_code == 404
    assert client.get("/mail/x").status_code == 404
    send(client, message("three"))
    assert [one["number"] for one in client.get("/mail").json()["mails"]] == [3]


def test_the_mailbox_keeps_the_newest_only():
    box = Mailbox()
    for number in range(MAX_MAILS + 5):
        box.receive("a@b.example", ["c@d.example"], message(f"n{number}").as_bytes(), number)
    kept = box.newest()
    assert (len(kept), kept[0].subject, kept[-1].number) == (MAX_MAILS, f"n{MAX_MAILS + 4}", 6)
    assert box.received_count == MAX_MAILS + 5


@pytest.mark.parametrize(
    ("kind", "code"),
    [("429", 451), ("5xx", 554)],
)
def test_a_mail_is_refused_for_now_or_for_good_where_a_fault_says_so(world, client, kind, code):
    world.faults.add({"service": "mail", "kind": kind})
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(client, message())
    assert refused.value.smtp_code == code
    assert client.get("/mail").json()["taken"] == 0
    assert send(client, message()) == {}


def test_a_mail_can_be_taken_without_an_answer(world, client):
    world.faults.add({"service": "mail", "kind": "half-body"})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(client, message())
    assert client.get("/mail").json()["taken"] == 1


def test_a_fault_can_be_that_of_one_recipient(world, client):
    world.faults.add({"service": "mail", "kind": "5xx", "path": "bob@"})
    assert send(client, message()) == {}
    with pytest.raises(smtplib.SMTPDataError):
        send(client, message(), to="bob@desk.example")


def test_a_mail_that_is_too_large_is_refused(client):
    mail = message()
    mail.add_attachment(b"0" * 2_100_000, maintype="application", subtype="octet-stream", filename="big")
    with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError, smtplib.SMTPServerDisconnected)):
        send(client, mail)
    assert client.get("/mail").json()["taken"] == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00 no headers at all",
        b"Subject: =?nonsense?Q?=ff?=\r\n\r\ntext",
        b"Subject: \xe9\xff\x00raw\r\nContent-Type: text/plain; charset=klingon\r\n\r\nb\xe9",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 80,
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!not base64!!",
        b"Subject: a\r\n b\r\n\tc\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhello",
    ],
    ids=["nothing", "no-headers", "encoding", "raw-bytes", "parts", "base64", "nested"],
)
def test_what_is_hardly_a_mail_is_kept_all_the_same(raw):
    import json

    mail = Mailbox().receive("", ["c@d.example"], raw, 0)
    told = json.dumps(mail.to_json(is_whole=True), ensure_ascii=False).encode("utf-8")
    assert b"\\u0000" not in told
    assert "\n" not in mail.subject
    assert mail.size == len(raw)
