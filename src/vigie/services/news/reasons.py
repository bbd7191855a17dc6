"""Why each step found what it found, in plain words: names for ids, no weights; these stay in the finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from vigie.services.news.reason_words import REASONS

Body = Mapping[str, Any]
Language = Literal["en", "fr"]
_MOST: Final = 6
# From these shares on most of an item, or part of it, is new.
_MOSTLY: Final = 2 / 3
_PARTLY: Final = 1 / 3
_SURE: Final = 0.7
_KINDS: Final = {"asset": "coin", "organisation": "org", "person": "person", "law": "law"}
_QUOTED: Final = re.compile(r"«([^»]*)»")
# Of evidence that is a sentence, the domains that it names.
_HOST: Final = re.compile(r"\b[\w-]+(?:\.[\w-]+)+\b")
_WITH_HOSTS: Final = ("elsewhere", "known_bad_domain", "impersonates")


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the findings of one item.

    Attributes
    ----------
    found : mapping of str to mapping
        By step, the body of its finding.
    called : callable
        Returns what an entity is called, by its id.
    title_of : callable
        Returns the title of another item by its id, empty where it is not kept.
    """

    language: Language
    found: Mapping[str, Body]
    called: Callable[[str], str]
    title_of: Callable[[str], str]

    def tell(self, step: str) -> str:
        """Return why a step found what it found; empty where no words are known for it."""
        body, made = self.found.get(step), _REASONS.get(step)
        return made(self, body) if body and made is not None else ""

    def say(self, key: str, **values: str) -> str:
        """Return a text with its values."""
        return REASONS[self.language][key].format(**values)

    def named(self, family: str, code: str) -> str:
        """Return what a code means; the code itself where a later version made it."""
        return REASONS[self.language].get(f"{family}.{code}", code)

    def quoted(self, text: str) -> str:
        """Return a text between the marks of the language."""
        return self.say("quoted", text=text)

    def listed(self, parts: Iterable[str], mark: str = "list") -> str:
        """Return several, each once; of many the first ones, and how many more there are."""
        every = list(dict.fromkeys(part for part in parts if part))
        more = [self.say("more", number=str(len(every) - _MOST))] if len(every) > _MOST else []
        return self.say(mark).join([*every[:_MOST], *more])

    def told(self, what: str, which: Iterable[str]) -> str:
        """Return what was found with what shows it, where something does."""
        shown = self.listed(which)
        return self.say("with", what=what, which=shown) if shown else what


def _language(teller: Teller, body: Body) -> str:
    return teller.named("language", body["language"] or "none")


def _relevance(teller: Teller, body: Body) -> str:
    sure = [one for one in _mentions(teller) if one.get("surety", 1.0) >= _SURE]
    named = {
        code: [teller.called(one["id"]) for one in sure if one["kind"] == kind]
        for code, kind in _KINDS.items()
    }
    return teller.listed(
        (teller.told(teller.named("relevance", code), named.get(code, ())) for code in body["signs"]), "and"
    )


def _duplicate(teller: Teller, body: Body) -> str:
    if not body["of"]:
        return teller.say("duplicate.none")
    return teller.say(
        f"duplicate.{body['how']}", item=_item(teller, body["of"]) or teller.say("duplicate.gone")
    )


def _item(teller: Teller, item: str) -> str:
    title = teller.title_of(item) if item else ""
    return teller.quoted(title) if title else ""


def _mentions(teller: Teller) -> Sequence[Body]:
    found: Sequence[Body] = teller.found.get("entities", {}).get("found") or ()
    return found


def _entities(teller: Teller, body: Body) -> str:
    named = []
    for one in body["found"]:
        name = teller.called(one["id"])
        is_same = name.casefold() == one["text"].casefold()
        named.append(name if is_same else teller.say("is", text=teller.quoted(one["text"]), name=name))
    return teller.listed(named) or teller.say("entities.none")


def _topics(teller: Teller, body: Body) -> str:
    told = [teller.named("topic", topic) for topic in body["topics"]]
    if body.get("is_regulation"):
        told.append(teller.say("topics.regulation_too"))
    return teller.listed(told) or teller.say("topics.none")


