"""What libraries and servers say of a failure, as a sentence for people; their own words are kept as details."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vigie.views.web.refusals import translate_refusal
from vigie.views.web.request_context import RequestContext

# Told by a program for programs: a call or an object as code, a page's markup, bytes.
_RAW: Final = re.compile(
    r"<!?[a-z][^>]{0,80}>|Errno|Traceback|object at 0x|"
    r"\b[A-Z][A-Za-z]+(Error|Pool|Exception|Connection|Timeout)\b|\bb'",
    re.IGNORECASE,
)
_CAUSES: Final = (
    (r"NameResolution|getaddrinfo|Name or service not known|name resolution|nodename", "name"),
    (r"which is (no|not a) (JSON )?feed|text/html, which", "feed"),
    (r"timed? ?out", "time"),
    (r"\b429\b|too many requests", "many"),
    (r"\b(401|403)\b|unauthorized|forbidden", "shut"),
    (r"\b404\b|not found", "gone"),
    (r"\b5\d\d\b|bad gateway|service unavailable", "theirs"),
    (r"certificate|\bssl\b|\btls\b", "seal"),
    (r"Max retries|refused|reset by peer|Connect|unreachable|disconnected", "connect"),
)
_SEARCHED: Final = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in _CAUSES)


@dataclass(frozen=True, slots=True)
class ErrorText:
    """A sentence, and what was said word for word; no details where the sentence is all."""

    text: str
    details: str = ""


def explain_error(context: RequestContext, error: str) -> ErrorText:
    """Return what a connector's error means; one that was written for people is told as it is."""
    if not _RAW.search(error):
        return ErrorText(translate_refusal(context.lang, error))
    cause = next((name for pattern, name in _SEARCHED if pattern.search(error)), "")
    sentences = {
        "name": context.text("The source's address was not found. Is this machine online?"),
        "feed": context.text("This address is not a feed; it may be an ordinary web page."),
        "time": context.text("The source did not answer in time."),
        "many": context.text("The source wants fewer requests."),
        "shut": context.text("The source refused access."),
        "gone": context.text("Nothing was found at this address."),
        "theirs": context.text("The source is temporarily unavailable."),
        "seal": context.text("The source's certificate is not trusted."),
        "connect": context.text("The source could not be reached."),
    }
    return ErrorText(sentences.get(cause, context.text("The source's answer could not be read.")), error)
