"""What a preview says of itself: how often it looked, where stored data starts, what it could not count."""

from __future__ import annotations

from typing import Any

from vigie.views.web.pages.alerts import words
from vigie.views.web.request_context import RequestContext


def has_no_data(preview: Any) -> bool:
    """Tell whether a dry run had nothing to look at, which is not the same as nothing to tell."""
    return bool(preview.unknown) and not preview.looked_at


def preview_sentences(context: RequestContext, preview: Any) -> list[str]:
    """Return what a dry run says of itself, in sentences."""
    sentences = []
    if preview.publishers:
        text = context.text("It watches these publishers: %(names)s.")
        sentences.append(text % {"names": ", ".join(preview.publishers)})
    if preview.every_ms:
        text = context.text(
            "The preview looks every %(time)s, so it misses what came and went; the alert looks every few seconds."
        )
        sentences.append(text % {"time": context.lang.took(preview.every_ms)})
    if preview.since is not None:
        text = context.text("Stored data starts on %(day)s.")
        sentences.append(text % {"day": context.lang.day(preview.since)})
    if "settled_funding" in preview.notes:
        sentences.append(
            context.text("Funding rates are the settled ones, not those venues announced in between.")
        )
    if "held_now" in preview.notes:
        sentences.append(
            context.text(
                "It takes what you own now, at the prices of each day. At most three a week are sent."
            )
        )
    if preview.unknown:
        names = {
            **words.subjects(context, "desk"), "spread_bps": context.text("the spread"),
            "funding_8h": context.text("funding"), "open_interest": context.text("open interest"),
            "bars": context.text("prices"), "registers": context.text("registers"),
            "list": context.text("the list of emerging coins"),
        }  # fmt: skip
        what = ", ".join(names.get(name, name) for name in preview.unknown)
        text = context.text("Not counted, because no history is stored: %(what)s.")
        sentences.append(text % {"what": what})
    return sentences
