"""The sentence that a rule is made with: what its blanks hold, from a rule, an address or a form, and its preview."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.time import DAY_MS
from vigie.intelligence.market.screener import parse_where
from vigie.services.operations.alert_channels import AlertChannelRow
from vigie.services.operations.screens import ScreenFieldRow
from vigie.views.web.pages.alerts import preview_words, setup_words, words
from vigie.views.web.pages.alerts.drawings import days_drawing
from vigie.views.web.pages.markets.bounds import normalize_bound
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.request_context import RequestContext

LISTS: Final = (
    "tiers", "topics", "assets", "statuses", "sources", "entities", "languages", "subjects", "turns",
    "sentiments", "accounts", "strategies", "instruments", "sides", "stages",
)  # fmt: skip
# What a list of news leads here with, and how long each of it may be.
NARROWED: Final = ("tiers", "topics", "assets", "entities", "sources", "languages", "statuses", "words")
LONGEST: Final = 200
# Kinds of rules with conditions as the screener has them.
CONDITIONED: Final = ("price", "screener")
# How much and how often is told.
DELIVERY: Final = ("quiet_from", "quiet_to", "pace", "daily_budget", "cool_down_minutes", "days")
_PLAIN: Final = re.compile(r"([a-z0-9_.]+)(>=|<=|>|<)(-?[\d.e+-]+)")
# In per cent, as people type it.
_SHARES: Final = ("fraction", "rate")
# Fields of changes: a hundredfold is no threshold that anybody waits for, "-5" means per cent.
_CHANGES: Final = "change_"


def blank_values(
    context: RequestContext, rule: Mapping[str, Any], channels: Sequence[AlertChannelRow]
) -> dict[str, Any]:
    """Return what the blanks hold: of a rule that is changed, else regulators; an address changes it."""
    usable = [channel.channel for channel in channels if channel.is_confirmed and not channel.ts_dead]
    if rule:
        time_left = max(0, rule["ts_expires"] - context.app_context.clock.wall_now())
        values = {**rule, "days": -(-time_left // DAY_MS)}
    else:
        values = {
            "name": "", "kind": "item", "tiers": ["regulator"], "assets": [], "topics": [], "words": "",
            "subjects": [], "turns": [], "entities": [], "sources": [], "languages": [], "statuses": [],
            "sentiments": [], "accounts": [], "strategies": [], "instruments": [], "sides": [], "stages": [],
            "least_total": None, "followed": False, "warned": False,
            "channels": usable, "pace": "at_once", "quiet_from": "", "quiet_to": "", "daily_budget": 20,
            "cool_down_minutes": 0, "days": 0,
        }  # fmt: skip
    query = context.query
    if "pace" in query and query.get("kind", "") in words.kinds(context):
        # The blanks as they were filled in: a link to a sentence.
        channels_named = [part for part in query.get("channels", "")[:LONGEST].split(",") if part]
        return {
            **values, **rule_input(query, context.lang.language), **delivery_values(query),
            "name": query.get("name", "")[:80], "channels": channels_named or values["channels"],
        }  # fmt: skip
    if not rule and query.get("kind") in words.kinds(context):
        # A search of the screener, or a list of emerging ones, leads here with what it is and is called.
        # A new price alert starts with an example that can be kept or changed.
        usual = "change_24h<=-0.05" if query["kind"] == "price" else ""
        where, name = query.get("where", "")[:LONGEST] or usual, query.get("name", "")[:80]
        values |= {"kind": query["kind"], "subjects": [where] if where else [], "name": name}
        if query["kind"] != "item":
            # Who publishes narrows news alone.
            values["tiers"] = []
        values |= _values_from_list(context)
        # By default an alert is sent when the condition becomes true, not when it ends.
        if query["kind"] in (*CONDITIONED, "peg"):
            values["turns"] = ["enters"]
    return values


def _values_from_list(context: RequestContext) -> dict[str, object]:
    """Return what a list of news was narrowed to, or which assets' prices were asked for, as a rule has it."""
    filters = {name: context.query.get(name, "").strip()[:LONGEST] for name in NARROWED}
    if context.query["kind"] == "price" and filters["assets"]:
        return {"assets": [part for part in filters["assets"].split(",") if part]}
    if context.query["kind"] != "item" or not any(filters.values()):
        return {}
    return {
        "words": filters.pop("words"),
        # Several of one kind have commas between them, as in the form.
        **{name: [part for part in value.split(",") if part] for name, value in filters.items()},
    }


def rule_input(form: Mapping[str, str], language: str = "en") -> dict[str, object]:
    """Return the conditions of a form, or of an address, as operations take them."""
    values: dict[str, object] = {"words": form.get("words", ""), "kind": form.get("kind") or "item"}
    for name in LISTS:
        values[name] = [part.strip() for part in form.get(name, "").split(",") if part.strip()]
    if form.get("least_total"):
        values["least_total"] = form["least_total"]
    conditions = [form.get("where", "").strip()]
    if form.get("field") and form.get("bound", "").strip():
        is_share = form["field"].startswith(_CHANGES)
        bound = normalize_bound(form["bound"], language, is_share=is_share)
        conditions.append(f"{form['field']}{form.get('operator', '>')}{bound}")
    if any(conditions):
        # Conditions that must all hold have commas between them: one subject.
        values["subjects"] = [",".join(filter(None, conditions))]
    values["followed"], values["warned"] = bool(form.get("followed")), bool(form.get("warned"))
    return values


