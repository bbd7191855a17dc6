"""The lab: which models there are, one of them with its folds and its card, and the orders to train and to promote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.services.operation import Table
from vigie.services.operations.models import LearnedModelRow
from vigie.views.web.form_responses import handle_form, redirect
from vigie.views.web.model_texts import model_kinds, model_sentence
from vigie.views.web.page import Page
from vigie.views.web.pages.lab import charts
from vigie.views.web.pages.lab.explore import EXPLORE
from vigie.views.web.request_context import RequestContext

PATH: Final = "/lab"
# In the address: up to four models beside each other.
SIDES: Final = ("a", "b", "c", "d")
_FIELDS: Final = (
    "name", "instrument", "venue", "timeframe", "kind", "label", "rule", "horizon", "columns", "folds", "folding",
    "select", "search",
)  # fmt: skip


def show(context: RequestContext) -> Mapping[str, object]:
    """Ask which models there are and what can be trained."""
    table = context.call("models.list", language=context.lang.content_language)
    return {
        "table": table, "choices": context.call("models.choices"), "given": {}, "errors": [],
        "stages": stages(context), "kinds": model_kinds(context), **_compared(context, table),
    }  # fmt: skip


def _compared(context: RequestContext, table: Table[LearnedModelRow]) -> dict[str, object]:
    """Return the models that the address sets beside each other, from two on."""
    names = [f"{row.name}/{row.version}" for row in table.rows]
    picked = [context.query.get(key, "") for key in SIDES]
    chosen = list(dict.fromkeys(name for name in picked if name in names))
    values: dict[str, object] = {
        "names": names,
        "picked": dict(zip(SIDES, picked, strict=True)),
        "beside": None,
    }
    if len(chosen) < 2:
        return values
    asked = {"models": ",".join(chosen)}
    accounts = charts.read_accounts(context, chosen)
    title, text = charts.compared_title(context), charts.compared_text(context, accounts)
    frame = charts.page_frame(context, "compared", title, text)
    return {
        **values,
        "beside": context.call("models.compare", **asked, language=context.lang.content_language),
        "fold_rows": context.call("models.compare_folds", **asked),
        "compared": asked,
        "accounts_title": title,
        "accounts": charts.draw_compared(context, accounts, frame) if accounts else "",
        "legend": list(zip(charts.keys(len(accounts)), accounts, strict=True)),
    }


def show_one(context: RequestContext) -> Mapping[str, object]:
    """Ask for one model."""
    return _one(context, context.params["name"], context.query.get("version", ""))


def train(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Order a training, and lead to its job."""
    given = {name: form[name].strip() for name in _FIELDS if form.get(name, "").strip()}

    def work() -> Response:
        job = context.call("models.train", **given)
        return redirect(f"/jobs/{job.id}")

    return handle_form(context, LAB, work, lambda asked: {**show(asked), "given": given})


def move(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Bring a model to its next stage, or back to candidate."""
    name, version, what = form.get("name", ""), form.get("version", ""), form.get("what", "")

    def work() -> Response:
        if what not in ("promote", "demote"):
            raise UsageError("choose_action_promote", "choose an action: promote or demote")
        context.call(f"models.{what}", name=name, version=version or None)
        return redirect(f"{PATH}/{name}", version=version)

    return handle_form(context, MODEL, work, lambda asked: _one(asked, name, version))


def stages(context: RequestContext) -> dict[str, tuple[str, str]]:
    """Return each stage in the visitor's language, with the kind of its badge."""
    return {
        "candidate": (context.text("candidate"), ""),
        "shadow": (context.text("shadow"), "info"),
        "paper": (context.text("paper account"), "good"),
        "demo": (context.text("demo account"), "good"),
        "live": (context.text("live"), "warn"),
    }


def _one(context: RequestContext, name: str, version: str) -> dict[str, object]:
    asked = {"name": name, "version": version if version.isdecimal() else None}
    details = context.call("models.get", **asked, language=context.lang.content_language)
    return {
        "one": details,
        "sentence": model_sentence(context, details),
        "asked": {key: value for key, value in asked.items() if value},
        "folds": context.call("models.folds", **asked),
        "years": context.call("models.years", **asked),
        "markets": context.call("models.markets", **asked),
        "columns": context.call("models.columns", **asked),
        **_drawn(context, asked),
        "versions": context.call("models.list", name=name, language=context.lang.content_language),
        "stages": stages(context),
        "kinds": model_kinds(context),
        "errors": [],
    }


def _drawn(context: RequestContext, asked: Mapping[str, object]) -> dict[str, object]:
    bands, equity = context.call("models.calibration", **asked), context.call("models.equity", **asked)
    told = charts.calibration_text(context, bands), charts.equity_text(context, equity)
    titles = charts.calibration_title(context), charts.equity_title(context)
    frames = [
        charts.page_frame(context, name, title, text)
        for name, title, text in zip(("calibration", "equity"), titles, told, strict=True)
    ]
    names = charts.calibration_names(context), charts.equity_names(context)
    return {
        "bands": bands,
        "calibration": charts.draw_calibration(context, bands, frames[0]),
        "equity": charts.draw_equity(context, equity, frames[1]) if equity.rows else "",
        "told": told,
        "titles": titles,
        "legends": [list(zip(charts.keys(len(own)), own, strict=True)) for own in names],
    }


GROUP: Final = "research"
LAB = Page(
    name="lab",
    path=PATH,
    title="Lab",
    description="Models that learn from bars: how each did on what it had not seen, and how far it may go.",
    show=show,
    actions={"/lab/train": train},
    folder="lab",
)
MODEL = Page(
    name="model",
    path="/lab/{name}",
    title="Model",
    description="One model: its folds, its years, what it reads, and the gates before it trades.",
    show=show_one,
    template="model.html",
    actions={"/lab/move": move},
    folder="lab",
)
PAGES = (LAB, MODEL, EXPLORE)
