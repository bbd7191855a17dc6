"""Alerts: what somebody wants to be told of, by which way, what they were told, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import Conflict, NotFound
from vigie.ports.alert_rules import DuplicateRule
from vigie.services.alerting.signing import is_unsubscribe_token
from vigie.services.operations.alerts import RuleRow
from vigie.views.web.form_responses import handle_form, redirect, render_form_error, render_uncached
from vigie.views.web.page import Page
from vigie.views.web.pages.alerts import editor, words
from vigie.views.web.request_context import RequestContext

# Of the log, below the rules; the rest has a page of its own.
LOGGED: Final = 8
UNDO: Final = {"off": "on", "on": "off", "mute": "unmute", "delete": "restore"}


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for the sentence, rules, channels, the newest of the inbox and of the log; for its preview alone if asked."""
    channels = context.call("alert_channels.list").channels
    chosen = _rule_of_address(context)
    given = editor.blank_values(context, chosen.model_dump() if chosen else {}, channels)
    if context.fragment == "told":
        conditions = {name: given[name] for name in (*editor.LISTS, "words", "kind", "followed", "warned")}
        return editor.find_preview(context, conditions, given["name"])
    made = context.query.get("rule_made", "")
    # The one just made stands first: it is looked for.
    rules = sorted(context.call("alerts.rules").rules, key=lambda item: item.rule != made)
    rule_values = [item.model_dump() for item in rules]
    addresses = {item.channel: item.address or context.text("the bell in Vigie") for item in channels}
    return {
        "rules": rules,
        "sentences": _sentences(context, rule_values, addresses),
        "wider": {rule["rule"]: words.covering_rule(rule, rule_values) for rule in rule_values},
        "channels": channels,
        "feed": context.call("alerts.feed", rule=chosen.rule).address if chosen else "",
        "secrets": {
            item.channel: context.call("alert_channels.secret", channel=item.channel).secret
            for item in channels
            if item.kind == "webhook" and item.is_confirmed
        },
        "addresses": addresses,
        "ready": _suggested_rules(context, addresses) if not rules or "ready" in context.query else [],
        "chosen": chosen,
        "inbox": context.call("alert_log.inbox", limit=10),
        "log": context.call("alert_log.list", limit=LOGGED),
        "level": context.call("alert_log.level"),
        "done": context.query.get("done", ""),
        "made": next((item for item in rules if item.rule == made), None),
        "undo": _undo(context),
        "errors": [],
        "twin": "",
        "receipt": "",
        **_names(context),
        "kinds_of_rules": words.kinds(context),
        **editor.editor_values(context, given),
        **editor.empty_preview(),
        "preview_url": context.url(),
    }


def _rule_of_address(context: RequestContext) -> RuleRow | None:
    """Return the rule that the address names, None where it is none of the caller's."""
    wanted = context.query.get("rule", "")
    if not wanted:
        return None
    return next((item for item in context.call("alerts.rules").rules if item.rule == wanted), None)


def _sentences(
    context: RequestContext, rules: Sequence[Mapping[str, Any]], addresses: Mapping[str, str]
) -> dict[str, str]:
    names = words.asset_and_entity_names(context, rules)
    return {rule["rule"]: words.sentence(context, rule, addresses, names) for rule in rules}


def _names(context: RequestContext) -> dict[str, Any]:
    return {
        "tiers": words.tiers(context),
        "topics": words.topics(context),
        "paces": words.paces(context),
        "statuses": words.statuses(context),
        "marks": words.marks(context),
        "reasons": words.reasons(context),
        "states": words.states(context),
        "kinds": words.STATES,
        "rule_called": lambda name: words.rule_name(context, name),
        "stages": words.stages(context),
        "now": context.app_context.clock.wall_now(),
    }


def _undo(context: RequestContext) -> dict[str, str] | None:
    rule, to = context.query.get("undo", ""), context.query.get("back", "")
    return {"rule": rule, "to": to} if rule and to in UNDO.values() else None


