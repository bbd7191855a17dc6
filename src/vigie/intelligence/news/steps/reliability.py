"""Reliability: what speaks for and against believing an item, each with its evidence; never a verdict on truth.

Body: ``status`` and ``signs``, each with its code, its evidence and the other item where there is one; ``by``, tier,
owner, title and host of who published, which the next items are compared with.

- ``confirmed``: a regulator or a primary source says it itself, or said it before in the same story with the same
  amounts, dates, names and verbs. Who passes on what stands with another publisher that is followed says nothing
  itself.
- ``repeated``: another owner published the same story before, and this is no copy of its words.
- ``disputed``: within the story one denies or corrects what the other says; not who gave the corrected figure. So is
  what tells an amount, a date, a name or the outcome otherwise than the regulator or primary source before.
- ``flagged``: a sign that is grave in itself: an imitated domain, a known bad one, a giveaway, a promise of gains.
- ``unconfirmed``: none of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypedDict
from urllib.parse import urlsplit

from vigie.domain.item import FindingBody, ItemFinding, NewsItem, SourceTier
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.judging.hosts import Brands, Likeness, load_brands
from vigie.intelligence.news.judging.wording_signs import find_contradiction, find_lures, load_bad_domains
from vigie.intelligence.news.reading.merged_stories import story_ids
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.release_check import Release, ReleaseCheck, check_against_releases
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher, ReadingStep

SPAN_MS: Final = 72 * HOUR_MS
# Of one kind, in one finding.
_MOST_TOLD: Final = 5
GRAVE: Final = frozenset({"impersonates", "known_bad_domain", "giveaway", "promise"})
FIRST_HAND: Final[frozenset[SourceTier]] = frozenset({"regulator", "primary"})


class Sign(TypedDict):
    """One reason: its code, what shows it, and the other item, if any."""

    code: str
    evidence: str
    item: str


class ReliabilityStep:
    """Collects signs and says what follows from them."""

    name = "reliability"
    version = 8
    needs: tuple[str, ...] = ("duplicate", "story")

    def __init__(self, known: Iterable[str]) -> None:
        self.known = frozenset(known)

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the status with its signs."""
        story = _story_before(item, context)
        signs = [
            *self._host_signs(item, context),
            *_word_signs(item),
            *_copy_signs(context),
            *_story_signs(item, story),
        ]
        is_grave = any(sign["code"] in GRAVE for sign in signs)
        if context.publisher.tier in FIRST_HAND and not is_grave and not self._is_passed_on(item, context):
            signs.append(
                _sign("first_hand", f"published by {context.publisher.title}, {context.publisher.tier}")
            )
        signs += _publisher_signs(item, context.publisher, story)
        status = _status(signs)
        by = {"tier": context.publisher.tier, "owner": _owner(context.publisher), "host": host_of(item)}
        by["title"] = context.publisher.title
        body = {"status": status, "signs": signs, "by": by}
        why = (
            "; ".join(f"{sign['code']}: {sign['evidence']}" for sign in signs) or "no sign for or against it"
        )
        return ItemFinding(self.name, self.version, body, why)

    def _is_passed_on(self, item: NewsItem, context: Context) -> bool:
        """Tell whether an item leads to somebody else who is followed and is not at the source itself."""
        host, own = host_of(item), context.publisher.domain
        if not host or (own and (host == own or host.endswith(f".{own}"))):
            return False
        is_followed = any(end in self.known for end in _domain_suffixes(host)) or host in _media_hosts(
            item, context
        )
        return is_followed and host not in _first_hand_hosts(item, context)

    def _host_signs(self, item: NewsItem, context: Context) -> Iterable[Sign]:
        host, publisher = host_of(item), context.publisher
        if not host:
            yield _sign("no_address", "it leads nowhere")
            return
        bad = next((end for end in _domain_suffixes(host) if end in load_bad_domains()), "")
        if bad:
            yield _sign("known_bad_domain", f"{host} is on the list of known bad domains")
        if publisher.domain and (host == publisher.domain or host.endswith(f".{publisher.domain}")):
            if publisher.tier in FIRST_HAND:
                return
        elif publisher.tier in FIRST_HAND:
            yield _sign(
                "elsewhere", f"it leads to {host}, not to {publisher.domain or 'a domain of its publisher'}"
            )
        if like := _cached_likeness(host, self.known | _first_hand_hosts(item, context)):
            yield _sign("impersonates", f"{host} looks like {like.like} ({like.how})")


