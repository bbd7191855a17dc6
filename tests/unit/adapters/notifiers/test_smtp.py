"""E-mail handed over to a real server on loopback: what it takes, what it refuses, and how that is told."""

from __future__ import annotations

import asyncio
import email
import ipaddress
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.clocks import START, JumpingClock
from vigie.adapters.notifiers.mail import smtp
from vigie.adapters.notifiers.mail.smtp import SmtpNotifier, mail_server
from vigie.domain.errors import AuthError, ConfigError, ConnectorError, OutcomeUnknown, TransientError
from vigie.ports.notifier import OutgoingMessage

MESSAGE = OutgoingMessage(
    "d1", "reader@example.org", "Une amende, 12 M€", "Texte: 12 M€\n", "<p>Texte: 12 M€</p>", "fr",
    "https://vigie.example.org/alerts/stop/abc",
)  # fmt: skip
USER, SECRET = "desk", "a secret / with: signs"


class Mailbox:
    """Takes mail, and answers as it is told."""

    def __init__(self, answer="250 kept as 17", rcpt="250 OK"):
        self.answer, self.rcpt = answer, rcpt
        self.mails = []
        self.raw = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        if not self.answer:
            server.transport.abort()
            return "250 never told"
        self.raw.append(envelope.original_content)
        self.mails.append(
            (session.ssl is not None, email.message_from_bytes(envelope.content, policy=policy.default))
        )
        return self.answer


def authenticated(server, session, envelope, mechanism, data):
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        SECRET.encode(),
    )
    return AuthResult(success=is_right, handled=False)


