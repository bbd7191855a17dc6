"""Rules, reasons and stages in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from vigie.intelligence.market.newcomers import newcomers_sentence, parse_newcomers
from vigie.services.alerting.rule_parsing import READY, SUBJECTS, TOPICS
from vigie.views.web.language import LANGUAGES, texts
from vigie.views.web.pages.news.words import entities
from vigie.views.web.visit import Visit

STATES: Final = {"sent": "good", "waiting": "info", "failed": "bad", "suppressed": "warn"}
# Names are asked for by so many letters at once.
_ASKED: Final = 4_000
_LISTS: Final = (
    "tiers", "sources", "assets", "entities", "topics", "languages", "statuses", "sentiments", "subjects", "turns",
)  # fmt: skip
TIERS: Final = ("regulator", "primary", "media", "aggregator", "social")


def tiers(visit: Visit) -> dict[str, str]:
    """Return kinds of publishers as a sentence names them."""
    return {
        "": visit.text("anybody"),
        "regulator": visit.text("a regulator"),
        "primary": visit.text("a primary source"),
        "media": visit.text("a medium"),
        "aggregator": visit.text("an aggregator"),
        "social": visit.text("somebody on social media"),
    }


def topics(visit: Visit) -> dict[str, str]:
    """Return topics as a sentence names them."""
    names = {
        "": visit.text("any topic"), "regulation": visit.text("regulation"),
        "enforcement": visit.text("enforcement"), "etf": visit.text("funds (ETF)"),
        "hack": visit.text("hacks"), "listing": visit.text("listings"),
        "stablecoin": visit.text("stablecoins"), "macro": visit.text("the economy"),
        "technology": visit.text("technology"), "legal": visit.text("courts"),
        "adoption": visit.text("adoption"), "exchange": visit.text("exchanges"),
        "policy": visit.text("policy"), "elections": visit.text("elections"),
        "sanctions": visit.text("sanctions"), "tax": visit.text("tax"),
    }  # fmt: skip
    return {name: names[name] for name in ("", *TOPICS)}


def paces(visit: Visit) -> dict[str, str]:
    """Return how soon, as a sentence says it."""
    return {"at_once": visit.text("at once"), "digest": visit.text("once a day, at seven")}


def kinds(visit: Visit) -> dict[str, str]:
    """Return what rules may be about."""
    return {
        "item": visit.text("News"), "price": visit.text("A price"), "screener": visit.text("A screen"),
        "emerging": visit.text("Emerging coins"), "peg": visit.text("A stablecoin's dollar"),
        "spike": visit.text("A spike in the news"), "register": visit.text("A register"),
        "desk": visit.text("Vigie itself"),
    }  # fmt: skip


def subjects(visit: Visit, kind: str) -> dict[str, str]:
    """Return what a kind of rule may be narrowed to, where that has names."""
    if kind == "emerging":
        return {
            "": visit.text("any"),
            "clean": visit.text("without risk flags"),
            "flagged": visit.text("with risk flags"),
        }
    if kind == "desk":
        return {
            "state": visit.text("trading state"), "halt": visit.text("halt"),
            "loss": visit.text("loss of the day: half, four fifths, all"),
            "difference": visit.text("difference to the venue"),
            "trouble": visit.text("other trouble of trading"), "job": visit.text("failed job"),
            "stream": visit.text("silent stream"), "restart": visit.text("restart"),
        }  # fmt: skip
    return {}


def turns(visit: Visit, kind: str) -> dict[str, str]:
    """Return the ways in which something becomes different, where a kind of rule has several."""
    if kind == "register":
        return {
            "": visit.text("any change"), "added": visit.text("added"), "changed": visit.text("changed"),
            "ended": visit.text("ended"), "removed": visit.text("removed"),
        }  # fmt: skip
    if kind in ("price", "screener", "peg"):
        return {
            "": visit.text("both"),
            "enters": visit.text("begins to hold"),
            "leaves": visit.text("ceases to hold"),
        }
    if kind == "emerging":
        return {
            "": visit.text("come to the list"),
            "leaves": visit.text("leave the list"),
            "enters,leaves": visit.text("come to the list or leave it"),
        }
    return {}


def called(visit: Visit, rules: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what coins, entities and sources of some rules are called, by their ids; what nobody listed has none."""
    asked = list(rules)
    ids = sorted({one for rule in asked for one in (*_coins(rule), *rule.get("entities", ()))})
    found: dict[str, str] = {}
    for several in _in_parts(ids):
        found |= entities(visit, ",".join(several))
    if any(rule.get("sources") for rule in asked):
        found |= {f"source:{one.id}": one.title for one in visit.ask("news.filters").sources}
    return found