@lru_cache(maxsize=64)
def _brands(known: frozenset[str]) -> Brands:
    return load_brands(known)


@lru_cache(maxsize=4096)
def _cached_likeness(host: str, known: frozenset[str]) -> Likeness | None:
    return _brands(known).find_likeness(host)


def _first_hand_hosts(item: NewsItem, context: Context) -> frozenset[str]:
    # Where regulators and primary sources published lately: who looks like them is named without any list.
    publishers = (
        _publisher_body(entry) for entry in context.window.before(item, SPAN_MS) if is_first_hand(entry)
    )
    return frozenset(by["host"] for by in publishers if by and by["host"] and by["tier"] in FIRST_HAND)


def _media_hosts(item: NewsItem, context: Context) -> frozenset[str]:
    own_owner = _owner(context.publisher)
    publishers = (_publisher_body(entry) for entry in context.window.before(item, SPAN_MS))
    return frozenset(
        by["host"] for by in publishers if by and by["tier"] == "media" and by["owner"] != own_owner
    )


def _word_signs(item: NewsItem) -> Iterable[Sign]:
    text = f"{item.content.title} {item.content.text[:600]}"
    for code, words in find_lures(text).items():
        # Shouting and questions are a headline's, a teaser may quote them.
        if code != "clickbait" or "clickbait" in find_lures(item.content.title):
            yield _sign(code, f"«{words}»")


def _copy_signs(context: Context) -> Iterable[Sign]:
    copy = context.findings.get("duplicate")
    if copy is not None and copy.body["of"]:
        yield _sign("copied", f"the words of another item, by {copy.body['how']}", copy.body["of"])


def _story_signs(item: NewsItem, story: Sequence[AnalysedItem]) -> Iterable[Sign]:
    own_words = _contradicting_words(item)
    for entry in story:
        other_words = _contradicting_words(entry.item)
        if entry.item.content.source != item.content.source and _has_agreeing_numbers(item, entry.item):
            continue
        if own_words and not other_words:
            yield _sign("denies", f"«{own_words}» against «{entry.item.content.title}»", entry.item.id)
            return
        if other_words and not own_words and entry.item.content.source != item.content.source:
            yield _sign("denied", f"«{other_words}» in «{entry.item.content.title}»", entry.item.id)
            return


def _publisher_signs(item: NewsItem, publisher: Publisher, story: Sequence[AnalysedItem]) -> Iterable[Sign]:
    others = [
        (entry, by) for entry in story if (by := _publisher_body(entry)) and by["owner"] != _owner(publisher)
    ]
    releases = [
        release_of(entry) for entry, _ in others if is_first_hand(entry) and _status_of(entry) != "flagged"
    ]
    check = check_against_releases(item, releases, (publisher.title, publisher.owner))
    if check is not None:
        yield from _release_signs(check)
    honest = [entry for entry, by in others if by["tier"] == "media" and not _is_copy(entry)]
    owners = {(_publisher_body(entry) or {})["owner"] for entry in honest}
    if owners:
        yield _sign("others_before", f"{len(owners)} other publisher(s) had it", honest[0].item.id)


def _release_signs(check: ReleaseCheck) -> Iterable[Sign]:
    comparison, release = check
    if comparison.outcome == "agrees":
        yield _sign("first_hand_before", f"«{release.content.title}» by its own source", release.id)
    for part in comparison.differences[:_MOST_TOLD]:
        yield _sign("differs", f"{part.kind}: «{part.copy_says}» against «{part.release_says}»", release.id)
    if comparison.outcome == "unproven":
        unproven = ", ".join(f"«{part}»" for part in comparison.unproven[:_MOST_TOLD])
        yield _sign("first_hand_in_part", f"its own source does not say {unproven}", release.id)


