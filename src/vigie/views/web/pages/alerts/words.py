"""Rules, reasons and stages in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from vigie.catalogue import complete_languages, language_name, languages
from vigie.domain.alert import BRIEF, LETTER
from vigie.domain.errors import UsageError
from vigie.domain.item import NEWS_LANGUAGES
from vigie.intelligence.market.newcomers import newcomers_sentence, parse_newcomers
from vigie.intelligence.market.screener import parse_where, render_sentence
from vigie.services.alerting.own_rules import own_rule_name
from vigie.services.alerting.rule_parsing import READY, SUBJECTS, TOPICS
from vigie.services.demo_world import PRICE_RULE, RISE_RULE, SETUP_RULE
from vigie.views.web.language import texts
from vigie.views.web.pages.alerts import setup_words
from vigie.views.web.pages.news.words import entity_names
from vigie.views.web.request_context import RequestContext

STATES: Final = {"sent": "good", "waiting": "info", "failed": "bad", "suppressed": "warn"}
# Names are asked for by so many letters at once.
_ASKED: Final = 4_000
_LISTS: Final = (
    "tiers", "sources", "assets", "entities", "topics", "languages", "statuses", "sentiments", "subjects", "turns",
)  # fmt: skip


def tiers(context: RequestContext) -> dict[str, str]:
    """Return kinds of publishers as a sentence names them."""
    return {
        "": context.text("any source"),
        "regulator": context.text("a regulator"),
        "primary": context.text("a primary source"),
        "media": context.text("a media outlet"),
        "aggregator": context.text("an aggregator"),
        "social": context.text("a social media account"),
    }


def topics(context: RequestContext) -> dict[str, str]:
    """Return topics as a sentence names them."""
    names = {
        "": context.text("any crypto topic"), "regulation": context.text("regulation"),
        "enforcement": context.text("enforcement"), "etf": context.text("funds (ETF)"),
        "hack": context.text("hacks"), "listing": context.text("listings"),
        "stablecoin": context.text("stablecoins"), "macro": context.text("the economy"),
        "technology": context.text("technology"), "legal": context.text("courts"),
        "adoption": context.text("adoption"), "exchange": context.text("exchanges"),
        "policy": context.text("policy"), "elections": context.text("elections"),
        "sanctions": context.text("sanctions"), "tax": context.text("tax"),
    }  # fmt: skip
    return {name: names[name] for name in ("", *TOPICS)}


def paces(context: RequestContext) -> dict[str, str]:
    """Return how soon, as a sentence says it."""
    return {"at_once": context.text("immediately"), "digest": context.text("daily at 7:00")}


def kinds(context: RequestContext) -> dict[str, str]:
    """Return what rules may be about."""
    return {
        "item": context.text("News"), "price": context.text("Price"), "screener": context.text("Screener"),
        "emerging": context.text("Emerging coins"), "peg": context.text("Stablecoin peg"),
        "spike": context.text("News spike"), "register": context.text("Public register"),
        "desk": context.text("System events"), "setup": context.text("Setups"),
        "holding": context.text("What you own"),
    }  # fmt: skip


def subjects(context: RequestContext, kind: str) -> dict[str, str]:
    """Return what a kind of rule may be narrowed to, where that has names."""
    if kind == "emerging":
        return {
            "": context.text("any"),
            "clean": context.text("without risk flags"),
            "flagged": context.text("with risk flags"),
        }
    if kind == "desk":
        return {
            "state": context.text("account state"), "halt": context.text("halt"),
            "loss": context.text("daily loss limit"), "difference": context.text("mismatch with venue"),
            "trouble": context.text("other trading problem"), "job": context.text("failed job"),
            "stream": context.text("stream down"), "restart": context.text("restart"),
            "plan": context.text("open plans"),
        }  # fmt: skip
    if kind == "holding":
        return {
            "valuation": context.text("valuation of a coin"), "volume": context.text("twice the usual volume"),
            "share": context.text("share above my limit"),
        }  # fmt: skip
    return {}


def status_changes(context: RequestContext, kind: str) -> dict[str, str]:
    """Return the ways in which something becomes different, where a kind of rule has several."""
    if kind == "register":
        return {
            "": context.text("any change"), "added": context.text("added"), "changed": context.text("changed"),
            "ended": context.text("ended"), "removed": context.text("removed"),
        }  # fmt: skip
    if kind in ("price", "screener", "peg"):
        return {
            "": context.text("both"),
            "enters": context.text("becomes true"),
            "leaves": context.text("no longer true"),
        }
    if kind == "emerging":
        return {
            "": context.text("enter the list"),
            "leaves": context.text("leave the list"),
            "enters,leaves": context.text("enter or leave"),
        }
    return {}


def asset_and_entity_names(context: RequestContext, rules: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what coins, entities and sources of some rules are called, by their ids; what nobody listed has none."""
    rule_list = list(rules)
    ids = sorted({item for rule in rule_list for item in (*_coin_ids(rule), *rule.get("entities", ()))})
    by_id: dict[str, str] = {}
    for batch in _in_batches(ids):
        by_id |= entity_names(context, ",".join(batch))
    if any(rule.get("sources") for rule in rule_list):
        by_id |= {f"source:{item.id}": item.title for item in context.call("news.filters").sources}
    return by_id


