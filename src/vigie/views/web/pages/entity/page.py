"""An entity: names, relations, sentiment over time, timeline, prices, licences, sources; follow it, mend its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.drawing.frame import Frame
from vigie.views.web.answering import go, tried
from vigie.views.web.page import Page
from vigie.views.web.pages.entity.charts import described, mood_chart
from vigie.views.web.pages.news import register_words, words
from vigie.views.web.visit import Visit


def show(visit: Visit) -> Mapping[str, Any] | Response:
    """Ask for the entity."""
    shown = _shown(visit, visit.params["id"])
    if shown["entity"].into and not visit.query.get("done"):
        return RedirectResponse(visit.url(f"/entity/{shown['entity'].into}", merged=visit.params["id"]), 303)
    return shown


def _shown(visit: Visit, name: str) -> dict[str, Any]:
    try:
        entity = visit.ask("entities.read", entity=name)
    except UsageError as fault:
        raise NotFound(f"there is no entity {name!r}; /news names those of its items") from fault
    moods = visit.ask("entities.sentiment", entity=name)
    relations = visit.ask("entities.relations", entity=name)
    return {
        "entity": entity,
        "days": moods,
        "svg": _drawn(visit, moods.rows) if any(row["index"] is not None for row in moods.rows) else "",
        "its_name": words.in_language(visit, entity.into or name, entity.name),
        "relations": relations.model_copy(
            update={"rows": [_in_language(visit, row) for row in relations.rows]}
        ),
        "prices": _prices(visit, entity.assets),
        "lists": visit.ask("watchlists.list").rows,
        "done": visit.query.get("done", ""),
        "amendment": visit.query.get("amendment", ""),
        "merged": visit.query.get("merged", ""),
        "given": {"what": "", "text": "", "into": ""},
        "errors": [],
        "listed": register_words.listed(visit),
        "listed_badges": register_words.LISTED_BADGES,
        **words.all_of(visit),
    }


def _in_language(visit: Visit, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "name": words.in_language(visit, row["entity"], row["name"])}


def _prices(visit: Visit, assets: list[str]) -> Any:
    if not assets:
        return None
    try:
        found = visit.ask("markets.list", assets=",".join(assets), limit=10)
    except UsageError:
        # Named in news, not traded at any venue that is followed.
        return None
    return found if found.rows else None


def _drawn(visit: Visit, rows: list[dict[str, Any]]) -> Markup:
    frame = Frame(
        "mood", visit.text("Sentiment over thirty days"), described(visit, rows),
        language=visit.tongue.language, zone=visit.tongue.zone,
    )  # fmt: skip
    return Markup(mood_chart(visit, rows, frame))  # noqa: S704 - words are escaped where they are drawn


def follow(visit: Visit, form: Mapping[str, str]) -> Response:
    """Follow an entity, or follow it no more."""
    entity, to = form.get("entity", ""), form.get("to", "follow")
    operation = "entities.unfollow" if to == "unfollow" else "entities.follow"
    visit.ask(operation, entity=entity, watchlist=form.get("watchlist", ""))
    return go(f"/entity/{entity}", done="unfollowed" if to == "unfollow" else "followed")


def amend(visit: Visit, form: Mapping[str, str]) -> Response:
    """Say something of the names of an entity, or take it back."""
    entity, what = form.get("entity", ""), form.get("what", "")

    def work() -> Response:
        asked = {"entity": entity, "text": form.get("text", "").strip(), "into": form.get("into", "").strip()}
        if what == "undo":
            visit.ask("entities.undo", amendment=form.get("amendment", ""))
            return go(f"/entity/{entity}", done="undone")
        wanted = {
            "alias": ("entity", "text"),
            "merge": ("entity", "into"),
            "split": ("entity", "text", "into"),
        }
        if what not in wanted:
            raise UsageError("say what is to be done: alias, merge or split")
        made = visit.ask(f"entities.{what}", **{name: asked[name] for name in wanted[what]})
        return go(f"/entity/{entity}", done="amended", amendment=made.amendment)

    def values(visit: Visit) -> dict[str, Any]:
        return {
            **_shown(visit, entity),
            "given": {name: form.get(name, "") for name in ("what", "text", "into")},
        }

    return tried(visit, ENTITY, work, values, f"{what}-{'into' if what == 'merge' else 'text'}")


ENTITY = Page(
    name="entity",
    path="/entity/{id}",
    title="Entity",
    description="Who or what news name: mentions, relations, sentiment, timeline, prices, licences, sources, names.",
    show=show,
    acts={"/entity/follow": follow, "/entity/amend": amend},
    folder="entity",
)
PAGES = (ENTITY,)
