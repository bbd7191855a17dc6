"""Alerts: what somebody wants to be told of, by which way, what they were told, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from vigie.domain.errors import NotFound
from vigie.ports.alerts import DuplicateRule
from vigie.services.alerting.signing import is_unsubscribe_token
from vigie.views.web.answering import again, go, once, tried
from vigie.views.web.page import Page
from vigie.views.web.pages.alerts import words
from vigie.views.web.pages.markets.bounds import bound_of
from vigie.views.web.visit import Visit

LISTS = (
    "tiers", "topics", "assets", "statuses", "sources", "entities", "languages", "subjects", "turns",
    "sentiments",
)  # fmt: skip
# What a list of news leads here with, and how long each of it may be.
NARROWED = ("tiers", "topics", "assets", "entities", "sources", "languages", "statuses", "words")
_LONGEST = 200
# Kinds of rules with conditions as the screener has them.
CONDITIONED = ("price", "screener")
UNDO = {"off": "on", "on": "off", "mute": "unmute", "delete": "restore"}


def show(visit: Visit) -> dict[str, Any]:
    """Ask for rules, channels, the newest of the inbox and the service level."""
    rules = visit.ask("alerts.rules").rules
    told = [one.model_dump() for one in rules]
    channels = visit.ask("alert_channels.list").channels
    addresses = {one.channel: one.address or visit.text("inbox") for one in channels}
    wanted = visit.query.get("rule", "")
    chosen = next((one for one in rules if one.rule == wanted), None)
    given = _given(visit, chosen.model_dump() if chosen else {}, channels)
    if chosen is None and visit.query.get("kind") in words.kinds(visit):
        # A search of the screener, or a list of emerging ones, leads here with what it is and is called.
        where, name = visit.query.get("where", "")[:200], visit.query.get("name", "")[:80]
        given |= {"kind": visit.query["kind"], "subjects": [where] if where else [], "name": name}
        given |= _narrowed(visit)
    return {
        "rules": rules,
        "sentences": _sentences(visit, told, addresses),
        "wider": {rule["rule"]: words.wider(rule, told) for rule in told},
        "channels": channels,
        "feed": visit.ask("alerts.feed", rule=chosen.rule).address if chosen else "",
        "secrets": {
            one.channel: visit.ask("alert_channels.secret", channel=one.channel).secret
            for one in channels
            if one.kind == "webhook" and one.is_confirmed
        },
        "addresses": addresses,
        "ready": _ready(visit, addresses) if not rules or "ready" in visit.query else [],
        "chosen": chosen,
        "given": given,
        "preview": None,
        "looked": [],
        "nothing_known": False,
        "inbox": visit.ask("alert_log.inbox", limit=10),
        "level": visit.ask("alert_log.level"),
        "done": visit.query.get("done", ""),
        "undo": _undo(visit),
        "errors": [],
        "twin": "",
        "receipt": "",
        **_names(visit),
        "kinds_of_rules": words.kinds(visit),
        "subjects": words.subjects(visit, given["kind"]),
        "turns": words.turns(visit, given["kind"]),
        "fields": visit.ask("markets.fields").rows if given["kind"] in CONDITIONED else [],
        **_choices(visit, given),
    }


def _choices(visit: Visit, given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what may be chosen of each condition about news."""
    return {
        "tiers": _options(words.tiers(visit), given["tiers"]),
        "topics": _options(words.topics(visit), given["topics"]),
        "believed": _options(words.believed(visit), given["statuses"]),
        "tongues": _options(words.tongues(visit), given["languages"]),
        "tones": _options(words.tones(visit), given["sentiments"]),
    }


def _sentences(
    visit: Visit, rules: Sequence[Mapping[str, Any]], addresses: Mapping[str, str]
) -> dict[str, str]:
    names = words.called(visit, rules)
    return {rule["rule"]: words.sentence(visit, rule, addresses, names) for rule in rules}


def _options(names: dict[str, str], chosen: Sequence[str]) -> dict[str, str]:
    """Return what may be chosen; several at once, which a program may have set, stay together."""
    together = {",".join(chosen): ", ".join(names.get(one, one) for one in chosen)} if len(chosen) > 1 else {}
    return {**names, **together}


def _names(visit: Visit) -> dict[str, Any]:
    return {
        "tiers": words.tiers(visit),
        "topics": words.topics(visit),
        "paces": words.paces(visit),
        "statuses": words.statuses(visit),
        "marks": words.marks(visit),
        "reasons": words.reasons(visit),
        "states": words.states(visit),
        "kinds": words.STATES,
        "rule_called": lambda name: words.rule_called(visit, name),
        "stages": words.stages(visit),
        "now": visit.house.clock.wall_now(),
    }


def _undo(visit: Visit) -> dict[str, str] | None:
    rule, to = visit.query.get("undo", ""), visit.query.get("back", "")
    return {"rule": rule, "to": to} if rule and to in UNDO.values() else None


