"""The Studio: all boards with presets to begin with, one board with its form and its picture, and its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.services.studio.board import MOST_PARTS, ChartPart
from vigie.views.drawing.board.phrases import publishers_text
from vigie.views.publishing.forms import FORMS
from vigie.views.web.answering import again, go, tried
from vigie.views.web.page import Page
from vigie.views.web.pages.studio import words
from vigie.views.web.pages.studio.credits import credited
from vigie.views.web.pages.studio.files import send
from vigie.views.web.pages.studio.forms import notes_text, plan_of, turned
from vigie.views.web.pages.studio.style import STYLE
from vigie.views.web.visit import Visit

# What a link of another page may bring for a new part.
BROUGHT: Final = (
    "assets", "span", "mode", "item", "source", "table", "heat", "of", "series", "measure", "title",
    "news_marks",
)  # fmt: skip


def show_all(visit: Visit) -> dict[str, Any]:
    """Ask for all boards, and what one can begin with."""
    language = visit.tongue.language
    return {
        "boards": visit.ask("studio.list"),
        # What a new board begins in.
        "language": visit.ask("studio.style").style.language or language,
        "presets": [(row["preset"], row[language]) for row in visit.ask("studio.presets").rows],
        "shapes": words.shapes(visit),
        "kinds": words.kinds(visit),
        "brought": _brought(visit.query),
        "deleted": visit.query.get("deleted", "")[:40],
        "name": visit.query.get("name", "")[:200],
        "may_change": visit.caller.may("write"),
        "errors": [],
    }


def _brought(given: Mapping[str, str]) -> dict[str, str]:
    """Return the part that a link of another page brings, nothing where there is none."""
    kind = given.get("add", "")
    if kind not in ("chart", "table", "words", "heat", "quote"):
        return {}
    return {"kind": kind, **{name: given[name][:700] for name in BROUGHT if given.get(name)}}


def show_one(visit: Visit) -> dict[str, Any]:
    """Ask for a board, its numbers, its alternative text and how its colours are seen."""
    one = visit.ask("studio.read", board=visit.params["id"])
    return {**_shown(visit, one), "plan": one.plan.model_dump(mode="json"), "errors": []}


def _shown(visit: Visit, one: Any) -> dict[str, Any]:
    full = visit.ask("studio.fill", board=one.board)
    named = credited(visit, full.board).credits
    return {
        "one": one,
        "full": full,
        "credits": named,
        # With the house style the picture changes, so its address does.
        "look": visit.ask("studio.style").revision,
        "publishers": publishers_text(named),
        "colours": visit.ask("studio.colours", board=one.board),
        "files": [(name.upper(), f"/studio/{one.board}/board.{name}") for name in FORMS],
        "kinds": words.kinds(visit),
        "shapes": words.shapes(visit),
        "spans": words.spans(visit),
        "modes": words.modes(visit),
        "lines": words.lines(visit),
        "measures": words.measures(visit),
        "tables": words.tables(visit),
        "heats": words.heats(visit),
        "visions": words.visions(visit),
        "notes_text": notes_text,
        "marked": [
            (part.title, part.news)
            for part in full.board.parts
            if isinstance(part, ChartPart) and part.news is not None
        ],
        "most_parts": MOST_PARTS,
        "may_change": visit.caller.may("write"),
        "done": visit.query.get("done", ""),
    }


def begin(visit: Visit, form: Mapping[str, str]) -> Response:
    """Make a board from a preset, or out of what another page brought, and open it."""

    def work() -> Response:
        part = _brought(form)
        chosen = {name: form[name] for name in ("preset", "shape", "language") if form.get(name)}
        made = visit.ask(
            "studio.begin",
            zone=visit.tongue.zone,
            currency=visit.currency,
            **{"language": visit.tongue.language, **chosen, **({"preset": "empty"} if part else {})},
        )
        if part:
            visit.ask("studio.add", board=made.board, part=part)
        return go(f"/studio/{made.board}")

    return tried(visit, ALL, work, show_all)


def add(visit: Visit, form: Mapping[str, str]) -> Response:
    """Add what another page brought to a board."""

    def work() -> Response:
        visit.ask("studio.add", board=form.get("board", ""), part=_brought(form))
        return go(f"/studio/{form.get('board', '')}")

    return tried(visit, ALL, work, show_all)


def save(visit: Visit, form: Mapping[str, str]) -> Response:
    """Keep what the form holds, after what its button asks for; what was typed stays where it is refused."""
    board = form.get("board", "")
    before = visit.ask("studio.read", board=board)
    wish = form.get("do", "save")
    plan = turned(plan_of(form), wish)
    revision = form.get("revision", "")
    try:
        kept = visit.ask(
            "studio.save", board=board, plan=plan, revision=revision if revision.isdecimal() else None
        )
        if wish == "draft":
            drafted = visit.ask("studio.alt", board=board).drafted
            visit.ask("studio.save", board=board, plan={**plan, "alt": drafted}, revision=kept.revision)
    except NotFound:
        raise
    except UsageError as fault:
        now = visit.ask("studio.read", board=board) if isinstance(fault, Conflict) else before
        whole = {**before.plan.model_dump(mode="json"), **plan}
        empty: dict[str, Any] = {"assets": "", "title": "", "span": "1m", "start": "", "end": ""}
        empty |= {"mode": "rebased"}
        empty |= {"table": "compared", "heat": "market", "source": "", "item": "", "text": ""}
        empty |= {"of": "prices", "series": "", "measure": "funding", "news_marks": False}
        whole["parts"] = [{**empty, "notes": [], **part} for part in plan["parts"]]
        return again(visit, ONE, {**_shown(visit, now), "plan": whole}, _numbered(fault))
    what, _, _which = wish.partition(":")
    at = {"add": f"#part-{len(plan['parts']) - 1}", "draft": "#f-alt"}.get(what, "")
    return go(f"/studio/{board}{at}") if at else go(f"/studio/{board}", done="saved")


def _numbered(fault: UsageError) -> UsageError:
    """Return a refusal that names parts as the page numbers them."""
    told = re.sub(r"plan\.parts\.(\d+)[a-z0-9_.]*: ", lambda at: f"part {int(at[1]) + 1}: ", str(fault))
    return type(fault)(told)


def delete(visit: Visit, form: Mapping[str, str]) -> Response:
    """Delete a board, with the way back."""
    gone = visit.ask("studio.delete", board=form.get("board", ""))
    return go("/studio", deleted=gone.board, name=gone.plan.title)


def restore(visit: Visit, form: Mapping[str, str]) -> Response:
    """Bring a deleted board back."""
    back = visit.ask("studio.restore", board=form.get("board", ""))
    return go(f"/studio/{back.board}")


ALL = Page(
    name="studio",
    path="/studio",
    title="Studio",
    description="Charts, tables, words and quotes on a board, exported as picture, table or embed with source.",
    show=show_all,
    acts={
        "/studio": begin,
        "/studio/add": add,
        "/studio/save": save,
        "/studio/delete": delete,
        "/studio/restore": restore,
    },
    folder="studio",
)
ONE = Page(
    name="board",
    path="/studio/{id}",
    title="Board",
    description="One board of the Studio: its picture, its files, and the form that changes it.",
    show=show_one,
    template="board.html",
    folder="studio",
)
PAGES = (
    ALL,
    # Before boards, whose addresses it would be taken for.
    STYLE,
    ONE,
    Page(
        name="board_file",
        path="/studio/{id}/board.{form}",
        title="File of a board",
        description="A board of the Studio as SVG, PNG, XLSX, CSV in a ZIP, or as HTML to embed.",
        show=send,
        folder="studio",
    ),
)
