"""Templates as pictures: each is the board that it begins, drawn with the numbers of now and without being kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import NotFound
from vigie.services.studio.plan import PRESETS, preset_plan
from vigie.views.publishing.embed import svg_file
from vigie.views.web.pages.studio.credits import name_credits
from vigie.views.web.request_context import RequestContext

# A browser keeps a picture for so long: numbers of a template need not be newer.
_KEPT_S: Final = 600
_EMPTY: Final = "empty"


def show_template(context: RequestContext) -> Response:
    """Draw a template in the reader's language and house style."""
    name = context.params["name"]
    if name not in PRESETS or name == _EMPTY:
        raise NotFound("no_template", "there is no template {name!r}", name=name[:40])
    style = context.call("studio.style").style
    plan = preset_plan(
        name,
        language=style.language or context.lang.content_language,
        shape="wide",
        zone=context.lang.zone,
        currency=context.currency,
    )
    filled = context.call("studio.preview", plan=plan.model_dump(mode="json"))
    board = replace(name_credits(context, filled.board), style=style)
    headers = {"Cache-Control": f"private, max-age={_KEPT_S}", "Vary": "Cookie, Accept-Language"}
    return Response(svg_file(board), media_type="image/svg+xml", headers=headers)


def template_cards(context: RequestContext) -> list[dict[str, str]]:
    """Return what one can begin with: name, title, a sentence and the address of its picture."""
    about = {
        "two_assets": context.text(
            "Two coins side by side over three periods, with a table of their changes."
        ),
        "one_chart": context.text("The price of one coin over a year, as a line."),
        "movers": context.text("The coins that rose and fell most in a day, as a table."),
        "market": context.text("The whole market as tiles: size by value, colour by change."),
        "words": context.text("The words that stand out in the week's headlines."),
        _EMPTY: context.text("Nothing on it yet: add charts, tables, words and maps yourself."),
    }
    language = context.lang.content_language
    # Its style is part of the picture, so it is part of its address.
    look = context.call("studio.style").revision
    return [
        {
            "name": row["preset"],
            "title": row.get(language, row["en"]) or context.text("Empty board"),
            "about": about[row["preset"]],
            "picture": ""
            if row["preset"] == _EMPTY
            else f"/studio/templates/{row['preset']}.svg?look={look}&language={language}",
        }
        for row in context.call("studio.presets").rows
    ]