def release_of(entry: AnalysedItem) -> Release:
    """Return an item as a release, with what its publisher is called."""
    by = _publisher_body(entry) or {}
    return Release(entry.item, tuple(name for name in (by.get("title", ""), by.get("owner", "")) if name))


def _status(signs: Sequence[Sign]) -> str:
    codes = {sign["code"] for sign in signs}
    if codes & GRAVE:
        return "flagged"
    if codes & {"denies", "denied"} or ("differs" in codes and "first_hand" not in codes):
        return "disputed"
    if codes & {"first_hand", "first_hand_before"}:
        return "confirmed"
    return "repeated" if "others_before" in codes and "copied" not in codes else "unconfirmed"


def _story_before(item: NewsItem, context: Context) -> list[AnalysedItem]:
    story, story_names = _story_of_findings(context.findings), story_ids(context.findings)
    copy = context.findings.get("duplicate")
    original: str = copy.body["of"] if copy is not None else ""
    is_first = item.revision == 1 and story == item.id
    # Nobody before follows an item that is first.
    if not original and (not story or is_first):
        return []
    earlier = context.window.before(item, SPAN_MS)
    return [
        entry for entry in earlier if _is_in_story(entry, story_names, original) and entry.item.id != item.id
    ]


def _is_in_story(entry: AnalysedItem, story_names: frozenset[str], original: str) -> bool:
    return _story_of_findings(entry.findings) in story_names or entry.item.id == original


def _story_of_findings(findings: Mapping[str, ItemFinding]) -> str:
    finding = findings.get("story")
    return str(finding.body.get("story", "")) if finding is not None else ""


def _contradicting_words(item: NewsItem) -> str:
    words = find_contradiction(item.content.title)
    return words.get("denial") or words.get("correction", "")


def _has_agreeing_numbers(item: NewsItem, other: NewsItem) -> bool:
    # Who corrects a figure takes back its own: somebody who gave the right one from the start is not contradicted.
    if any("denial" in find_contradiction(either.content.title) for either in (item, other)):
        return False
    own_numbers, other_numbers = numbers(item.content.title), numbers(other.content.title)
    return bool(own_numbers and other_numbers) and (
        own_numbers <= other_numbers or other_numbers <= own_numbers
    )


def _publisher_body(entry: AnalysedItem) -> dict[str, str] | None:
    finding = entry.findings.get("reliability")
    return None if finding is None else finding.body.get("by")


def is_first_hand(entry: AnalysedItem) -> bool:
    """Tell whether somebody said an item about their own doing: a regulator or primary source, not passing on."""
    finding = entry.findings.get("reliability")
    return finding is not None and says_first_hand(finding.body)


def says_first_hand(body: FindingBody) -> bool:
    """Tell the same by what this step found."""
    return any(sign["code"] == "first_hand" for sign in body.get("signs", ()))


def _status_of(entry: AnalysedItem) -> str:
    finding = entry.findings.get("reliability")
    return "" if finding is None else str(finding.body.get("status", ""))


def _is_copy(entry: AnalysedItem) -> bool:
    finding = entry.findings.get("duplicate")
    return finding is not None and bool(finding.body["of"])


def _owner(publisher: Publisher) -> str:
    return publisher.owner or publisher.id


def _sign(code: str, evidence: str, item: str = "") -> Sign:
    return Sign(code=code, evidence=evidence, item=item)


def host_of(item: NewsItem) -> str:
    """Return the host that an item leads to."""
    if not item.content.url:
        return ""
    try:
        return (urlsplit(item.content.url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _domain_suffixes(host: str) -> list[str]:
    pieces = host.split(".")
    return [".".join(pieces[start:]) for start in range(len(pieces) - 1)]


def make(known: Iterable[str] = ()) -> ReadingStep:
    """Return the step.

    Parameters
    ----------
    known : iterable of str
        Domains of the publishers that are followed: they are never suspected, and what looks like them is.
    """
    return ReliabilityStep(known)
