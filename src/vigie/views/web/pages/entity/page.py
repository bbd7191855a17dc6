"""An entity: names, relations, sentiment over time, timeline, prices, licences, sources; follow it, correct names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound, UsageError
from vigie.drawing.frame import Frame
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.page import Page
from vigie.views.web.pages.entity.charts import chart_description, mood_chart
from vigie.views.web.pages.news import register_words, words
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, Any] | Response:
    """Ask for the entity."""
    values = _entity_values(context, context.params["id"])
    if values["entity"].into and not context.query.get("done"):
        return RedirectResponse(
            context.url(f"/entity/{values['entity'].into}", merged=context.params["id"]), 303
        )
    return values


def _entity_values(context: RequestContext, name: str) -> dict[str, Any]:
    try:
        entity = context.call("entities.read", entity=name)
    except UsageError as fault:
        raise NotFound(
            "no_entity", "there is no entity {text!r}; see the entities on /news", text=name
        ) from fault
    moods = context.call("entities.sentiment", entity=name)
    relations = context.call("entities.relations", entity=name)
    return {
        "entity": entity,
        "days": moods,
        "svg": _mood_svg(context, moods.rows) if any(row["index"] is not None for row in moods.rows) else "",
        "its_name": words.translate_name(context, entity.into or name, entity.name),
        "relations": relations.model_copy(
            update={"rows": [_in_language(context, row) for row in relations.rows]}
        ),
        "prices": _prices(context, entity.assets),
        "lists": context.call("watchlists.list").rows,
        "done": context.query.get("done", ""),
        "amendment": context.query.get("amendment", ""),
        "merged": context.query.get("merged", ""),
        "given": {"what": "", "text": "", "into": ""},
        "errors": [],
        "listed": register_words.register_labels(context),
        "listed_badges": register_words.LISTED_BADGES,
        **words.label_values(context),
    }


def _in_language(context: RequestContext, row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "name": words.translate_name(context, row["entity"], row["name"])}


def _prices(context: RequestContext, assets: list[str]) -> Any:
    if not assets:
        return None
    try:
        table = context.call("markets.list", assets=",".join(assets), limit=10)
    except UsageError:
        # Named in news, not traded at any venue that is followed.
        return None
    return table if table.rows else None


def _mood_svg(context: RequestContext, rows: list[dict[str, Any]]) -> Markup:
    frame = Frame(
        "mood", context.text("30-day sentiment"), chart_description(context, rows),
        language=context.lang.language, zone=context.lang.zone,
    )  # fmt: skip
    return Markup(mood_chart(context, rows, frame))  # noqa: S704 - words are escaped where they are drawn


def follow(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Follow an entity, or follow it no more."""
    entity, to = form.get("entity", ""), form.get("to", "follow")
    operation = "entities.unfollow" if to == "unfollow" else "entities.follow"
    context.call(operation, entity=entity, watchlist=form.get("watchlist", ""))
    return redirect(f"/entity/{entity}", done="unfollowed" if to == "unfollow" else "followed")


def amend(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Say something of the names of an entity, or take it back."""
    entity, what = form.get("entity", ""), form.get("what", "")

    def work() -> Response:
        inputs = {
            "entity": entity,
            "text": form.get("text", "").strip(),
            "into": form.get("into", "").strip(),
        }
        if what == "undo":
            context.call("entities.undo", amendment=form.get("amendment", ""))
            return redirect(f"/entity/{entity}", done="undone")
        needed_fields = {
            "alias": ("entity", "text"),
            "merge": ("entity", "into"),
            "split": ("entity", "text", "into"),
        }
        if what not in needed_fields:
            raise UsageError("choose_action", "choose an action: alias, merge or split")
        amendment = context.call(f"entities.{what}", **{name: inputs[name] for name in needed_fields[what]})
        return redirect(f"/entity/{entity}", done="amended", amendment=amendment.amendment)

    def values(context: RequestContext) -> dict[str, Any]:
        return {
            **_entity_values(context, entity),
            "given": {name: form.get(name, "") for name in ("what", "text", "into")},
        }

    return handle_form(context, ENTITY, work, values, f"{what}-{'into' if what == 'merge' else 'text'}")


ENTITY = Page(
    name="entity",
    path="/entity/{id}",
    title="Entity",
    description="A person, firm or coin in the news: mentions, relations, sentiment, timeline, prices, licences, "
    "sources, names.",
    show=show,
    actions={"/entity/follow": follow, "/entity/amend": amend},
    folder="entity",
)
GROUP = "news"
PAGES = (ENTITY,)
