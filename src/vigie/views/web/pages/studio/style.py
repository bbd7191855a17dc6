"""The house style: its form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.services.operations.studio_style import LONGEST_NAME
from vigie.services.studio.logo import MOST_BYTES, MOST_HEIGHT, MOST_WIDTH
from vigie.views.web.answering import go, tried
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.visit import Visit

PATH: Final = "/studio/style"
WORDS: Final = ("ground", "ink", "font", "name", "numbers", "language")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the house style."""
    return values_of(visit)


def values_of(visit: Visit, given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what the page shows; `given` is what a refused form held."""
    kept = visit.ask("studio.style")
    style = kept.style
    values = {"colours": ", ".join(kept.chosen), "ground": style.ground, "ink": style.ink, "font": style.font,
              "name": style.name, "numbers": style.numbers, "language": style.language}  # fmt: skip
    return {
        "values": {**values, **(given or {})},
        "style": style,
        "revision": kept.revision,
        "fonts": [
            ("inter", "Inter"),
            ("sans", visit.text("Arimo, drawn as wide as Arial")),
            ("serif", visit.text("Tinos, drawn as wide as Times")),
        ],
        "formats": [
            ("", visit.text("As the board's language")),
            ("en", "1,234.5"),
            ("fr", "1\u202f234,5"),
        ],
        "longest_name": LONGEST_NAME,
        "most_bytes": MOST_BYTES,
        "most_size": f"{MOST_WIDTH} x {MOST_HEIGHT}",
        "may_change": visit.caller.may("write"),
        "saved": visit.query.get("saved", ""),
        "errors": [],
    }


def save(visit: Visit, form: Mapping[str, str]) -> Response:
    """Keep the house style that the form holds, or the shipped one again."""
    given = {name: form[name][:400] for name in ("colours", *WORDS) if name in form}

    def work() -> Response:
        if REFUSED in form:
            raise UsageError(form[REFUSED])
        revision = form.get("revision", "")
        known = int(revision) if revision.isdecimal() and len(revision) < 9 else None
        if form.get("do") == "reset":
            visit.ask("studio.save_style", logo="", revision=known)
            return go(PATH, saved="reset")
        logo = "" if form.get("no_logo") else form.get("image_logo") or None
        words = {name: given[name] for name in WORDS if name in given}
        colours = [one for one in re.split(r"[\s,;]+", given.get("colours", "")) if one]
        visit.ask("studio.save_style", **words, colours=colours, logo=logo, revision=known)
        return go(PATH, saved="yes")

    return tried(visit, STYLE, work, lambda again: values_of(again, given))


STYLE = Page(
    name="studio_style",
    path=PATH,
    title="House style",
    description="Colours, font, name, logo and number format of your boards, checked so that all can be read.",
    show=show,
    template="style.html",
    acts={PATH: save},
    files={PATH: "image_logo"},
    folder="studio",
)
