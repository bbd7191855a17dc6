"""Why each step found what it found, in plain words of both languages; the same names in both, which a test holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.catalogue import NamedTexts
from vigie.services.languages import Language

REASON_TEXTS: Final = NamedTexts("reason", {
        "quoted": "“{text}”", "is": "{text}: {name}", "with": "{what} ({which})", "and": "; ", "list": ", ",
        "more": "and {number} more", "error": "analysis failed", "nothing": "nothing found",
        "language.en": "English", "language.fr": "French", "language.none": "undetermined",
        "language.de": "German", "language.es": "Spanish", "language.it": "Italian", "language.pt": "Portuguese",
        "language.nl": "Dutch", "language.ja": "Japanese", "language.ko": "Korean", "language.zh": "Chinese",
        "language.ru": "Russian", "language.ar": "Arabic", "language.he": "Hebrew", "language.el": "Greek",
        "language.th": "Thai", "language.hi": "Hindi",
        "relevance.asset": "names a coin", "relevance.organisation": "names a crypto organisation",
        "relevance.person": "names a person in crypto", "relevance.law": "names a crypto law",
        "relevance.word": "uses a crypto-only term", "relevance.words": "uses two crypto terms",
        "relevance.source": "its publisher covers only crypto",
        "relevance.no_sign": "no crypto name or term in it",
        "duplicate.address": "the same address as {item}", "duplicate.title": "the same title as {item}",
        "duplicate.near": "almost the same words as {item}",
        "duplicate.none": "nothing similar within 72 hours", "duplicate.gone": "an earlier item",
        "entities.none": "names no entity on our lists",
        "topics.none": "no topic found", "topics.regulation_too": "news on regulation or public policy",
        "topic.regulation": "regulation", "topic.enforcement": "enforcement", "topic.etf": "ETF",
        "topic.hack": "hacks", "topic.listing": "listings", "topic.stablecoin": "stablecoins",
        "topic.macro": "economy", "topic.technology": "technology", "topic.legal": "courts",
        "topic.adoption": "adoption", "topic.exchange": "exchanges", "topic.policy": "policy",
        "topic.elections": "elections", "topic.sanctions": "sanctions", "topic.tax": "tax",
        "sentiment.positive": "positive", "sentiment.negative": "negative", "sentiment.neutral": "neutral",
        "sentiment.unclear": "unclear", "sentiment.good": "{words}: good news", "sentiment.bad": "{words}: bad news",
        "sentiment.no_word": "from its overall wording",
        "sentiment.unread": "not assessed: written in {language}; Vigie's model reads English and French",
        "sentiment.model": "according to the language model {name}",
        "sentiment.fault": "according to Vigie's model: the language model gave no usable answer",
        "novelty.most": "mostly new to its story", "novelty.some": "partly new to its story",
        "novelty.little": "almost nothing new to its story",
        "novelty.first_most": "starts a story, with new wording",
        "novelty.first_some": "starts a story, worded partly like an item of another story",
        "novelty.first_little": "starts a story, worded much like an item of another story",
        "urgency.up": "more urgent: {reasons}", "urgency.down": "less urgent: {reasons}",
        "urgency.none": "not urgent",
        "urgency.wording": "urgent wording", "urgency.can_wait": "non-urgent wording",
        "urgency.topic": "topic",
        "urgency.negative": "bad news", "urgency.copied": "duplicate", "urgency.tier": "kind of source",
        "urgency.old": "published long before it was seen",
        "tier.regulator": "a regulator", "tier.primary": "a primary source",
        "reliability.none": "no sign for or against it",
        "reliability.first_hand": "published by the party concerned",
        "reliability.first_hand_before": "the party concerned said it before",
        "reliability.first_hand_in_part": "the party concerned said it before, except for",
        "reliability.differs": "differs from what the party concerned said",
        "reliability.others_before": "other publishers reported it before",
        "reliability.copied": "repeats the words of another item", "reliability.denies": "denies another item",
        "reliability.denied": "denied by another item", "reliability.no_address": "has no link",
        "reliability.elsewhere": "links to another domain",
        "reliability.known_bad_domain": "its domain is on a list of malicious domains",
        "reliability.impersonates": "its domain imitates another one", "reliability.clickbait": "clickbait",
        "reliability.giveaway": "giveaway offer", "reliability.promise": "promise of gains",
        "reliability.anonymous": "anonymous claim",
        "story.first": "the first item of its story that Vigie read", "story.follows": "same event as earlier items",
        "story.prices": "price report: grouped only with reports on the same coins, direction and day",
        "story.outlook": "price outlook: grouped only with other outlooks",
        "story.shared": "in common", "story.joins": "absorbs another story on the same event",
        "story.moved": "its story was merged into this one",
        "story.price_move": "the same price move", "story.names": "names", "story.words": "rare words",
        "story.amounts": "amounts or price levels", "story.happening": "the same event", "story.time": "the same time",
        "story.round-up": "round-up of several topics: not grouped with any story",
        "summary.one": "one sentence of the text", "summary.many": "{number} sentences of the text",
        "keywords.none": "no word stands out",
    })  # fmt: skip
Body = Mapping[str, Any]
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
class ReasonWriter:
    """Tells the findings of one item.

    Attributes
    ----------
    bodies : mapping of str to mapping
        By step, the body of its finding.
    entity_name : callable
        Returns what an entity is called, by its id.
    title_of : callable
        Returns the title of another item by its id, empty where it is not kept.
    """

    language: Language
    bodies: Mapping[str, Body]
    entity_name: Callable[[str], str]
    title_of: Callable[[str], str]

    def reason_of(self, step: str) -> str:
        """Return why a step found what it found; empty where no words are known for it."""
        body, reason_function = self.bodies.get(step), _REASONS.get(step)
        return reason_function(self, body) if body and reason_function is not None else ""

    def text(self, key: str, **values: str) -> str:
        """Return a text with its values."""
        return REASON_TEXTS[self.language][key].format(**values)

    def code_text(self, family: str, code: str) -> str:
        """Return what a code means; the code itself where a later version made it."""
        return REASON_TEXTS[self.language].get(f"{family}.{code}", code)

    def quote(self, text: str) -> str:
        """Return a text between the marks of the language."""
        return self.text("quoted", text=text)

    def join(self, parts: Iterable[str], mark: str = "list") -> str:
        """Return several, each once; of many the first ones, and how many more there are."""
        unique = list(dict.fromkeys(part for part in parts if part))
        more = [self.text("more", number=str(len(unique) - _MOST))] if len(unique) > _MOST else []
        return self.text(mark).join([*unique[:_MOST], *more])

    def with_evidence(self, what: str, which: Iterable[str]) -> str:
        """Return what was found with what shows it, where something does."""
        evidence = self.join(which)
        return self.text("with", what=what, which=evidence) if evidence else what


def _language(teller: ReasonWriter, body: Body) -> str:
    return teller.code_text("language", body["language"] or "none")


def _relevance(teller: ReasonWriter, body: Body) -> str:
    sure_mentions = [mention for mention in _mentions(teller) if mention.get("surety", 1.0) >= _SURE]
    names_by_code = {
        code: [teller.entity_name(mention["id"]) for mention in sure_mentions if mention["kind"] == kind]
        for code, kind in _KINDS.items()
    }
    return teller.join(
        (
            teller.with_evidence(teller.code_text("relevance", code), names_by_code.get(code, ()))
            for code in body["signs"]
        ),
        "and",
    )


def _duplicate(teller: ReasonWriter, body: Body) -> str:
    if not body["of"]:
        return teller.text("duplicate.none")
    return teller.text(
        f"duplicate.{body['how']}", item=_item(teller, body["of"]) or teller.text("duplicate.gone")
    )


def _item(teller: ReasonWriter, item: str) -> str:
    title = teller.title_of(item) if item else ""
    return teller.quote(title) if title else ""


def _mentions(teller: ReasonWriter) -> Sequence[Body]:
    mentions: Sequence[Body] = teller.bodies.get("entities", {}).get("found") or ()
    return mentions


def _entities(teller: ReasonWriter, body: Body) -> str:
    texts = []
    for mention in body["found"]:
        name = teller.entity_name(mention["id"])
        is_same = name.casefold() == mention["text"].casefold()
        texts.append(name if is_same else teller.text("is", text=teller.quote(mention["text"]), name=name))
    return teller.join(texts) or teller.text("entities.none")


def _topics(teller: ReasonWriter, body: Body) -> str:
    texts = [teller.code_text("topic", topic) for topic in body["topics"]]
    if body.get("is_regulation"):
        texts.append(teller.text("topics.regulation_too"))
    return teller.join(texts) or teller.text("topics.none")


def _sentiment(teller: ReasonWriter, body: Body) -> str:
    if body.get("unread"):
        return teller.text("sentiment.unread", language=teller.code_text("language", str(body["unread"])))
    word_weights = body.get("words") or ()
    texts = [teller.code_text("sentiment", body["label"])]
    for key, sign in (("sentiment.good", 1), ("sentiment.bad", -1)):
        marked = teller.join(teller.quote(word) for word, weight in word_weights if weight * sign > 0)
        texts += [teller.text(key, words=marked)] if marked else []
    if len(texts) == 1:
        texts.append(teller.text("sentiment.no_word"))
    if body.get("model"):
        texts.append(teller.text("sentiment.model", name=str(body["model"])))
    elif body.get("fault"):
        texts.append(teller.text("sentiment.fault"))
    return teller.join(texts, "and")


def _novelty(teller: ReasonWriter, body: Body) -> str:
    share, is_copy = body["novelty"], bool(teller.bodies.get("duplicate", {}).get("of"))
    # What begins a story is compared with other stories: in its own one all of it is new.
    is_first = teller.bodies.get("story", {}).get("place") == "first" and not is_copy
    much = "most" if share >= _MOSTLY else "some" if share >= _PARTLY else "little"
    return teller.text(f"novelty.first_{much}" if is_first else f"novelty.{much}")


def _urgency(teller: ReasonWriter, body: Body) -> str:
    texts = []
    for key, sign in (("urgency.up", 1), ("urgency.down", -1)):
        reasons = [
            _urgency_sign(teller, sign_row) for sign_row in body["signs"] if sign_row["adds"] * sign > 0
        ]
        texts += [teller.text(key, reasons=teller.join(reasons))] if reasons else []
    return teller.join(texts, "and") or teller.text("urgency.none")


def _urgency_sign(teller: ReasonWriter, sign: Body) -> str:
    evidence_text = {
        "topic": lambda: teller.code_text("topic", sign["evidence"]),
        "tier": lambda: teller.code_text("tier", sign["evidence"]),
        "wording": lambda: teller.quote(sign["evidence"]),
        "can_wait": lambda: teller.quote(sign["evidence"]),
    }.get(sign["code"])
    return teller.with_evidence(
        teller.code_text("urgency", sign["code"]), [evidence_text()] if evidence_text else []
    )


def _reliability(teller: ReasonWriter, body: Body) -> str:
    return teller.join((_reliability_sign(teller, sign) for sign in body["signs"]), "and") or teller.text(
        "reliability.none"
    )


def _reliability_sign(teller: ReasonWriter, sign: Body) -> str:
    what, evidence = teller.code_text("reliability", sign["code"]), str(sign.get("evidence", ""))
    quoted = [teller.quote(text) for text in _QUOTED.findall(evidence)]
    if not quoted and sign["code"] in _WITH_HOSTS:
        return teller.with_evidence(what, _HOST.findall(evidence))
    return teller.with_evidence(what, quoted or [_item(teller, str(sign.get("item") or ""))])


def _story(teller: ReasonWriter, body: Body) -> str:
    first = "" if body["place"] == "first" else _item(teller, str(body.get("story") or ""))
    place_text = teller.with_evidence(teller.code_text("story", body["place"]), [first])
    signs = teller.join([teller.code_text("story", sign) for sign in body.get("signs", ())])
    shared = teller.with_evidence(teller.code_text("story", "shared"), [signs]) if signs else ""
    kind = teller.code_text("story", body["kind"]) if body.get("kind") else ""
    ended = [_item(teller, str(join["by"])) for join in body.get("joins", ())]
    joins_text = teller.with_evidence(teller.code_text("story", "joins"), ended) if ended else ""
    moved_text = teller.code_text("story", "moved") if body.get("was") else ""
    return teller.join([part for part in (place_text, shared, joins_text, moved_text, kind) if part], "and")


def _summary(teller: ReasonWriter, body: Body) -> str:
    count = len(body["sentences"])
    return teller.text("summary.one") if count == 1 else teller.text("summary.many", number=str(count))


def _keywords(teller: ReasonWriter, body: Body) -> str:
    return teller.join(body["words"]) or teller.text("keywords.none")


_REASONS: Final[Mapping[str, Callable[[ReasonWriter, Body], str]]] = {
    "language": _language, "relevance": _relevance, "duplicate": _duplicate, "entities": _entities,
    "topics": _topics, "sentiment": _sentiment, "novelty": _novelty, "urgency": _urgency,
    "reliability": _reliability, "story": _story, "summary": _summary, "keywords": _keywords,
}  # fmt: skip
