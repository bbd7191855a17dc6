"""The Studio: all boards with presets to begin with, one board with its form and its picture, and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.services.studio.board import MOST_PARTS, ChartPart
from vigie.views.boards.phrases import publishers_text
from vigie.views.publishing.forms import FORMS
from vigie.views.web.form_responses import handle_form, redirect, render_form_error
from vigie.views.web.page import Page
from vigie.views.web.pages.studio import words
from vigie.views.web.pages.studio.credits import name_credits
from vigie.views.web.pages.studio.files import send_file
from vigie.views.web.pages.studio.forms import apply_button, notes_text, plan_from_form
from vigie.views.web.pages.studio.style import STYLE
from vigie.views.web.request_context import RequestContext

# What a link of another page may bring for a new part.
BROUGHT: Final = (
    "assets", "span", "mode", "item", "source", "table", "heat", "of", "series", "measure", "title",
    "news_marks",
)  # fmt: skip


def show_all(context: RequestContext) -> dict[str, Any]:
    """Ask for all boards, and what one can begin with."""
    language = context.lang.content_language
    return {
        "boards": context.call("studio.list"),
        # What a new board begins in.
        "language": context.call("studio.style").style.language or language,
        "presets": [
            (row["preset"], row.get(language, row["en"])) for row in context.call("studio.presets").rows
        ],
        "shapes": words.shapes(context),
        "kinds": words.kinds(context),
        "brought": _linked_part(context.query),
        "deleted": context.query.get("deleted", "")[:40],
        "name": context.query.get("name", "")[:200],
        "may_change": context.caller.may("write"),
        "errors": [],
    }


def _linked_part(values: Mapping[str, str]) -> dict[str, str]:
    """Return the part that a link of another page brings, nothing where there is none."""
    kind = values.get("add", "")
    if kind not in ("chart", "table", "words", "heat", "quote"):
        return {}
    return {"kind": kind, **{name: values[name][:700] for name in BROUGHT if values.get(name)}}


def show_one(context: RequestContext) -> dict[str, Any]:
    """Ask for a board, its numbers, its alternative text and how its colours are seen."""
    board = context.call("studio.read", board=context.params["id"])
    return {**_board_values(context, board), "plan": board.plan.model_dump(mode="json"), "errors": []}


def _board_values(context: RequestContext, board: Any) -> dict[str, Any]:
    filled = context.call("studio.fill", board=board.board)
    board_credits = name_credits(context, filled.board).credits
    return {
        "one": board,
        "full": filled,
        "credits": board_credits,
        # With the house style the picture changes, so its address does.
        "look": context.call("studio.style").revision,
        "publishers": publishers_text(board_credits),
        "colours": context.call("studio.colours", board=board.board),
        "files": [(name.upper(), f"/studio/{board.board}/board.{name}") for name in FORMS],
        "kinds": words.kinds(context),
        "shapes": words.shapes(context),
        "spans": words.spans(context),
        "modes": words.modes(context),
        "lines": words.lines(context),
        "measures": words.measures(context),
        "tables": words.tables(context),
        "heats": words.heats(context),
        "visions": words.visions(context),
        "notes_text": notes_text,
        "marked": [
            (part.title, part.news)
            for part in filled.board.parts
            if isinstance(part, ChartPart) and part.news is not None
        ],
        "most_parts": MOST_PARTS,
        "may_change": context.caller.may("write"),
        "done": context.query.get("done", ""),
    }


def create_board(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make a board from a preset, or out of what another page brought, and open it."""

    def work() -> Response:
        part = _linked_part(form)
        choices = {name: form[name] for name in ("preset", "shape", "language") if form.get(name)}
        created = context.call(
            "studio.begin",
            zone=context.lang.zone,
            currency=context.currency,
            **{
                "language": context.lang.content_language,
                **choices,
                **({"preset": "empty"} if part else {}),
            },
        )
        if part:
            context.call("studio.add", board=created.board, part=part)
        return redirect(f"/studio/{created.board}")

    return handle_form(context, ALL, work, show_all)


def add_part(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add what another page brought to a board."""

    def work() -> Response:
        context.call("studio.add", board=form.get("board", ""), part=_linked_part(form))
        return redirect(f"/studio/{form.get('board', '')}")

    return handle_form(context, ALL, work, show_all)


def save_board(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep what the form holds, after what its button asks for; what was typed stays where it is refused."""
    board = form.get("board", "")
    before = context.call("studio.read", board=board)
    button = form.get("do", "save")
    plan = apply_button(plan_from_form(form), button)
    revision = form.get("revision", "")
    try:
        saved = context.call(
            "studio.save", board=board, plan=plan, revision=revision if revision.isdecimal() else None
        )
        if button == "draft":
            drafted = context.call("studio.alt", board=board).drafted
            context.call("studio.save", board=board, plan={**plan, "alt": drafted}, revision=saved.revision)
    except NotFound:
        raise
    except UsageError as fault:
        current = context.call("studio.read", board=board) if isinstance(fault, Conflict) else before
        full_plan = {**before.plan.model_dump(mode="json"), **plan}
        empty: dict[str, Any] = {"assets": "", "title": "", "span": "1m", "start": "", "end": ""}
        empty |= {"mode": "rebased"}
        empty |= {"table": "compared", "heat": "market", "source": "", "item": "", "text": ""}
        empty |= {"of": "prices", "series": "", "measure": "funding", "news_marks": False}
        full_plan["parts"] = [{**empty, "notes": [], **part} for part in plan["parts"]]
        return render_form_error(
            context, ONE, {**_board_values(context, current), "plan": full_plan}, _number_parts(fault)
        )
    action, _, _which = button.partition(":")
    anchor = {"add": f"#part-{len(plan['parts']) - 1}", "draft": "#f-alt"}.get(action, "")
    return redirect(f"/studio/{board}{anchor}") if anchor else redirect(f"/studio/{board}", done="saved")


def _number_parts(fault: UsageError) -> UsageError:
    """Return a refusal that names parts as the page numbers them."""
    message = re.sub(
        r"plan\.parts\.(\d+)[a-z0-9_.]*: ", lambda match: f"part {int(match[1]) + 1}: ", str(fault)
    )
    return type(fault)(message)


def delete_board(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Delete a board, with the way back."""
    deleted = context.call("studio.delete", board=form.get("board", ""))
    return redirect("/studio", deleted=deleted.board, name=deleted.plan.title)


def restore_board(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Bring a deleted board back."""
    restored = context.call("studio.restore", board=form.get("board", ""))
    return redirect(f"/studio/{restored.board}")


ALL = Page(
    name="studio",
    path="/studio",
    title="Studio",
    description="Charts, tables, word clouds and quotes on a board. Export as image, table or embed, with "
    "sources.",
    show=show_all,
    actions={
        "/studio": create_board,
        "/studio/add": add_part,
        "/studio/save": save_board,
        "/studio/delete": delete_board,
        "/studio/restore": restore_board,
    },
    folder="studio",
)
ONE = Page(
    name="board",
    path="/studio/{id}",
    title="Board",
    description="A Studio board: its image, its files and the form to edit it.",
    show=show_one,
    template="board.html",
    folder="studio",
)
GROUP: Final = "news"
PAGES = (
    ALL,
    # Before boards, whose addresses it would be taken for.
    STYLE,
    ONE,
    Page(
        name="board_file",
        path="/studio/{id}/board.{form}",
        title="File of a board",
        description="A Studio board as SVG, PNG, XLSX, CSV (ZIP) or HTML embed.",
        show=send_file,
        folder="studio",
    ),
)
