"""What only a demonstration has: mails that its own server took, and articles of its newsroom, as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'\[\]{}|\\^`]+")
_TRAILING: Final = ".,;:!?)"


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the list."""
    return {"table": visit.ask("demo.mails")}


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for one mail."""
    number = visit.params["number"]
    if not (number.isascii() and number.isdigit() and len(number) < 10 and int(number)):
        raise NotFound(f"there is no mail {number!r} in the demonstration's mailbox")
    mail = visit.ask("demo.mail", number=int(number))
    return {
        "mail": mail,
        "sent": next((one.value for one in mail.headers if one.name.lower() == "date"), ""),
        "plain": [with_links(line) for line in mail.plain.splitlines() if line.strip()],
        "marked_up": [with_links(line) for line in mail.marked_up.splitlines()],
    }


def show_article(visit: Visit) -> Mapping[str, Any]:
    """Ask for an article; what is no address of the newsroom has none."""
    url = visit.query.get("url", "")
    if not url:
        return {"article": None, "lines": []}
    try:
        article = visit.ask("demo.article", url=url)
    except UsageError as fault:
        raise NotFound("the demonstration's newsroom has no such address") from fault
    # Its page begins with the publisher's name and the title, which the page has above.
    lines = article.text.splitlines()
    after = lines.index(article.title) + 1 if article.title in lines else 0
    return {"article": article, "lines": [with_links(line) for line in lines[after:]]}


def with_links(text: str) -> list[tuple[str, str]]:
    """Cut a line where addresses stand in it: (text, address), the address empty for plain text."""
    pieces, at = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_TRAILING)
        pieces += [(text[at : found.start()], ""), (address, address)]
        at = found.start() + len(address)
    return [piece for piece in (*pieces, (text[at:], "")) if piece[0]]


PAGES = (
    Page(
        name="demo_mail",
        path="/demo/mail",
        title="Mailbox of the demonstration",
        description="Mails that the demonstration's own mail server took; none of them leaves this machine.",
        show=show,
        scope="admin",
    ),
    Page(
        name="demo_mail_one",
        path="/demo/mail/{number}",
        title="Mail",
        description="One mail of the demonstration with its times, its text and its headers, shown as text only.",
        show=show_one,
        template="mail.html",
        scope="admin",
    ),
    Page(
        name="demo_article",
        path="/demo/article",
        title="Article of the demonstration",
        description="An article of the simulated newsroom, shown as text: its address opens nowhere else.",
        show=show_article,
        template="article.html",
    ),
)
