"""The demonstration's mailbox and newsstand, as text, whatever they hold.

Mails that its own server took; articles of its newsroom, whose addresses open nowhere.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from vigie.catalogue import complete_languages
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.mailbox import DemoMailbox
from vigie.ports.newsstand import Newsstand
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.rows import Row, shown, table_of

SOURCE: Final = "simulated"
# A PNG begins with these bytes and the chunk of its size.
_PNG: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


class DemoMailRow(Row):
    """One mail of the demo."""

    number: int = shown("E-mail", unit="count")
    ts: int = shown("Received", unit="ms", definition="Time of the simulated market.", source=SOURCE)
    subject: str = shown("Subject")
    recipients: str = shown("Recipient")
    sender: str = shown("From")
    size: int = shown("Size", unit="bytes", source=SOURCE)


# What begins a line of its own, and what is not text.
_BLOCK_TAGS: Final = frozenset(
    "p br div tr li h1 h2 h3 h4 h5 h6 table ul ol hr blockquote pre section".split()
)
_HIDDEN_TAGS: Final = frozenset("script style head title template noscript svg math".split())


class MailInput(OperationInput):
    """One mail."""

    number: int = Field(ge=1, le=10**9, description="Of the mail, as listed.", examples=[1])


class MailHeader(BaseModel):
    """One header of a mail."""

    name: str
    value: str


class MailPicture(BaseModel):
    """A PNG that came with a mail, `body` as base64."""

    name: str
    body: str


class MailAttachment(BaseModel):
    """A file that came with a mail, named and typed as its sender says; `size` in bytes, `body` as base64."""

    name: str
    kind: str
    size: int
    body: str


class MailResult(OperationResult):
    """One mail; `plain` is its text part, `marked_up` what its HTML part says, as text with its links."""

    number: int
    ts: int
    sender: str
    recipients: list[str]
    subject: str
    size: int
    headers: list[MailHeader]
    plain: str
    marked_up: str
    pictures: list[MailPicture]
    attachments: list[MailAttachment]


class ArticleInput(OperationInput):
    """One article."""

    url: str = Field(
        min_length=10,
        max_length=2_000,
        pattern=r"^https://[a-z0-9.-]{1,200}\.example(/[^\s?#]*)?$",
        description="Its address in the simulated newsroom.",
        examples=["https://chainpost.example/"],
    )


class ArticleResult(OperationResult):
    """One article as text; `title` is empty where nothing stands at the address, or nothing any more."""

    url: str
    host: str
    language: str
    title: str
    text: str


@operation("demo.mails", scope="admin", is_change=False)
def list_mails(caller: Caller, params: NoInput, mailbox: DemoMailbox | None) -> Table[DemoMailRow]:
    """List the mails that the demonstration's mail server took, newest first; elsewhere there are none."""
    mails = mailbox.newest() if mailbox is not None else []
    rows: list[DemoMailRow] = [
        DemoMailRow(
            number=mail.number,
            ts=mail.ts,
            subject=mail.subject,
            recipients=", ".join(mail.recipients),
            sender=mail.sender,
            size=mail.size,
        )
        for mail in mails
    ]
    return table_of(DemoMailRow, rows, total=len(rows))


@operation("demo.mail", scope="admin", example={"number": 1}, is_change=False)
def get_mail(caller: Caller, params: MailInput, mailbox: DemoMailbox | None) -> MailResult:
    """Show one mail of the demonstration as text: markup in it is never run."""
    mail = mailbox.find(params.number) if mailbox is not None else None
    if mail is None:
        raise NotFound(
            "no_e_mail_demo_mailbox", "there is no e-mail {number} in the demo mailbox", number=params.number
        )
    return MailResult(
        number=mail.number,
        ts=mail.ts,
        sender=mail.sender,
        recipients=list(mail.recipients),
        subject=mail.subject,
        size=mail.size,
        plain=mail.text,
        marked_up=html_to_text(mail.html),
        headers=[MailHeader(name=name, value=value) for name, value in mail.headers],
        pictures=list(_png_pictures(mail.pictures)),
        attachments=[
            MailAttachment(name=name, kind=kind, size=len(base64.b64decode(body)), body=body)
            for name, kind, body in mail.attachments
        ],
    )


def _png_pictures(attached: Iterable[tuple[str, str]]) -> Iterator[MailPicture]:
    """Yield what is a PNG, as charts are sent; other formats may hold scripts, and are not shown."""
    for name, body in attached:
        try:
            content = base64.b64decode(body, validate=True)
        except binascii.Error:
            continue
        if content.startswith(_PNG):
            yield MailPicture(name=name, body=body)


@operation("demo.article", example={"url": "https://chainpost.example/"}, is_change=False)
def get_article(caller: Caller, params: ArticleInput, newsstand: Newsstand | None) -> ArticleResult:
    """Show an article of the demonstration's newsroom as text; elsewhere there are none."""
    address = urlsplit(params.url)
    host = address.netloc
    html = newsstand.article(host, address.path or "/") if newsstand is not None else None
    extractor = _TextExtractor()
    extractor.feed(html or "")
    extractor.close()
    text = "" if html is None else html_to_text(html)
    return ArticleResult(
        url=params.url, host=host, language=extractor.language, title=extractor.title, text=text
    )


def html_to_text(html: str) -> str:
    """Return what a document says, line by line; links are followed by their addresses."""
    extractor = _TextExtractor()
    extractor.feed(html)
    extractor.close()
    lines = [" ".join(line.split()) for line in "".join(extractor.chunks).split("\n")]
    return "\n".join(line for line in lines if line)


class _TextExtractor(HTMLParser):
    """Gathers the text of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.chunks: list[str] = []
        self.language = ""
        self.title = ""
        self._is_heading = False
        self._n_hidden = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h1":
            self._is_heading = not self.title
        if tag == "html":
            lang = next((value or "" for name, value in attrs if name == "lang"), "")
            self.language = lang if lang in complete_languages() else ""
        if tag in _HIDDEN_TAGS:
            self._n_hidden += 1
        elif tag in _BLOCK_TAGS:
            self.chunks.append("\n")
        elif tag == "a":
            self._links.append(next((value or "" for name, value in attrs if name == "href"), ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._is_heading = False
        if tag in _HIDDEN_TAGS:
            self._n_hidden = max(0, self._n_hidden - 1)
        elif tag in _BLOCK_TAGS:
            self.chunks.append("\n")
        elif tag == "a" and self._links:
            link = self._links.pop()
            if link.startswith(("https://", "http://")):
                self.chunks.append(f" {link} ")

    def handle_data(self, data: str) -> None:
        if self._is_heading:
            self.title += data
        if not self._n_hidden:
            self.chunks.append(data.replace("\n", " "))