def _sentiment(teller: Teller, body: Body) -> str:
    if body.get("unread"):
        return teller.say("sentiment.unread", language=teller.named("language", str(body["unread"])))
    heard = body.get("words") or ()
    told = [teller.named("sentiment", body["label"])]
    for key, sign in (("sentiment.good", 1), ("sentiment.bad", -1)):
        marked = teller.listed(teller.quoted(word) for word, weight in heard if weight * sign > 0)
        told += [teller.say(key, words=marked)] if marked else []
    if len(told) == 1:
        told.append(teller.say("sentiment.no_word"))
    if body.get("model"):
        told.append(teller.say("sentiment.model", name=str(body["model"])))
    elif body.get("fault"):
        told.append(teller.say("sentiment.fault"))
    return teller.listed(told, "and")


def _novelty(teller: Teller, body: Body) -> str:
    share, is_copy = body["novelty"], bool(teller.found.get("duplicate", {}).get("of"))
    # What begins a story is compared with other stories: in its own one all of it is new.
    is_first = teller.found.get("story", {}).get("place") == "first" and not is_copy
    much = "most" if share >= _MOSTLY else "some" if share >= _PARTLY else "little"
    return teller.say(f"novelty.first_{much}" if is_first else f"novelty.{much}")


def _urgency(teller: Teller, body: Body) -> str:
    told = []
    for key, sign in (("urgency.up", 1), ("urgency.down", -1)):
        reasons = [_pressing(teller, one) for one in body["signs"] if one["adds"] * sign > 0]
        told += [teller.say(key, reasons=teller.listed(reasons))] if reasons else []
    return teller.listed(told, "and") or teller.say("urgency.none")


def _pressing(teller: Teller, sign: Body) -> str:
    shown = {
        "topic": lambda: teller.named("topic", sign["evidence"]),
        "tier": lambda: teller.named("tier", sign["evidence"]),
        "wording": lambda: teller.quoted(sign["evidence"]),
        "can_wait": lambda: teller.quoted(sign["evidence"]),
    }.get(sign["code"])
    return teller.told(teller.named("urgency", sign["code"]), [shown()] if shown else [])


def _reliability(teller: Teller, body: Body) -> str:
    return teller.listed((_believed(teller, sign) for sign in body["signs"]), "and") or teller.say(
        "reliability.none"
    )


def _believed(teller: Teller, sign: Body) -> str:
    what, evidence = teller.named("reliability", sign["code"]), str(sign.get("evidence", ""))
    quoted = [teller.quoted(text) for text in _QUOTED.findall(evidence)]
    if not quoted and sign["code"] in _WITH_HOSTS:
        return teller.told(what, _HOST.findall(evidence))
    return teller.told(what, quoted or [_item(teller, str(sign.get("item") or ""))])


def _story(teller: Teller, body: Body) -> str:
    first = "" if body["place"] == "first" else _item(teller, str(body.get("story") or ""))
    told = teller.told(teller.named("story", body["place"]), [first])
    signs = teller.listed([teller.named("story", sign) for sign in body.get("signs", ())])
    shared = teller.told(teller.named("story", "shared"), [signs]) if signs else ""
    kind = teller.named("story", body["kind"]) if body.get("kind") else ""
    ended = [_item(teller, str(one["by"])) for one in body.get("joins", ())]
    joined = teller.told(teller.named("story", "joins"), ended) if ended else ""
    moved = teller.named("story", "moved") if body.get("was") else ""
    return teller.listed([part for part in (told, shared, joined, moved, kind) if part], "and")


def _summary(teller: Teller, body: Body) -> str:
    count = len(body["sentences"])
    return teller.say("summary.one") if count == 1 else teller.say("summary.many", number=str(count))


def _keywords(teller: Teller, body: Body) -> str:
    return teller.listed(body["words"]) or teller.say("keywords.none")


_REASONS: Final[Mapping[str, Callable[[Teller, Body], str]]] = {
    "language": _language, "relevance": _relevance, "duplicate": _duplicate, "entities": _entities,
    "topics": _topics, "sentiment": _sentiment, "novelty": _novelty, "urgency": _urgency,
    "reliability": _reliability, "story": _story, "summary": _summary, "keywords": _keywords,
}  # fmt: skip