def _ready(visit: Visit, addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    names, ready = words.ready_names(visit), visit.ask("alerts.ready").rules
    called = words.called(visit, [{"assets": one.when.get("assets", [])} for one in ready])
    mine = list(addresses)
    found = []
    for one in ready:
        rule = {
            "tiers": one.when.get("tier", []), "assets": one.when.get("assets", []),
            "topics": one.when.get("topics", []), "statuses": one.when.get("status", []), "words": "",
            "channels": mine, "pace": one.pace,
        }  # fmt: skip
        fields = {
            "name": names[one.key], "tiers": ",".join(rule["tiers"]), "assets": ",".join(rule["assets"]),
            "topics": ",".join(rule["topics"]), "statuses": ",".join(one.when.get("status", [])),
            "pace": one.pace,
        }  # fmt: skip
        said = words.sentence(visit, rule, addresses, called)
        found.append(
            {"name": names[one.key], "sentence": said, "count": one.count, "fields": fields, "answer": one}
        )
    return found


def _narrowed(visit: Visit) -> dict[str, Any]:
    """Return what a list of news was narrowed to, as a rule has it; nothing where no list leads here."""
    brought = {name: visit.query.get(name, "").strip()[:_LONGEST] for name in NARROWED}
    if visit.query["kind"] != "item" or not any(brought.values()):
        return {}
    return {
        "words": brought.pop("words"),
        # Several of one kind have commas between them, as in the form.
        **{name: [one for one in value.split(",") if one] for name, value in brought.items()},
    }


def _given(visit: Visit, rule: Mapping[str, Any], channels: Any) -> dict[str, Any]:
    """Return what the form holds: a rule that is changed, else regulators on Bitcoin."""
    usable = [one.channel for one in channels if one.is_confirmed and not one.ts_dead]
    if not rule:
        return {
            "name": "", "kind": "item", "tiers": ["regulator"], "assets": ["bitcoin"], "topics": [], "words": "",
            "subjects": [], "turns": [], "entities": [], "sources": [], "languages": [], "statuses": [],
            "sentiments": [], "followed": False, "warned": False,
            "channels": usable, "pace": "at_once", "quiet_from": "", "quiet_to": "", "daily_budget": 20,
            "cool_down_minutes": 0, "days": 0,
        }  # fmt: skip
    left = max(0, rule["ts_expires"] - visit.house.clock.wall_now())
    return {**rule, "days": -(-left // 86_400_000)}


def _asked(form: Mapping[str, str], language: str = "en") -> dict[str, Any]:
    """Return the conditions of a form as operations take them."""
    asked: dict[str, Any] = {"words": form.get("words", ""), "kind": form.get("kind") or "item"}
    for name in LISTS:
        asked[name] = [one.strip() for one in form.get(name, "").split(",") if one.strip()]
    conditions = [form.get("where", "").strip()]
    if form.get("field") and form.get("bound", "").strip():
        conditions.append(f"{form['field']}{form.get('operator', '>')}{bound_of(form['bound'], language)}")
    if any(conditions):
        # Conditions that must all hold have commas between them: one subject.
        asked["subjects"] = [",".join(filter(None, conditions))]
    asked["followed"], asked["warned"] = bool(form.get("followed")), bool(form.get("warned"))
    return asked


def put(visit: Visit, form: Mapping[str, str]) -> Response:
    """Make or change a rule, or say what it would have told; what was typed stays where it is refused."""
    asked = _asked(form, visit.tongue.language)
    channels = [one for one in form.get("channels", "").split(",") if one] or ["inbox"]
    rest = {name: form[name] for name in ("quiet_from", "quiet_to", "pace") if form.get(name)}
    rest |= {name: form[name] for name in ("daily_budget", "cool_down_minutes", "days") if form.get(name)}

    def values(visit: Visit) -> dict[str, Any]:
        shown = show(visit)
        typed = {**shown["given"], **asked, **rest, "channels": channels, "name": form.get("name", "")}
        named = {"subjects": words.subjects(visit, typed["kind"]), "turns": words.turns(visit, typed["kind"])}
        return {
            **shown, **named, **_choices(visit, typed), "given": typed, "chosen": _chosen(visit, form),
        }  # fmt: skip

    def work() -> Response:
        if "try" in form:
            preview = visit.ask("alerts.preview", **asked)
            told = {"looked": words.looked(visit, preview), "nothing_known": words.is_nothing_known(preview)}
            return once(visit, ALL, {**values(visit), "preview": preview, **told})
        try:
            made = visit.ask(
                "alerts.put",
                rule=form.get("rule", ""),
                name=form.get("name", "").strip() or _named(visit, asked),
                channels=channels,
                language=visit.tongue.language,
                revision=form.get("revision") or None,
                **asked,
                **rest,
            )
        except DuplicateRule as fault:
            return again(visit, ALL, {**values(visit), "twin": fault.rule}, fault)
        return go("/alerts", done="changed" if form.get("rule") else "made", rule_made=made.rule)

    try:
        return tried(visit, ALL, work, values, "words" if form.get("words") else "assets")
    except NotFound as fault:
        shown = values(visit)
        # A name that nobody has is mended in the form, which offers no channel and no rule that is not there.
        if not {*channels} <= {*shown["addresses"]}:
            raise
        return again(visit, ALL, shown, fault)


def _chosen(visit: Visit, form: Mapping[str, str]) -> Any:
    return visit.ask("alerts.rule", rule=form["rule"]) if form.get("rule") else None


def _named(visit: Visit, asked: Mapping[str, Any]) -> str:
    names = words.called(visit, [{**asked, "entities": []}])
    if asked["kind"] != "item":
        return words.beside(visit, asked, names)[:80]
    who, about = words.tiers(visit), words.topics(visit)
    first = " / ".join(who[one] for one in asked["tiers"] if one in who)
    what = ", ".join([*words.assets(asked, names), *(about[one] for one in asked["topics"] if one in about)])
    named = ": ".join(one for one in (first, what or asked["words"]) if one) or visit.text("Everything")
    return named[:80]


def change(visit: Visit, form: Mapping[str, str]) -> Response:
    """Pause, mute, delete, or take that back; the next page offers the way back."""
    rule, to = form.get("rule", ""), form.get("to", "")
    visit.ask("alerts.set", rule=rule, becomes=to)
    return go("/alerts", undo=rule, back=UNDO[to]) if to in UNDO else go("/alerts", done="restored")


def read(visit: Visit, form: Mapping[str, str]) -> Response:
    """Mark one alert, or all, as read or unread."""
    visit.ask("alert_log.read", alert=form.get("alert", ""), is_read=form.get("to") != "unread")
    return go("/alerts")


def add(visit: Visit, form: Mapping[str, str]) -> Response:
    """Add an address; a code goes there."""

    def work() -> Response:
        address = form.get("address", "").strip()
        is_of_web = address.startswith(("https:", "http:"))
        kind = "webhook" if is_of_web else "apprise" if "://" in address else "mail"
        visit.ask("alert_channels.add", kind=kind, address=address)
        return go("/alerts", done="code")

    return tried(visit, ALL, work, show, "address")


def on_channel(visit: Visit, form: Mapping[str, str]) -> Response:
    """Confirm an address, try it, remove it, or bring it back."""
    channel = form.get("channel", "")

    def work() -> Response:
        if "test" in form:
            visit.ask("alert_channels.test", channel=channel)
            return go("/alerts", done="tested")
        if "remove" in form:
            gone = visit.ask("alert_channels.remove", channel=channel)
            # Shown once: what brings it back holds the address.
            return once(visit, ALL, {**show(visit), "receipt": gone.receipt})
        if "receipt" in form:
            visit.ask("alert_channels.restore", receipt=form["receipt"])
            return go("/alerts", done="restored")
        visit.ask("alert_channels.confirm", channel=channel, code=form.get("code", "").strip() or "?")
        return go("/alerts", done="confirmed")

    return tried(visit, ALL, work, show)


def show_log(visit: Visit) -> dict[str, Any]:
    """Ask for everything that was sent or held back."""
    return {"table": visit.ask("alert_log.list", cursor=visit.query.get("cursor", "")), **_names(visit)}


def show_leaving(visit: Visit) -> dict[str, Any]:
    """Say what the link of a mail ends; opening it changes nothing, since programs open links of mails, too."""
    rule, channel, word = (visit.params[name] for name in ("rule", "channel", "word"))
    return leaving(visit, is_known=is_unsubscribe_token(visit.house, rule, channel, word))


def leaving(visit: Visit, *, is_known: bool, is_ended: bool = False) -> dict[str, Any]:
    """Return what the page of leaving shows."""
    return {"is_known": is_known, "is_ended": is_ended, "address": visit.path}


ALL = Page(
    name="alerts",
    path="/alerts",
    title="Alerts",
    description="What you want to be told of, by which way, what you were told, and how long that took.",
    show=show,
    acts={
        "/alerts": put,
        "/alerts/change": change,
        "/alerts/read": read,
        "/alerts/channels": add,
        "/alerts/channel": on_channel,
    },
    folder="alerts",
)
PAGES = (
    ALL,
    Page(
        name="alert_log",
        path="/alerts/log",
        title="Log of alerts",
        description="Everything that was sent to you or held back, with the reason.",
        show=show_log,
        template="log.html",
    ),
    Page(
        name="unsubscribe",
        path="/unsubscribe/{rule}/{channel}/{word}",
        title="Stop mails of a rule",
        description="Ends the mails of one rule of alerts, by the link at the end of each of them.",
        show=show_leaving,
        template="leaving.html",
        is_public=True,
    ),
)
