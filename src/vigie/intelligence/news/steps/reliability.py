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

from vigie.domain.item import ItemFinding, NewsItem, SourceTier
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.borne_out import BorneOut, Release, borne_out
from vigie.intelligence.news.judging.bait import contradicting, known_bad, lures
from vigie.intelligence.news.judging.hosts import Brands, Likeness, brands
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.rejoined import stories
from vigie.intelligence.news.step import Context, Publisher, Seen, Step

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


class Reliability:
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
            *self._of_host(item, context),
            *_of_words(item),
            *_of_copy(context),
            *_of_story(item, story),
        ]
        is_grave = any(sign["code"] in GRAVE for sign in signs)
        if context.publisher.tier in FIRST_HAND and not is_grave and not self._is_passed_on(item, context):
            signs.append(
                _sign("first_hand", f"published by {context.publisher.title}, {context.publisher.tier}")
            )
        signs += _of_others(item, context.publisher, story)
        status = _status(signs)
        by = {"tier": context.publisher.tier, "owner": _owner(context.publisher), "host": host_of(item)}
        by["title"] = context.publisher.title
        body = {"status": status, "signs": signs, "by": by}
        shown = (
            "; ".join(f"{sign['code']}: {sign['evidence']}" for sign in signs) or "no sign for or against it"
        )
        return ItemFinding(self.name, self.version, body, shown)

    def _is_passed_on(self, item: NewsItem, context: Context) -> bool:
        """Tell whether an item leads to somebody else who is followed and is not at the source itself."""
        host, own = host_of(item), context.publisher.domain
        if not host or (own and (host == own or host.endswith(f".{own}"))):
            return False
        is_followed = any(end in self.known for end in _ends(host)) or host in _media_hosts(item, context)
        return is_followed and host not in _first_hand_hosts(item, context)

    def _of_host(self, item: NewsItem, context: Context) -> Iterable[Sign]:
        host, publisher = host_of(item), context.publisher
        if not host:
            yield _sign("no_address", "it leads nowhere")
            return
        bad = next((end for end in _ends(host) if end in known_bad()), "")
        if bad:
            yield _sign("known_bad_domain", f"{host} is on the list of known bad domains")
        if publisher.domain and (host == publisher.domain or host.endswith(f".{publisher.domain}")):
            if publisher.tier in FIRST_HAND:
                return
        elif publisher.tier in FIRST_HAND:
            yield _sign(
                "elsewhere", f"it leads to {host}, not to {publisher.domain or 'a domain of its publisher'}"
            )
        if like := _like(host, self.known | _first_hand_hosts(item, context)):
            yield _sign("impersonates", f"{host} looks like {like.like} ({like.how})")


@lru_cache(maxsize=64)
def _brands(known: frozenset[str]) -> Brands:
    return brands(known)


@lru_cache(maxsize=4096)
def _like(host: str, known: frozenset[str]) -> Likeness | None:
    return _brands(known).likeness(host)


def _first_hand_hosts(item: NewsItem, context: Context) -> frozenset[str]:
    # Where regulators and primary sources published lately: who looks like them is named without any list.
    every = (_by(seen) for seen in context.window.before(item, SPAN_MS) if is_first_hand(seen))
    return frozenset(by["host"] for by in every if by and by["host"] and by["tier"] in FIRST_HAND)


def _media_hosts(item: NewsItem, context: Context) -> frozenset[str]:
    ours = _owner(context.publisher)
    every = (_by(seen) for seen in context.window.before(item, SPAN_MS))
    return frozenset(by["host"] for by in every if by and by["tier"] == "media" and by["owner"] != ours)


def _of_words(item: NewsItem) -> Iterable[Sign]:
    text = f"{item.said.title} {item.said.text[:600]}"
    for code, words in lures(text).items():
        # Shouting and questions are a headline's, a teaser may quote them.
        if code != "clickbait" or "clickbait" in lures(item.said.title):
            yield _sign(code, f"«{words}»")


def _of_copy(context: Context) -> Iterable[Sign]:
    copy = context.found.get("duplicate")
    if copy is not None and copy.body["of"]:
        yield _sign("copied", f"the words of another item, by {copy.body['how']}", copy.body["of"])


def _of_story(item: NewsItem, story: Sequence[Seen]) -> Iterable[Sign]:
    ours = _contradicts(item)
    for seen in story:
        theirs = _contradicts(seen.item)
        if seen.item.said.source != item.said.source and _agree(item, seen.item):
            continue
        if ours and not theirs:
            yield _sign("denies", f"«{ours}» against «{seen.item.said.title}»", seen.item.id)
            return
        if theirs and not ours and seen.item.said.source != item.said.source:
            yield _sign("denied", f"«{theirs}» in «{seen.item.said.title}»", seen.item.id)
            return


