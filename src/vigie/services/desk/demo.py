"""The demonstration's mailbox and newsstand, as text, whatever they hold.

Mails that its own server took; articles of its newsroom, whose addresses open nowhere.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Nothing, Table, operation

SOURCE: Final = "simulated"
COLUMNS: Final = [
    Column(name="number", title="Mail", unit="count"),
    Column(name="ts", title="Taken", unit="ms", definition="The simulated market's time.", source=SOURCE),
    Column(name="subject", title="Subject"),
    Column(name="recipients", title="Recipient"),
    Column(name="sender", title="From"),
    Column(name="size", title="Size", unit="bytes", source=SOURCE),
]
# What begins a line of its own, and what is not text.
_BLOCKS: Final = frozenset("p br div tr li h1 h2 h3 h4 h5 h6 table ul ol hr blockquote pre section".split())
_LANGUAGES: Final = ("en", "fr")
_SILENT: Final = frozenset("script style head title template noscript svg math".split())


class MailAsk(Ask):
    """One mail."""

    number: int = Field(ge=1, le=10**9, description="Of the mail, as listed.", examples=[1])


class Header(BaseModel):
    """One header of a mail."""

    name: str
    value: str


class MailAnswer(Answer):
    """One mail; `plain` is its text part, `marked_up` what its HTML part says, as text with its links."""

    number: int
    ts: int
    sender: str
    recipients: list[str]
    subject: str
    size: int
    headers: list[Header]
    plain: str
    marked_up: str


class ArticleAsk(Ask):
    """One article."""

    url: str = Field(
        min_length=10,
        max_length=2_000,
        pattern=r"^https://[a-z0-9.-]{1,200}\.example(/[^\s?#]*)?$",
        description="Its address in the simulated newsroom.",
        examples=["https://chainpost.example/"],
    )


class ArticleAnswer(Answer):
    """One article as text; `title` is empty where nothing stands at the address, or nothing any more."""

    url: str
    host: str
    language: str
    title: str
    text: str


@operation("demo.mails", scope="admin", is_change=False)
def list_mails(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the mails that the demonstration's mail server took, newest first; elsewhere there are none."""
    mails = house.mailbox.newest() if house.mailbox is not None else []
    rows: list[dict[str, Any]] = [
        {
            "number": one.number, "ts": one.ts, "subject": one.subject, "recipients": ", ".join(one.recipients),
            "sender": one.sender, "size": one.size,
        }
        for one in mails
    ]  # fmt: skip
    return Table(columns=list(COLUMNS), rows=rows, total=len(rows))


@operation("demo.mail", scope="admin", example={"number": 1}, is_change=False)
def get_mail(house: House, caller: Caller, ask: MailAsk) -> MailAnswer:
    """Show one mail of the demonstration as text: markup in it is never run."""
    mail = house.mailbox.find(ask.number) if house.mailbox is not None else None
    if mail is None:
        raise NotFound(f"there is no mail {ask.number} in the demonstration's mailbox")
    return MailAnswer(
        number=mail.number, ts=mail.ts, sender=mail.sender, recipients=list(mail.recipients),
        subject=mail.subject, size=mail.size, plain=mail.text, marked_up=as_text(mail.html),
        headers=[Header(name=name, value=value) for name, value in mail.headers],
    )  # fmt: skip


@operation("demo.article", example={"url": "https://chainpost.example/"}, is_change=False)
def get_article(house: House, caller: Caller, ask: ArticleAsk) -> ArticleAnswer:
    """Show an article of the demonstration's newsroom as text; elsewhere there are none."""
    address = urlsplit(ask.url)
    host = address.netloc
    html = house.newsstand.article(host, address.path or "/") if house.newsstand is not None else None
    reader = _Reader()
    reader.feed(html or "")
    reader.close()
    text = "" if html is None else as_text(html)
    return ArticleAnswer(url=ask.url, host=host, language=reader.language, title=reader.title, text=text)


def as_text(html: str) -> str:
    """Return what a document says, line by line; links are followed by their addresses."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.said).split("\n")]
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Gathers the text of a document."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.language = ""
        self.title = ""
        self._is_heading = False
        self._silent = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h1":
            self._is_heading = not self.title
        if tag == "html":
            said = next((value or "" for name, value in attrs if name == "lang"), "")
            self.language = said if said in _LANGUAGES else ""
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.said.append("\n")
        elif tag == "a":
            self._links.append(next((value or "" for name, value in attrs if name == "href"), ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1":
            self._is_heading = False
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.said.append("\n")
        elif tag == "a" and self._links:
            link = self._links.pop()
            if link.startswith(("https://", "http://")):
                self.said.append(f" {link} ")

    def handle_data(self, data: str) -> None:
        if self._is_heading:
            self.title += data
        if not self._silent:
            self.said.append(data.replace("\n", " "))