def delivery_values(form: Mapping[str, str]) -> dict[str, str]:
    """Return how much and how often is told, as far as a form says it."""
    return {name: form[name] for name in DELIVERY if form.get(name)}


def editor_values(context: RequestContext, given: Mapping[str, Any]) -> dict[str, object]:
    """Return what the sentence and its settings are drawn from."""
    kind = given["kind"]
    fields = context.call("markets.fields").rows if kind in CONDITIONED else []
    return {
        "given": given,
        "fields": fields,
        "publishers": _publishers(context) if kind == "item" else (),
        "condition": _split_condition(context, given, fields),
        "subjects": words.subjects(context, kind),
        "setup_choices": _setup_choices(context, given) if kind == "setup" else {},
        "turns": words.status_changes(context, kind),
        "tiers": _options(words.tiers(context), given["tiers"]),
        "topics": _options(words.topics(context), given["topics"]),
        "believed": _options(words.reliability_choices(context), given["statuses"]),
        "tongues": _options(words.language_choices(context), given["languages"]),
        "tones": _options(words.tones(context), given["sentiments"]),
    }


def _setup_choices(context: RequestContext, given: Mapping[str, object]) -> dict[str, object]:
    total = given.get("least_total")
    return {**setup_words.choices(context, total), "total": setup_words.total_key(total)}


def _publishers(context: RequestContext) -> list[str]:
    """Return who can be named as a publisher: whoever is behind a source, and its title."""
    rows = [row for row in context.call("sources.list").rows if row["publisher"]]
    return sorted({name for row in rows for name in (row["owner"], row["title"]) if name}, key=str.casefold)


def _options(names: dict[str, str], chosen: Sequence[str]) -> dict[str, str]:
    """Return what may be chosen; several at once, which a program may have set, stay together."""
    together = {",".join(chosen): ", ".join(names.get(key, key) for key in chosen)} if len(chosen) > 1 else {}
    return {**names, **together}


def _split_condition(
    context: RequestContext, given: Mapping[str, Any], fields: Sequence[ScreenFieldRow]
) -> dict[str, str]:
    """Return one plain condition as the blanks of a sentence have it; `where` holds what is more than that."""
    subjects = [str(subject) for subject in given["subjects"]]
    usual = "items" if given["kind"] == "spike" else "price"
    blanks = {"field": usual, "operator": ">", "bound": "", "where": ",".join(subjects)}
    match = _PLAIN.fullmatch(subjects[0].replace(" ", "")) if len(subjects) == 1 else None
    units = {row.field: str(row.unit) for row in fields} | {"items": "ratio", "sentiment": "ratio"}
    if match is None or match[1] not in units or given["kind"] not in (*CONDITIONED, "spike"):
        return blanks
    bound = _typed_bound(context, match[3], units[match[1]])
    if given["kind"] in CONDITIONED and not _is_same(match[0], f"{match[1]}{match[2]}", bound, context):
        return blanks
    return {"field": match[1], "operator": match[2], "bound": bound, "where": ""}


def _typed_bound(context: RequestContext, text: str, unit: str) -> str:
    """Return a bound as a person types it: a share in per cent, a number with the point of the language."""
    try:
        number = float(text)
    except ValueError:
        return text
    if unit in _SHARES:
        return f"{context.lang.digits(_plain(number * 100))} %"
    return context.lang.digits(_plain(number))


def _plain(number: float) -> str:
    """Return a number with all its digits and none of an exponent."""
    text = f"{Decimal(f'{number:.12g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_same(condition: str, before: str, bound: str, context: RequestContext) -> bool:
    """Tell whether a blank gives the condition back that it was filled from."""
    try:
        again = parse_where(f"{before}{normalize_bound(bound, context.lang.language)}")
        return again == parse_where(condition)
    except UsageError:
        return False


def find_preview(context: RequestContext, conditions: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """Return what a rule would have told of the last 90 days, or why that cannot be said."""
    lacking = empty_preview()
    kind = conditions["kind"]
    if (kind in CONDITIONED and not any(conditions["subjects"])) or (
        kind in ("price", "spike") and not conditions["assets"]
    ):
        return {**lacking, "trouble": context.text("Fill in the blanks to see what it would have told.")}
    try:
        preview = context.call(
            "alerts.preview", **conditions, name=name[:80], language=context.lang.content_language
        )
    except (UsageError, NotFound) as fault:
        return {**lacking, "trouble": translate_refusal(context.lang, str(fault)), "refusal": fault}
    return {
        **lacking,
        "preview": preview,
        "looked": preview_words.preview_sentences(context, preview),
        "nothing_known": preview_words.has_no_data(preview),
        "days_svg": days_drawing(context, preview.per_day),
        "measured": {row.field: row for row in context.call("markets.fields").rows}
        if kind in CONDITIONED
        else {},
    }


def empty_preview() -> dict[str, object]:
    """Return what stands in the place of a preview until it is asked for."""
    return {
        "preview": None, "looked": [], "nothing_known": False, "trouble": "", "days_svg": "", "measured": {},
        "refusal": None, "preview_url": "",
    }  # fmt: skip