def _of_others(item: NewsItem, publisher: Publisher, story: Sequence[Seen]) -> Iterable[Sign]:
    others = [(seen, by) for seen in story if (by := _by(seen)) and by["owner"] != _owner(publisher)]
    releases = [
        release_of(seen) for seen, _ in others if is_first_hand(seen) and _status_of(seen) != "flagged"
    ]
    found = borne_out(item, releases, (publisher.title, publisher.owner))
    if found is not None:
        yield from _of_release(found)
    honest = [seen for seen, by in others if by["tier"] == "media" and not _is_copy(seen)]
    owners = {(_by(seen) or {})["owner"] for seen in honest}
    if owners:
        yield _sign("others_before", f"{len(owners)} other publisher(s) had it", honest[0].item.id)


def _of_release(found: BorneOut) -> Iterable[Sign]:
    comparison, first = found
    if comparison.outcome == "agrees":
        yield _sign("first_hand_before", f"«{first.said.title}» by its own source", first.id)
    for one in comparison.differences[:_MOST_TOLD]:
        yield _sign("differs", f"{one.kind}: «{one.copy_says}» against «{one.release_says}»", first.id)
    if comparison.outcome == "unproven":
        told = ", ".join(f"«{one}»" for one in comparison.unproven[:_MOST_TOLD])
        yield _sign("first_hand_in_part", f"its own source does not say {told}", first.id)


def release_of(seen: Seen) -> Release:
    """Return an item as a release, with what its publisher is called."""
    by = _by(seen) or {}
    return Release(seen.item, tuple(one for one in (by.get("title", ""), by.get("owner", "")) if one))


def _status(signs: Sequence[Sign]) -> str:
    codes = {sign["code"] for sign in signs}
    if codes & GRAVE:
        return "flagged"
    if codes & {"denies", "denied"} or ("differs" in codes and "first_hand" not in codes):
        return "disputed"
    if codes & {"first_hand", "first_hand_before"}:
        return "confirmed"
    return "repeated" if "others_before" in codes and "copied" not in codes else "unconfirmed"


def _story_before(item: NewsItem, context: Context) -> list[Seen]:
    story, told_in = _story(context.found), stories(context.found)
    copy = context.found.get("duplicate")
    of: str = copy.body["of"] if copy is not None else ""
    is_first = item.revision == 1 and story == item.id
    # Nobody before follows an item that is first.
    if not of and (not story or is_first):
        return []
    told = context.window.before(item, SPAN_MS)
    return [seen for seen in told if _is_of(seen, told_in, of) and seen.item.id != item.id]


def _is_of(seen: Seen, told_in: frozenset[str], of: str) -> bool:
    return _story(seen.found) in told_in or seen.item.id == of


def _story(found: Mapping[str, ItemFinding]) -> str:
    finding = found.get("story")
    return str(finding.body.get("story", "")) if finding is not None else ""


def _contradicts(item: NewsItem) -> str:
    words = contradicting(item.said.title)
    return words.get("denial") or words.get("correction", "")


def _agree(one: NewsItem, other: NewsItem) -> bool:
    # Who corrects a figure takes back its own: somebody who gave the right one from the start is not contradicted.
    if any("denial" in contradicting(each.said.title) for each in (one, other)):
        return False
    ours, theirs = numbers(one.said.title), numbers(other.said.title)
    return bool(ours and theirs) and (ours <= theirs or theirs <= ours)


def _by(seen: Seen) -> dict[str, str] | None:
    finding = seen.found.get("reliability")
    return None if finding is None else finding.body.get("by")


def is_first_hand(seen: Seen) -> bool:
    """Tell whether somebody said an item about their own doing: a regulator or primary source, not passing on."""
    finding = seen.found.get("reliability")
    return finding is not None and any(sign["code"] == "first_hand" for sign in finding.body.get("signs", ()))


def _status_of(seen: Seen) -> str:
    finding = seen.found.get("reliability")
    return "" if finding is None else str(finding.body.get("status", ""))


def _is_copy(seen: Seen) -> bool:
    finding = seen.found.get("duplicate")
    return finding is not None and bool(finding.body["of"])


def _owner(publisher: Publisher) -> str:
    return publisher.owner or publisher.id


def _sign(code: str, evidence: str, item: str = "") -> Sign:
    return Sign(code=code, evidence=evidence, item=item)


def host_of(item: NewsItem) -> str:
    """Return the host that an item leads to."""
    if not item.said.url:
        return ""
    try:
        return (urlsplit(item.said.url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _ends(host: str) -> list[str]:
    pieces = host.split(".")
    return [".".join(pieces[start:]) for start in range(len(pieces) - 1)]


def make(known: Iterable[str] = ()) -> Step:
    """Return the step.

    Parameters
    ----------
    known : iterable of str
        Domains of the publishers that are followed: they are never suspected, and what looks like them is.
    """
    return Reliability(known)