def _in_parts(ids: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for one in ids:
        if part and sum(map(len, part)) + len(part) + len(one) > _ASKED:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def _coins(rule: Mapping[str, Any]) -> list[str]:
    return [f"coin:{one}" for one in rule["assets"]]


def assets(rule: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return what the coins of a rule are called; one that was typed otherwise, as it was typed."""
    return [names.get(coin, one) for coin, one in zip(_coins(rule), rule["assets"], strict=True)]


def beside(visit: Visit, rule: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what a rule beside news is about."""
    kind = rule["kind"]
    named = subjects(visit, kind) | turns(visit, kind)
    if kind == "emerging":
        language = visit.tongue.language
        made = [one for one in rule["subjects"] if one not in named]
        named |= {one: newcomers_sentence(parse_newcomers(one), language) for one in made}
    turned = [",".join(sorted(rule["turns"]))] if kind == "emerging" and rule["turns"] else rule["turns"]
    places = [names.get(f"source:{one}", one) for one in rule.get("sources", ())]
    firms = [*places, *(names.get(one, one) for one in rule.get("entities", ()))]
    if rule.get("followed"):
        firms.append(visit.text("what is on my watchlists"))
    words_of = [rule["words"]] if rule["words"] else []
    about = [*assets(rule, names), *firms, *rule["subjects"], *turned, *words_of]
    what = ", ".join(named.get(one, one) for one in about)
    # A kind that there is none of is refused by who keeps the rule, with a sentence.
    said = kinds(visit).get(kind, kind)
    return visit.text("%(kind)s: %(what)s") % {"kind": said, "what": what} if what else said


def sentence(
    visit: Visit, rule: Mapping[str, Any], addresses: Mapping[str, str], names: Mapping[str, str]
) -> str:
    """Return a rule as a sentence.

    Parameters
    ----------
    addresses : mapping of str to str
        Of channels, by their ids.
    names : mapping of str to str
        Of coins, entities and sources, by their ids, as `called` gives them.
    """
    ways = [addresses.get(one, visit.text("an address that is gone")) for one in rule["channels"]]
    if rule.get("kind", "item") != "item":
        return visit.text("%(what)s: tell me %(pace)s: %(ways)s.") % {
            "what": beside(visit, rule, names), "pace": paces(visit)[rule["pace"]], "ways": ", ".join(ways),
        }  # fmt: skip
    about = topics(visit)
    entities = [names.get(one, one) for one in rule.get("entities", ())]
    what = [*assets(rule, names), *entities, *(about.get(one, one) for one in rule["topics"])]
    if rule.get("followed"):
        what.append(visit.text("what is on my watchlists"))
    if rule.get("warned"):
        what.append(visit.text("a firm that a register warns of"))
    if rule["words"]:
        what.append(visit.text("“%(words)s”") % {"words": rule["words"]})
    told = ", ".join(what) or visit.text("anything")
    if only := _only(visit, rule):
        told = visit.text("%(what)s (only what is %(only)s)") % {"what": told, "only": only}
    text = visit.text("When %(who)s publishes about %(what)s, tell me %(pace)s: %(ways)s.")
    return text % {
        "who": _who(visit, rule, names),
        "what": told,
        "pace": paces(visit)[rule["pace"]],
        "ways": ", ".join(ways),
    }


def _who(visit: Visit, rule: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return who publishes: kinds of publishers, and which ones where they are named."""
    kinds_of = tiers(visit)
    kind = _or(visit, [kinds_of.get(one, one) for one in rule["tiers"]])
    named = _or(visit, [names.get(f"source:{one}", one) for one in rule.get("sources", ())])
    return f"{kind} ({named})" if kind and named else kind or named or kinds_of[""]


def _only(visit: Visit, rule: Mapping[str, Any]) -> str:
    """Return the language, the reliability and the tone that a rule asks for; empty where it asks for none."""
    asked = (
        ("languages", tongues(visit)), ("statuses", statuses(visit)), ("sentiments", tones(visit)),
    )  # fmt: skip
    parts = [_or(visit, [said.get(one, one) for one in rule.get(name, ())]) for name, said in asked]
    return ", ".join(filter(None, parts))


def tongues(visit: Visit) -> dict[str, str]:
    """Return languages as a sentence names them."""
    return {"": visit.text("any language"), "en": visit.text("in English"), "fr": visit.text("in French")}


def tones(visit: Visit) -> dict[str, str]:
    """Return how something sounds, as a sentence says it."""
    return {
        "": visit.text("any tone"), "positive": visit.text("positive"), "neutral": visit.text("neutral"),
        "negative": visit.text("negative"),
    }  # fmt: skip


def believed(visit: Visit) -> dict[str, str]:
    """Return how far a rule may ask news to be believed."""
    names = statuses(visit)
    kept = ("confirmed", "repeated", "disputed", "unconfirmed", "flagged")
    return {"": visit.text("however reliable")} | {one: names[one] for one in kept}


def wider(rule: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> str:
    """Return the name of another rule that tells all that a rule tells, by a channel of it; empty for none.

    Conditions on prices are compared as they are written: what is above 90,000 is told at another moment than what is
    above 100,000.
    """
    held = (one for one in others if one["rule"] != rule["rule"] and _tells_all(one, rule))
    return next((str(one["name"]) for one in held), "")


def _tells_all(wide: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    # A screen is looked at with the prices, coin by coin.
    kinds = {rule["kind"], "screener"} if rule["kind"] == "price" else {rule["kind"]}
    if not (wide["is_on"] and rule["is_on"] and wide["kind"] in kinds):
        return False
    if set(wide["channels"]).isdisjoint(rule["channels"]):
        return False
    # Of a list one value is enough, and none asks for nothing.
    asked = ((_values(wide, one), _values(rule, one)) for one in _LISTS)
    lists = all(not ours or (theirs and set(theirs) <= set(ours)) for ours, theirs in asked)
    marks = all(rule[one] or not wide[one] for one in ("followed", "warned"))
    return lists and marks and wide["words"] in ("", rule["words"])


def _values(rule: Mapping[str, Any], name: str) -> Sequence[str]:
    if rule["kind"] == "emerging" and not rule[name]:
        # Without a word on it, coming is told and going is not, and of the whole list, none that somebody made of it.
        return {"turns": ("enters",), "subjects": tuple(SUBJECTS["emerging"])}.get(name, ())
    return tuple(rule[name])


def _or(visit: Visit, names: Sequence[str]) -> str:
    return visit.text(" or ").join(names)


def reasons(visit: Visit) -> dict[str, str]:
    """Return why something was held back or put off."""
    return {
        "muted": visit.text("the rule was mute"),
        "cool_down": visit.text("too soon after the alert before"),
        "budget": visit.text("the day's budget was used up"),
        "old": visit.text("published more than a day before it was seen"),
        "quiet": visit.text("waited for the end of quiet hours"),
        "digest": visit.text("waited for the daily digest"),
        "own": visit.text("told by Vigie itself"),
        "gone": visit.text("the channel was removed"),
        "unconfirmed": visit.text("the address is not confirmed"),
        "dead": visit.text("the address takes no mail"),
        "deleted": visit.text("the rule was deleted"),
        "off": visit.text("the rule was paused"),
    }


def states(visit: Visit) -> dict[str, str]:
    """Return what became of a delivery."""
    return {
        "sent": visit.text("sent"), "waiting": visit.text("waits"), "failed": visit.text("failed"),
        "suppressed": visit.text("held back"),
    }  # fmt: skip


def statuses(visit: Visit) -> dict[str, str]:
    """Return how far something is confirmed."""
    return {
        "confirmed": visit.text("confirmed by a primary source"), "repeated": visit.text("repeated by others"),
        "disputed": visit.text("disputed"), "unconfirmed": visit.text("unconfirmed"),
        "flagged": visit.text("flagged"), "corrected": visit.text("corrected"),
        "withdrawn": visit.text("withdrawn by its source"),
    }  # fmt: skip


def marks(visit: Visit) -> dict[str, str]:
    """Return what an alert is after others about the same."""
    return {"update": visit.text("Update"), "correction": visit.text("Correction")}


def stages(visit: Visit) -> dict[str, str]:
    """Return the stages from a publisher to a mailbox."""
    return {
        "seen": visit.text("Published to seen"),
        "processed": visit.text("Seen to processed"),
        "delivered": visit.text("Processed to mail accepted"),
        "all": visit.text("Published to mail accepted"),
    }


def ready_names(visit: Visit) -> dict[str, str]:
    """Return what the ready rules are called."""
    return {
        "bitcoin": visit.text("Regulators on Bitcoin"),
        "enforcement": visit.text("Enforcement by regulators"),
        "hacks": visit.text("Hacks that others confirm"),
        "etf": visit.text("Funds on Bitcoin and Ether"),
        "stablecoins": visit.text("Stablecoins, once a day"),
    }


def rule_called(visit: Visit, name: str) -> str:
    """Return what a rule is called: one that was taken ready in the visitor's language, whoever took it in which."""
    here = ready_names(visit)
    for one in READY:
        if name in (one.name, *(texts(language).get(one.name) for language in LANGUAGES)):
            return here[one.key]
    return name


def is_nothing_known(preview: Any) -> bool:
    """Tell whether a dry run had nothing to look at, which is not the same as nothing to tell."""
    return bool(preview.unknown) and not preview.looked_at


def looked(visit: Visit, preview: Any) -> list[str]:
    """Return what a dry run says of itself, in sentences."""
    found = []
    if preview.every_ms:
        text = visit.text("Looked at every %(time)s: what came and went in between is not counted.")
        found.append(text % {"time": visit.tongue.took(preview.every_ms)})
    if preview.since is not None:
        text = visit.text("What is stored begins on %(day)s.")
        found.append(text % {"day": visit.tongue.day(preview.since)})
    if "settled_funding" in preview.notes:
        found.append(visit.text("Funding is the settled one, not what venues announced in between."))
    if preview.unknown:
        names = {
            **subjects(visit, "desk"), "spread_bps": visit.text("the spread"),
            "funding_8h": visit.text("funding"), "open_interest": visit.text("open interest"),
            "bars": visit.text("prices"), "registers": visit.text("registers"),
            "list": visit.text("the list of emerging ones"),
        }  # fmt: skip
        what = ", ".join(names.get(one, one) for one in preview.unknown)
        text = visit.text("No past is stored of this, so it is not counted: %(what)s.")
        found.append(text % {"what": what})
    return found