class Serving(Controller):
    def __init__(self, box, **more):
        self.more = more
        super().__init__(box, hostname="127.0.0.1", port=0, **more)

    @property
    def address(self):
        return f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    def _trigger_server(self):
        """Ask the port that was given before the first connection is tried on it."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def serving():
    begun = []

    def begin(box, **more):
        controller = Serving(box, **more)
        controller.start()
        begun.append(controller)
        return controller

    yield begin
    for one in begun:
        one.stop()


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A certificate for loopback, and who believes it."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(begins).not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))


def sent(url, message=MESSAGE, **more):
    notifier = SmtpNotifier(mail_server(url), "vigie@desk.example.org", JumpingClock(), **more)
    return asyncio.run(notifier.send(message))


def test_a_mail_arrives_whole_in_text_and_html(serving):
    box = Mailbox()
    assert "kept as 17" in sent(f"smtp://{serving(box).address}")
    ((_, mail),) = box.mails
    assert mail["To"].addresses[0].addr_spec == MESSAGE.to
    assert mail["From"].addresses[0].addr_spec == "vigie@desk.example.org"
    assert mail["Subject"] == MESSAGE.subject
    assert mail["Message-ID"] == "<d1@desk.example.org>"
    assert mail["Date"].datetime == datetime.fromtimestamp(START // 1_000, UTC)
    assert mail["List-Unsubscribe"] == f"<{MESSAGE.unsubscribe}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "fr"
    assert mail.get_body(("plain",)).get_content().splitlines() == MESSAGE.text.splitlines()
    assert mail.get_body(("html",)).get_content().strip() == MESSAGE.html


def test_what_mail_programs_act_on_is_neither_folded_nor_encoded(serving):
    box = Mailbox()
    url = f"https://vigie.example.org/unsubscribe/{'r' * 24}/{'c' * 24}/{'w' * 40}?é=1"
    earlier = [f"e{number}" for number in range(25)]
    given = {"unsubscribe": url, "group": "r17", "kind": "item", "earlier": earlier}
    sent(f"smtp://{serving(box).address}", replace(MESSAGE, **given))
    head = box.raw[0].partition(b"\r\n\r\n")[0].decode("ascii")
    lines = head.split("\r\n")
    assert f"List-Unsubscribe: <{url.replace('é', '%C3%A9')}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert "List-Id: <r17.alerts.desk.example.org>" in lines
    assert "Feedback-ID: r17:item:fr:vigie" in lines
    assert "In-Reply-To: <e24@desk.example.org>" in lines
    references = head.partition("References: ")[2].split()[:10]
    assert references == [f"<e{number}@desk.example.org>" for number in (0, *range(16, 25))]
    assert "=?" not in head.partition("List-Unsubscribe")[2]


@pytest.mark.parametrize(
    ("url", "is_there", "is_one_click"),
    [
        ("http://10.0.0.4:8080/unsubscribe/r/c/w", True, False),
        (f"https://vigie.example.org/{'x' * 1_000}", False, False),
        ("https://vigie.example.org/x>\r\nBcc: <all@example.org", True, True),
    ],
)
def test_one_click_needs_https_and_a_line_that_may_be_sent(serving, url, is_there, is_one_click):
    box = Mailbox()
    sent(f"smtp://{serving(box).address}", replace(MESSAGE, unsubscribe=url))
    ((_, mail),) = box.mails
    assert (mail["List-Unsubscribe"] is not None, mail["List-Unsubscribe-Post"] is not None) == (
        is_there, is_one_click,
    )  # fmt: skip
    assert mail["Bcc"] is None


@pytest.mark.parametrize("subject", ["two\nlines", "two\r\nBcc: other@example.org"])
def test_a_subject_of_several_lines_adds_no_header(serving, subject):
    box = Mailbox()
    sent(f"smtp://{serving(box).address}", replace(MESSAGE, subject=subject))
    ((_, mail),) = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == " ".join(subject.split())


@pytest.mark.parametrize(
    "subject",
    [
        "L\u2019amende : 12 M\u20ac, d\u00e9j\u00e0 " * 20,
        "x\r\nBcc: other@example.org\r\n\r\n<script>",
        "x\rBcc: other@example.org",
        "x\u2028Bcc: other@example.org\u2029y",
        "x\x85Bcc: other@example.org",
        "x\x0b\x0cBcc: other@example.org",
        "=?utf-8?q?x=0D=0ABcc=3A_other=40example.org?=",
        "\u202egnp.exe \U0001f600",
    ],
)
def test_a_subject_goes_over_the_wire_in_ascii_and_as_one_header(serving, subject):
    box = Mailbox()
    sent(f"smtp://{serving(box).address}", replace(MESSAGE, subject=subject))
    (raw,) = box.raw
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert not {sign for sign in head if sign < 32} - {13, 10}
    assert head.count(b"\r") == head.count(b"\n") == head.count(b"\r\n")
    lines = head.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    names = [line.partition(b":")[0].lower() for line in lines if line[:1] not in (b" ", b"\t")]
    assert names.count(b"subject") == 1
    assert b"bcc" not in names
    assert set(names) <= {
        b"from", b"to", b"subject", b"date", b"message-id", b"auto-submitted", b"list-unsubscribe",
        b"list-unsubscribe-post", b"content-language", b"content-type", b"mime-version", b"x-peer",
        b"x-mailfrom", b"x-rcptto", b"content-transfer-encoding", b"feedback-id",
    }  # fmt: skip


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "a@b\nBcc: c@d",
        "a b@c",
        "@",
        "=?utf-8?q?a=0D=0ABcc=3Ac=40d?=@b.example",
        "a@=?utf-8?q?b=0D=0AX?=",
    ],
)
def test_what_is_no_address_is_refused(serving, to):
    box = Mailbox()
    with pytest.raises(ConnectorError, match="is not an e-mail address"):
        sent(f"smtp://{serving(box).address}", replace(MESSAGE, to=to))
    assert box.mails == []


@pytest.mark.parametrize(
    ("box", "error", "said"),
    [
        (Mailbox(answer="451 busy, later"), TransientError, "451: busy, later"),
        (Mailbox(answer="554 looks like spam"), ConnectorError, "554: looks like spam"),
        (Mailbox(rcpt="450 mailbox full"), TransientError, "450: mailbox full"),
        (Mailbox(rcpt="550 no such user"), ConnectorError, "550: no such user"),
        (Mailbox(answer=""), OutcomeUnknown, "does not answer"),
    ],
)
def test_what_a_server_refuses_is_told_by_what_comes_next(serving, box, error, said):
    with pytest.raises(error, match=said):
        sent(f"smtp://{serving(box).address}")
    assert box.mails == [] or not box.answer.startswith("2")


def test_where_nobody_listens_it_is_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(TransientError, match="does not answer as a mail server"):
        sent(f"smtp://127.0.0.1:{port}")


def test_a_password_is_sent_over_encryption_only(serving, certified):
    box, (server, trust) = Mailbox(), certified
    address = serving(
        box, tls_context=server, require_starttls=True, auth_required=True, authenticator=authenticated
    ).address
    sent(f"smtp://{USER}:a%20secret%20%2F%20with%3A%20signs@{address}", trust=trust)
    assert [is_encrypted for is_encrypted, _ in box.mails] == [True]
    with pytest.raises(AuthError, match="refuses user name and password"):
        sent(f"smtp://{USER}:wrong@{address}", trust=trust)


def test_a_certificate_that_nobody_believes_is_not_believed(serving, certified):
    box = Mailbox()
    address = serving(box, tls_context=certified[0], require_starttls=True).address
    with pytest.raises(TransientError):
        sent(f"smtp://{address}")
    assert box.mails == []


def test_a_server_without_encryption_needs_no_certificates(serving, monkeypatch):
    box = Mailbox()
    monkeypatch.setattr(smtp, "machine_ssl_context", lambda: pytest.fail("certificates were read"))
    sent(f"smtp://{serving(box).address}")
    assert [is_encrypted for is_encrypted, _ in box.mails] == [False]


@pytest.mark.parametrize(
    ("url", "port", "is_wrapped"),
    [
        ("smtps://a:b@example.org", 465, True),
        ("smtp://mail.example.org", 587, False),
        ("smtp://m:25", 25, False),
    ],
)
def test_an_address_of_a_server_is_read(url, port, is_wrapped):
    server = mail_server(url)
    assert (server.port, server.is_implicit_tls) == (port, is_wrapped)
    assert "a secret" not in repr(replace(server, password="a secret"))


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "smtp://x:port", "smtps://:465"])
def test_what_is_no_address_of_a_server_is_refused_without_its_secret(url):
    with pytest.raises(ConfigError) as told:
        mail_server(url)
    assert url not in str(told.value) or not url
