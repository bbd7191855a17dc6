"""The house style: its form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.catalogue import complete_languages
from vigie.domain.errors import UsageError
from vigie.intelligence.market.words import numbers_of
from vigie.services.operations.studio_style import LONGEST_NAME
from vigie.services.studio.logo import MOST_BYTES, MOST_HEIGHT, MOST_WIDTH
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.forms import REFUSED, whole_number
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext

PATH: Final = "/studio/style"
WORDS: Final = ("ground", "ink", "font", "name", "numbers", "language")


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the house style."""
    return style_values(context)


def style_values(context: RequestContext, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the page shows; `typed` is what a refused form held."""
    stored = context.call("studio.style")
    style = stored.style
    values = {"colours": ", ".join(stored.chosen), "ground": style.ground, "ink": style.ink, "font": style.font,
              "name": style.name, "numbers": style.numbers, "language": style.language}  # fmt: skip
    return {
        "values": {**values, **(typed or {})},
        "style": style,
        "revision": stored.revision,
        "fonts": [
            ("inter", "Inter"),
            ("sans", context.text("Arimo (like Arial)")),
            ("serif", context.text("Tinos (like Times)")),
        ],
        "formats": [
            ("", context.text("Same as board language")),
            *((code, numbers_of(code).number(1_234.5, 1)) for code in complete_languages()),
        ],
        "longest_name": LONGEST_NAME,
        "most_bytes": MOST_BYTES,
        "most_size": f"{MOST_WIDTH} x {MOST_HEIGHT}",
        "may_change": context.caller.may("write"),
        "saved": context.query.get("saved", ""),
        "errors": [],
    }


def save_style(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep the house style that the form holds, or the shipped one again."""
    changes = {name: form[name][:400] for name in ("colours", *WORDS) if name in form}

    def work() -> Response:
        if REFUSED in form:
            raise UsageError(form[REFUSED])
        known_revision = whole_number(form.get("revision", ""), 8)
        if form.get("do") == "reset":
            context.call("studio.save_style", logo="", revision=known_revision)
            return redirect(PATH, saved="reset")
        logo = "" if form.get("no_logo") else form.get("image_logo") or None
        words = {name: changes[name] for name in WORDS if name in changes}
        colours = [colour for colour in re.split(r"[\s,;]+", changes.get("colours", "")) if colour]
        context.call("studio.save_style", **words, colours=colours, logo=logo, revision=known_revision)
        return redirect(PATH, saved="yes")

    return handle_form(context, STYLE, work, lambda again_context: style_values(again_context, changes))


STYLE = Page(
    name="studio_style",
    path=PATH,
    title="House style",
    description="Colours, font, name, logo and number format of your boards, checked for readability.",
    show=show,
    template="style.html",
    actions={PATH: save_style},
    files={PATH: "image_logo"},
    folder="studio",
)
