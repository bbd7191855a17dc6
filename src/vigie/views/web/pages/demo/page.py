"""What only a demonstration has: mails that its own server took, and articles of its newsroom, as text."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.services.operations.demo import MailResult
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'\[\]{}|\\^`]+")
_TRAILING: Final = ".,;:!?)"


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the list."""
    return {"table": context.call("demo.mails")}


def show_one(context: RequestContext) -> Mapping[str, Any]:
    """Ask for one mail."""
    mail = _mail(context)
    return {
        "mail": mail,
        "sent": next((header.value for header in mail.headers if header.name.lower() == "date"), ""),
        "plain": [split_links(line) for line in mail.plain.splitlines() if line.strip()],
        "marked_up": [split_links(line) for line in mail.marked_up.splitlines()],
    }


def send_attachment(context: RequestContext) -> Response:
    """Give a file that came with a mail: to be saved, never to be shown, whatever its sender calls it."""
    mail, place = _mail(context), context.params["place"]
    found = dict(enumerate(mail.attachments, 1)).get(int(place) if _is_number(place) else 0)
    if found is None:
        raise NotFound("no_attachment_demo_mail", "there is no attachment {place}", place=place)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name or 'file', safe='')}"}
    return Response(b64decode(found.body), media_type="application/octet-stream", headers=headers)


def _mail(context: RequestContext) -> MailResult:
    number = context.params["number"]
    if not _is_number(number):
        raise NotFound(
            "no_e_mail_demo_mailbox", "there is no e-mail {number!r} in the demo mailbox", number=number
        )
    mail: MailResult = context.call("demo.mail", number=int(number))
    return mail


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0


def show_article(context: RequestContext) -> Mapping[str, Any]:
    """Ask for an article; what is no address of the newsroom has none."""
    url = context.query.get("url", "")
    if not url:
        return {"article": None, "lines": []}
    try:
        article = context.call("demo.article", url=url)
    except UsageError as fault:
        raise NotFound("demo_newsroom_no_such_address", "the demo newsroom has no such address") from fault
    # Its page begins with the publisher's name and the title, which the page has above.
    lines = article.text.splitlines()
    after = lines.index(article.title) + 1 if article.title in lines else 0
    return {"article": article, "lines": [split_links(line) for line in lines[after:]]}


def split_links(text: str) -> list[tuple[str, str]]:
    """Cut a line where addresses stand in it: (text, address), the address empty for plain text."""
    pieces, position = [], 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_TRAILING)
        pieces += [(text[position : match.start()], ""), (address, address)]
        position = match.start() + len(address)
    return [piece for piece in (*pieces, (text[position:], "")) if piece[0]]


GROUP: Final = "system"
PAGES = (
    Page(
        name="demo_mail",
        path="/demo/mail",
        title="Demo mailbox",
        description="E-mails received by the demo's own mail server. None of them leaves this machine.",
        show=show,
        scope="admin",
    ),
    Page(
        name="demo_mail_one",
        path="/demo/mail/{number}",
        title="E-mail",
        description="One e-mail of the demo with its times, text and headers, shown as plain text.",
        show=show_one,
        template="mail.html",
        scope="admin",
    ),
    Page(
        name="demo_attachment",
        path="/demo/mail/{number}/attachment/{place}",
        is_in_menu=False,
        title="E-mail attachment",
        description="A file that came with an e-mail of the demo, to be saved.",
        show=send_attachment,
        scope="admin",
    ),
    Page(
        name="demo_article",
        path="/demo/article",
        is_in_menu=False,
        title="Demo article",
        description="An article of the demo newsroom, shown as text. Its address works only here.",
        show=show_article,
        template="article.html",
    ),
)