def _suggested_rules(context: RequestContext, addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    names, ready = words.ready_names(context), context.call("alerts.ready").rules
    asset_names = words.asset_and_entity_names(
        context, [{"assets": suggestion.when.get("assets", [])} for suggestion in ready]
    )
    channels = list(addresses)
    suggestions = []
    for suggestion in ready:
        rule = {
            "tiers": suggestion.when.get("tier", []), "assets": suggestion.when.get("assets", []),
            "topics": suggestion.when.get("topics", []), "statuses": suggestion.when.get("status", []), "words": "",
            "channels": channels, "pace": suggestion.pace,
        }  # fmt: skip
        fields = {
            "ready": suggestion.key, "name": names[suggestion.key],
            "tiers": ",".join(rule["tiers"]), "assets": ",".join(rule["assets"]),
            "topics": ",".join(rule["topics"]), "statuses": ",".join(suggestion.when.get("status", [])),
            "pace": suggestion.pace,
        }  # fmt: skip
        sentence = words.sentence(context, rule, addresses, asset_names)
        suggestions.append(
            {
                "name": names[suggestion.key],
                "sentence": sentence,
                "count": suggestion.count,
                "fields": fields,
                "answer": suggestion,
            }
        )
    return suggestions


def save_rule(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make or change a rule, or say what it would have told; what was typed stays where it is refused."""
    rule_input = editor.rule_input(form, context.lang.language)
    channels = [channel for channel in form.get("channels", "").split(",") if channel] or ["inbox"]
    delivery = editor.delivery_values(form)

    def values(context: RequestContext) -> dict[str, Any]:
        page_values = show(context)
        typed = {
            **page_values["given"],
            **rule_input,
            **delivery,
            "channels": channels,
            "name": form.get("name", ""),
        }
        return {
            **page_values,
            **editor.editor_values(context, typed),
            "chosen": _chosen(context, form),
            "preview_url": "",
        }

    def work() -> Response:
        if "try" in form:
            preview = editor.find_preview(context, rule_input, form.get("name", ""))
            if preview["refusal"] is not None:
                raise preview["refusal"]
            return render_uncached(context, ALL, {**values(context), **preview})
        try:
            rule = context.call(
                "alerts.put",
                rule=form.get("rule", ""),
                name=form.get("name", "").strip() or _default_name(context, rule_input),
                ready=form.get("ready", ""),
                channels=channels,
                language=context.lang.content_language,
                revision=form.get("revision") or None,
                **rule_input,
                **delivery,
            )
        except DuplicateRule as fault:
            twin = context.call("alerts.rule", rule=fault.rule)
            told = Conflict(
                "rule_exists",
                "this rule exists already: {name}; change it",
                name=words.rule_name(context, twin.name),
            )
            return render_form_error(context, ALL, {**values(context), "twin": fault.rule}, told)
        return redirect("/alerts", done="changed" if form.get("rule") else "made", rule_made=rule.rule)

    try:
        return handle_form(context, ALL, work, values, "words" if form.get("words") else "assets")
    except NotFound as fault:
        page_values = values(context)
        # A name that nobody has is corrected in the form, which offers no channel and no rule that is not there.
        if not {*channels} <= {*page_values["addresses"]}:
            raise
        return render_form_error(context, ALL, page_values, fault)


def _chosen(context: RequestContext, form: Mapping[str, str]) -> RuleRow | None:
    return context.call("alerts.rule", rule=form["rule"]) if form.get("rule") else None


def _default_name(context: RequestContext, rule_input: Mapping[str, Any]) -> str:
    names = words.asset_and_entity_names(context, [{**rule_input, "entities": []}])
    if rule_input["kind"] != "item":
        return words.subject_text(context, rule_input, names)[:80]
    publishers, topics = words.tiers(context), words.topics(context)
    first = ", ".join(rule_input["sources"]) or " / ".join(
        publishers[text] for text in rule_input["tiers"] if text in publishers
    )
    what = ", ".join(
        [
            *words.asset_names(rule_input, names),
            *(topics[text] for text in rule_input["topics"] if text in topics),
        ]
    )
    name = ": ".join(text for text in (first, what or rule_input["words"]) if text) or context.text(
        "All news"
    )
    return name[:80]


def change_rule(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Pause, mute, delete, or take that back; the next page offers the way back."""
    rule, to = form.get("rule", ""), form.get("to", "")
    context.call("alerts.set", rule=rule, becomes=to)
    return (
        redirect("/alerts", undo=rule, back=UNDO[to]) if to in UNDO else redirect("/alerts", done="restored")
    )


def mark_read(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Mark one alert, or all, as read or unread."""
    context.call("alert_log.read", alert=form.get("alert", ""), is_read=form.get("to") != "unread")
    return redirect("/alerts")


def add_channel(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add an address; a code goes there."""

    def work() -> Response:
        address = form.get("address", "").strip()
        context.call("alert_channels.add", kind="auto", address=address)
        return redirect("/alerts", done="code")

    return handle_form(context, ALL, work, show, "address")


def change_channel(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Confirm an address, try it, remove it, or bring it back."""
    channel = form.get("channel", "")

    def work() -> Response:
        if "test" in form:
            context.call("alert_channels.test", channel=channel)
            return redirect("/alerts", done="tested")
        if "remove" in form:
            removed = context.call("alert_channels.remove", channel=channel)
            # Shown once: what brings it back holds the address.
            return render_uncached(context, ALL, {**show(context), "receipt": removed.receipt})
        if "receipt" in form:
            context.call("alert_channels.restore", receipt=form["receipt"])
            return redirect("/alerts", done="restored")
        context.call("alert_channels.confirm", channel=channel, code=form.get("code", "").strip() or "?")
        return redirect("/alerts", done="confirmed")

    return handle_form(context, ALL, work, show)


def show_log(context: RequestContext) -> dict[str, Any]:
    """Ask for everything that was sent or held back."""
    return {
        "log": context.call("alert_log.list", cursor=context.query.get("cursor", "")),
        **_names(context),
    }


def show_unsubscribe(context: RequestContext) -> dict[str, Any]:
    """Say what the link of a mail ends; opening it changes nothing, since programs open links of mails, too."""
    rule, channel, token = (context.params[name] for name in ("rule", "channel", "word"))
    return unsubscribe_values(
        context, is_known=is_unsubscribe_token(context.app_context.notifiers, rule, channel, token)
    )


def unsubscribe_values(context: RequestContext, *, is_known: bool, is_ended: bool = False) -> dict[str, Any]:
    """Return what the page of leaving shows."""
    return {"is_known": is_known, "is_ended": is_ended, "address": context.path}


ALL = Page(
    name="alerts",
    path="/alerts",
    title="Alerts",
    description="Your alert rules and channels, the alerts you received, and how fast they arrived.",
    show=show,
    actions={
        "/alerts": save_rule,
        "/alerts/change": change_rule,
        "/alerts/read": mark_read,
        "/alerts/channels": add_channel,
        "/alerts/channel": change_channel,
    },
    folder="alerts",
)
GROUP = "alerts"
PAGES = (
    ALL,
    Page(
        name="alert_log",
        path="/alerts/log",
        title="Delivery log",
        description="All your alerts, sent or not, with the reason.",
        show=show_log,
        template="log.html",
    ),
    Page(
        name="unsubscribe",
        path="/unsubscribe/{rule}/{channel}/{word}",
        title="Unsubscribe",
        description="Stops the e-mails of one alert rule, through the link at the end of each e-mail.",
        show=show_unsubscribe,
        template="leaving.html",
        is_public=True,
    ),
)
