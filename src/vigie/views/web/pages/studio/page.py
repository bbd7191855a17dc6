"""The Studio: all boards with presets to begin with, one board with its form and its picture, and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.responses import HTMLResponse, Response

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.refusal import Refusal
from vigie.services.operations.studio import BoardResult
from vigie.services.operations.studio_render import FilledBoardResult
from vigie.services.studio.board import MOST_PARTS, ChartPart
from vigie.views.boards.page import board_svg
from vigie.views.boards.phrases import publishers_text
from vigie.views.publishing.forms import FORMS
from vigie.views.web.form_responses import handle_form, redirect, render_form_error
from vigie.views.web.page import Page
from vigie.views.web.pages.studio import words
from vigie.views.web.pages.studio.credits import name_credits
from vigie.views.web.pages.studio.files import send_file
from vigie.views.web.pages.studio.forms import apply_button, notes_text, plan_from_form
from vigie.views.web.pages.studio.style import STYLE
from vigie.views.web.pages.studio.templates import show_template, template_cards
from vigie.views.web.rendering import render_page
from vigie.views.web.request_context import RequestContext

# A part of a board in a refusal, as a field and before its reason.
_PART: Final = re.compile(r"plan\.parts\.(\d+)[a-z0-9_.]*")
_NAMED_PART: Final = re.compile(rf"{_PART.pattern}: ")
# Of pictures whose height does not follow from their parts: their place is kept while they load.
SIZES: Final = {"wide": (1600, 900), "square": (1200, 1200)}
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
        "templates": template_cards(context),
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


def _board_values(
    context: RequestContext, board: BoardResult, preview: FilledBoardResult | None = None
) -> dict[str, Any]:
    filled = preview or context.call("studio.fill", board=board.board)
    board_credits = name_credits(context, filled.board).credits
    return {
        "one": board,
        "full": filled,
        "credits": board_credits,
        # With the house style the picture changes, so its address does.
        "look": context.call("studio.style").revision,
        "publishers": publishers_text(board_credits),
        "preview": "",
        "trouble": "",
        "size": SIZES.get(filled.board.shape),
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
        values = {**_board_values(context, current), "plan": _typed_plan(before, plan)}
        return render_form_error(context, ONE, values, _number_parts(fault))
    action, _, _which = button.partition(":")
    anchor = {"add": f"#part-{len(plan['parts']) - 1}", "draft": "#f-alt"}.get(action, "")
    return redirect(f"/studio/{board}{anchor}") if anchor else redirect(f"/studio/{board}", done="saved")


def preview_board(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show the picture of what the form holds without keeping it; where it cannot be drawn, that of what is kept."""
    before = context.call("studio.read", board=form.get("board", ""))
    plan = plan_from_form(form)
    try:
        filled, trouble = context.call("studio.preview", plan=plan), ""
    except NotFound:
        raise
    except UsageError as fault:
        filled, trouble = None, str(_number_parts(fault))
    values = _board_values(context, before, filled)
    if filled is not None:
        style = context.call("studio.style").style
        board = replace(name_credits(context, filled.board), style=style)
        values["preview"] = board_svg(board)
    values |= {"plan": _typed_plan(before, plan), "trouble": trouble, "errors": []}
    return HTMLResponse(render_page(context, ONE, values), 400 if trouble else 200)


def _typed_plan(before: BoardResult, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan as it was typed, with everything that its form shows."""
    full_plan = {**before.plan.model_dump(mode="json"), **plan}
    empty: dict[str, object] = {"assets": "", "title": "", "span": "1m", "start": "", "end": ""}
    empty |= {"mode": "rebased"}
    empty |= {"table": "compared", "heat": "market", "source": "", "item": "", "text": ""}
    empty |= {"of": "prices", "series": "", "measure": "funding", "news_marks": False}
    full_plan["parts"] = [{**empty, "notes": [], **part} for part in plan["parts"]]
    return full_plan


def _number_parts(fault: UsageError) -> UsageError:
    """Return a refusal that names parts as the page numbers them."""
    return type(fault)(_with_part_numbers(str(fault)))


def _with_part_numbers(text: str) -> str:
    if not isinstance(text, Refusal):
        match = _PART.fullmatch(text)
        return Refusal("part_number", "part {number}", number=int(match[1]) + 1) if match else text
    arguments = {name: _with_part_numbers(value) for name, value in text.arguments.items()}
    english = _NAMED_PART.sub(lambda match: f"part {int(match[1]) + 1}: ", str.__str__(text))
    return Refusal.with_text(text.code, english, arguments)


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
        "/studio/preview": preview_board,
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
    Page(
        name="studio_template",
        path="/studio/templates/{name}.svg",
        title="Template of a board",
        description="A Studio template as it looks with the numbers of now.",
        show=show_template,
        folder="studio",
    ),
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