def _in_batches(ids: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for id_ in ids:
        if part and sum(map(len, part)) + len(part) + len(id_) > _ASKED:
            yield part
            part = []
        part.append(id_)
    if part:
        yield part


def _coin_ids(rule: Mapping[str, Any]) -> list[str]:
    return [f"coin:{asset}" for asset in rule["assets"]]


def asset_names(rule: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return what the coins of a rule are called; one that was typed otherwise, as it was typed."""
    return [names.get(coin, asset) for coin, asset in zip(_coin_ids(rule), rule["assets"], strict=True)]


def subject_text(context: RequestContext, rule: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a rule beside news is about."""
    kind = rule["kind"]
    labels = subjects(context, kind) | status_changes(context, kind)
    if kind == "emerging":
        own_lists = [item for item in rule["subjects"] if item not in labels]
        labels |= {
            item: newcomers_sentence(parse_newcomers(item), context.lang.language) for item in own_lists
        }
    if kind in ("price", "screener"):
        labels |= {item: _condition_sentence(context, item) for item in rule["subjects"]}
    changes = [",".join(sorted(rule["turns"]))] if kind == "emerging" and rule["turns"] else rule["turns"]
    source_names = [names.get(f"source:{item}", item) for item in rule.get("sources", ())]
    entity_names = [*source_names, *(names.get(item, item) for item in rule.get("entities", ()))]
    if rule.get("followed"):
        entity_names.append(context.text("my watchlists"))
    words_of = [*filter(None, [rule["words"]]), *setup_words.conditions(context, rule)]
    about = [*asset_names(rule, names), *entity_names, *rule["subjects"], *changes, *words_of]
    what = ", ".join(labels.get(item, item) for item in about)
    # A kind that there is none of is refused by who keeps the rule, with a sentence.
    named = kinds(context).get(kind, kind)
    return context.text("%(kind)s: %(what)s") % {"kind": named, "what": what} if what else named


def _condition_sentence(context: RequestContext, where: str) -> str:
    """Return conditions of the screener as a person reads them; what cannot be read stays as it was written."""
    try:
        return render_sentence(parse_where(where), context.lang.language)
    except UsageError:
        return where


def sentence(
    context: RequestContext, rule: Mapping[str, Any], addresses: Mapping[str, str], names: Mapping[str, str]
) -> str:
    """Return a rule as a sentence.

    Parameters
    ----------
    addresses : mapping of str to str
        Of channels, by their ids.
    names : mapping of str to str
        Of coins, entities and sources, by their ids, as `asset_and_entity_names` gives them.
    """
    channels = [addresses.get(item, context.text("a removed address")) for item in rule["channels"]]
    if rule.get("kind", "item") != "item":
        return context.text("%(what)s: notify me %(pace)s (%(ways)s).") % {
            "what": subject_text(context, rule, names), "pace": paces(context)[rule["pace"]],
            "ways": ", ".join(channels),
        }  # fmt: skip
    about = topics(context)
    entities = [names.get(item, item) for item in rule.get("entities", ())]
    what = [*asset_names(rule, names), *entities, *(about.get(item, item) for item in rule["topics"])]
    if rule.get("followed"):
        what.append(context.text("my watchlists"))
    if rule.get("warned"):
        what.append(context.text("a firm on a warning list"))
    if rule["words"]:
        what.append(context.text("“%(words)s”") % {"words": rule["words"]})
    subject = ", ".join(what) or context.text("any crypto topic")
    if only := _condition_text(context, rule):
        subject = context.text("%(what)s (only %(only)s)") % {"what": subject, "only": only}
    text = context.text("When %(who)s publishes about %(what)s, notify me %(pace)s (%(ways)s).")
    return text % {
        "who": _publisher_text(context, rule, names),
        "what": subject,
        "pace": paces(context)[rule["pace"]],
        "ways": ", ".join(channels),
    }


def _publisher_text(context: RequestContext, rule: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return who publishes: kinds of publishers, and which ones where they are named."""
    kinds_of = tiers(context)
    kind = _join_or(context, [kinds_of.get(item, item) for item in rule["tiers"]])
    sources = _join_or(context, [names.get(f"source:{item}", item) for item in rule.get("sources", ())])
    return f"{kind} ({sources})" if kind and sources else kind or sources or kinds_of[""]


def _condition_text(context: RequestContext, rule: Mapping[str, Any]) -> str:
    """Return the language, the reliability and the tone that a rule asks for; empty where it asks for none."""
    label_sets = (
        ("languages", language_choices(context)), ("statuses", statuses(context)), ("sentiments", tones(context)),
    )  # fmt: skip
    parts = [
        _join_or(context, [labels.get(key, key) for key in rule.get(name, ())]) for name, labels in label_sets
    ]
    return ", ".join(filter(None, parts))


def language_choices(context: RequestContext) -> dict[str, str]:
    """Return languages as a sentence names them."""
    names = {code: language_name(code, context.lang.language) for code in NEWS_LANGUAGES}
    choices = {"": context.text("any language")}
    for code, name in names.items():
        choices[code] = context.text("in %(language)s") % {"language": name}
    return choices


def tones(context: RequestContext) -> dict[str, str]:
    """Return how something sounds, as a sentence says it."""
    return {
        "": context.text("any sentiment"), "positive": context.text("positive"), "neutral": context.text("neutral"),
        "negative": context.text("negative"),
    }  # fmt: skip


def reliability_choices(context: RequestContext) -> dict[str, str]:
    """Return how far a rule may ask news to be believed."""
    names = statuses(context)
    offered = ("confirmed", "repeated", "disputed", "unconfirmed", "flagged")
    return {"": context.text("any reliability")} | {status: names[status] for status in offered}


def covering_rule(rule: Mapping[str, Any], candidates: Iterable[Mapping[str, Any]]) -> str:
    """Return the name of another rule that tells all that a rule tells, by a channel of it; empty for none.

    Conditions on prices are compared as they are written: what is above 90,000 is told at another moment than what is
    above 100,000.
    """
    covering = (
        candidate
        for candidate in candidates
        if candidate["rule"] != rule["rule"] and _covers(candidate, rule)
    )
    return next((str(candidate["name"]) for candidate in covering), "")


def _covers(wide: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    # A screen is looked at with the prices, coin by coin.
    kinds = {rule["kind"], "screener"} if rule["kind"] == "price" else {rule["kind"]}
    if not (wide["is_on"] and rule["is_on"] and wide["kind"] in kinds):
        return False
    if set(wide["channels"]).isdisjoint(rule["channels"]):
        return False
    # Of a list one value is enough, and none asks for nothing.
    value_pairs = ((_values(wide, name), _values(rule, name)) for name in _LISTS)
    lists = all(
        not narrow_values or (wide_values and set(wide_values) <= set(narrow_values))
        for narrow_values, wide_values in value_pairs
    )
    marks = all(rule[name] or not wide[name] for name in ("followed", "warned"))
    return lists and marks and wide["words"] in ("", rule["words"])


def _values(rule: Mapping[str, Any], name: str) -> Sequence[str]:
    if rule["kind"] == "emerging" and not rule[name]:
        # Without a word on it, coming is told and going is not, and of the whole list, none that somebody made of it.
        return {"turns": ("enters",), "subjects": tuple(SUBJECTS["emerging"])}.get(name, ())
    return tuple(rule[name])


def _join_or(context: RequestContext, names: Sequence[str]) -> str:
    return context.text(" or ").join(names)


def reasons(context: RequestContext) -> dict[str, str]:
    """Return why something was held back or put off."""
    return {
        "muted": context.text("the rule was muted"), "off": context.text("the rule was paused"),
        "cool_down": context.text("too soon after the previous alert"),
        "budget": context.text("the daily limit was reached"),
        "old": context.text("published over a day before it was seen"),
        "quiet": context.text("waited for the end of quiet hours"),
        "digest": context.text("waited for the daily digest"),
        "own": context.text("message from Vigie"),
        "gone": context.text("the channel was removed"),
        "unconfirmed": context.text("the address is not confirmed"),
        "dead": context.text("the address rejects messages"),
        "deleted": context.text("the rule was deleted"),
        "silent": context.text("no rule would have sent it when this was decided"),
        "week": context.text("three a week were sent already"),
        "replayed": context.text("it happened before this home began"),
    }  # fmt: skip


def states(context: RequestContext) -> dict[str, str]:
    """Return what became of a delivery."""
    return {
        "sent": context.text("sent"), "waiting": context.text("waiting"), "failed": context.text("failed"),
        "suppressed": context.text("not sent"),
    }  # fmt: skip


def statuses(context: RequestContext) -> dict[str, str]:
    """Return how far something is confirmed."""
    return {
        "confirmed": context.text("confirmed by a primary source"), "repeated": context.text("repeated by others"),
        "disputed": context.text("disputed"), "unconfirmed": context.text("unconfirmed"),
        "flagged": context.text("flagged"), "corrected": context.text("corrected"),
        "withdrawn": context.text("withdrawn by its source"),
    }  # fmt: skip


def marks(context: RequestContext) -> dict[str, str]:
    """Return what an alert is after others about the same."""
    return {"update": context.text("Update"), "correction": context.text("Correction")}


def stages(context: RequestContext) -> dict[str, str]:
    """Return the stages from a publisher to a mailbox."""
    return {
        "seen": context.text("Publication to detection"),
        "processed": context.text("Detection to analysis"),
        "delivered": context.text("Analysis to delivery"),
        "all": context.text("Publication to delivery"),
    }


def ready_names(context: RequestContext) -> dict[str, str]:
    """Return what the ready rules are called."""
    return {
        "bitcoin": context.text("Regulators on Bitcoin"),
        "enforcement": context.text("Enforcement by regulators"),
        "hacks": context.text("Corroborated hacks"),
        "etf": context.text("Bitcoin and Ether ETFs"),
        "stablecoins": context.text("Stablecoins, once a day"),
    }


def rule_name(context: RequestContext, name: str) -> str:
    """Return what a rule is called: one that was taken ready in the visitor's language, whoever took it in which."""
    for ready_rule in READY:
        if name in (ready_rule.name, *(texts(language).get(ready_rule.name) for language in languages())):
            return ready_names(context)[ready_rule.key]
    for kind in (BRIEF, LETTER):
        if name in map(partial(own_rule_name, kind), complete_languages()):
            return own_rule_name(kind, context.lang.content_language)
    return context.text(name) if name in (PRICE_RULE, RISE_RULE, SETUP_RULE) else name
