"""Why each step found what it found, in the visitor's language: made of the codes in its finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie.views.web.pages.news import words
from vigie.views.web.visit import Visit

Body = Mapping[str, Any]
_MOST: Final = 6


def reason(visit: Visit, step: str, body: Body, english: str) -> tuple[str, str]:
    """Return why, and the language that is in; in English the step's own words say more."""
    made = _REASONS.get(step)
    if visit.tongue.language == "en" or made is None or not body:
        return english, "en"
    return made(visit, body), visit.tongue.language


def _language(visit: Visit, body: Body) -> str:
    names = {"en": visit.text("English"), "fr": visit.text("French")}
    if not body["language"]:
        return visit.text("nothing in it tells")
    return f"{names.get(body['language'], body['language'])}, {visit.tongue.percent(body['surety'], 0)}"


def _relevance(visit: Visit, body: Body) -> str:
    signs = {
        "asset": visit.text("an asset is named"), "organisation": visit.text("an organisation of crypto is named"),
        "person": visit.text("a person of crypto is named"), "law": visit.text("a law on crypto is named"),
        "word": visit.text("a word that only crypto uses"), "words": visit.text("two words of crypto"),
        "no_sign": visit.text("names nothing of crypto and uses none of its words"),
    }  # fmt: skip
    return "; ".join(signs.get(code, code) for code in body["signs"])


def _duplicate(visit: Visit, body: Body) -> str:
    how = {
        "address": visit.text("the same address as %(item)s"), "title": visit.text("the same title as %(item)s"),
        "near": visit.text("nearly the same words as %(item)s"),
    }  # fmt: skip
    if not body["of"]:
        return visit.text("nothing like it within 72 hours")
    return how.get(body["how"], "%(item)s") % {"item": body["of"]}


def _entities(visit: Visit, body: Body) -> str:
    named = dict.fromkeys(f"{one['text']}: {one['id']}" for one in body["found"])
    return "; ".join([*named][:_MOST]) or visit.text("nobody on the lists is named")


def _topics(visit: Visit, body: Body) -> str:
    names = words.topics(visit)
    told = [
        f"{names.get(topic, topic)} {visit.tongue.percent(value, 0)}"
        for topic, value in body["topics"].items()
    ]
    return ", ".join(told) or visit.text("none of the topics")


def _sentiment(visit: Visit, body: Body) -> str:
    names = {
        **words.moods(visit), "neutral": visit.text("Neutral"), "unclear": visit.text("Unclear"),
    }  # fmt: skip
    surest = max(body["probabilities"].values(), default=0.0)
    heard = ", ".join(f"{word} {weight:+d}" for word, weight in body.get("words") or ())
    told = f"{names.get(body['label'], body['label'])}, {visit.tongue.percent(surest, 0)}" + (
        f" : {heard}" if heard else ""
    )
    if body.get("model"):
        return told + " · " + visit.text("said by the language model %(name)s") % {"name": body["model"]}
    if body.get("fault"):
        # The fault itself is English, and stands in the finding below.
        return told + " · " + visit.text("read by Vigie's model: the language model gave no usable answer")
    return told


def _novelty(visit: Visit, body: Body) -> str:
    return visit.text("%(share)s of it is new in its story") % {
        "share": visit.tongue.percent(body["novelty"], 0)
    }


def _urgency(visit: Visit, body: Body) -> str:
    names = {
        "wording": visit.text("its wording presses"), "can_wait": visit.text("its wording can wait"),
        "topic": visit.text("its topic"), "negative": visit.text("it sounds bad"), "copied": visit.text("a copy"),
        "tier": visit.text("who publishes it"), "old": visit.text("published long before it was seen"),
    }  # fmt: skip
    told = [
        f"{names.get(one['code'], one['code'])} {visit.tongue.number(one['adds'], 1)}"
        for one in body["signs"]
    ]
    return ", ".join(told) or visit.text("nothing urgent in it")


def _reliability(visit: Visit, body: Body) -> str:
    names = signs(visit)
    told = [names.get(one["code"], one["code"]) for one in body["signs"]]
    return "; ".join(told) or visit.text("no sign for or against it")


def signs(visit: Visit) -> dict[str, str]:
    """Return the signs of reliability."""
    return {
        "first_hand": visit.text("published by who it is about"), "no_address": visit.text("it leads nowhere"),
        "first_hand_before": visit.text("its own source said it before"),
        "others_before": visit.text("other publishers had it before"),
        "copied": visit.text("the words of another item"), "denies": visit.text("it denies another item"),
        "denied": visit.text("another item denies it"), "elsewhere": visit.text("it leads to another domain"),
        "known_bad_domain": visit.text("its domain is on the list of known bad ones"),
        "impersonates": visit.text("its domain imitates another one"), "clickbait": visit.text("clickbait"),
        "giveaway": visit.text("a giveaway"), "promise": visit.text("a promise of gains"),
        "anonymous": visit.text("nobody signs the claim"),
    }  # fmt: skip


def _story(visit: Visit, body: Body) -> str:
    return (
        visit.text("begins a story")
        if body["place"] == "first"
        else visit.text("tells of the same as earlier items")
    )


def _summary(visit: Visit, body: Body) -> str:
    return visit.text("%(num)s sentences of the text") % {"num": len(body["sentences"])}


def _keywords(visit: Visit, body: Body) -> str:
    return ", ".join(body["words"]) or visit.text("no word stands out")


_REASONS: Final[Mapping[str, Callable[[Visit, Body], str]]] = {
    "language": _language, "relevance": _relevance, "duplicate": _duplicate, "entities": _entities,
    "topics": _topics, "sentiment": _sentiment, "novelty": _novelty, "urgency": _urgency,
    "reliability": _reliability, "story": _story, "summary": _summary, "keywords": _keywords,
}  # fmt: skip
