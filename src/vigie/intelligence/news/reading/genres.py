"""What kind of headline one is: a report of prices, an outlook on them, a round-up of a day, or news of an event.

The first three are worded alike day after day, and would draw the stories of others together. Words are looked at once
each, from the first on: a headline of any length takes no longer than its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final, Literal

from vigie.intelligence.news.reading.happenings import happening
from vigie.intelligence.news.reading.prices import (
    ALONG,
    BEFORE,
    HEDGES,
    LEVELLED,
    MARKET,
    NOUNS,
    OBJECTS,
    PEGGED,
    PLACES,
    TAKEN,
    VAGUE,
    WEATHER,
    moved,
)
from vigie.intelligence.news.reading.words import BEGINNING, Words

Kind = Literal["", "prices", "outlook", "round-up"]
Names = frozenset[str]
# A move's direction may stand so many words after its verb.
_REACH: Final = 6
# A round-up names so many subjects, each with what happens to it.
_SUBJECTS: Final = 3
# What has more breaks is a list of something else.
_MOST: Final = 12
# So many words make a clause.
_CLAUSE: Final = 3
_AND_MORE: Final = re.compile(r"(?:\b(?:and|et|plus) )?(?:more|plus|plus encore)$")
_BREAKS: Final = re.compile(r"[,;|\u2022\u00b7]")
# Figures have commas of their own, with no blank behind them.
_CLAUSES: Final = re.compile(r"[,;:\u2013\u2014|](?!\d)")
# Of so many characters at the end, what a publisher signs with.
_SIGNATURE: Final = 40
_SIGNED: Final = re.compile(r"(?:[(|]|\s[-\u2013\u2014]\s)[^()|]{2,}\)?\s*$")
# A label before a headline has so many words.
_LABEL: Final = 3
_STRONG_BREAKS: Final = re.compile(r"[;|\u2022]")
_ROUND_UP: Final = re.compile(
    r"\b(?:(?:more|other) news$"
    r"|(?:et )?(?:autres|plus d) (?:actus?|actualites|infos?|nouvelles)$"
    r"|what happened (?:in|on) (?:crypto|bitcoin|the crypto|the market|\d{4})"
    r"|here s what happened (?:today|overnight|this)"
    r"|(?:ce qui|ce qu il) s est passe (?:aujourd hui|hier|cette (?:semaine|nuit)|ce week end|dans les? cryptos?|"
    r"dans la crypto)|ne fallait pas manquer|(?:ce qu il faut |a )retenir"
    r" (?:de (?:la semaine|la journee|l actu)|du jour|aujourd hui|cette semaine)|recaps?$|recap\b(?! of)|recapitulatif"
    r"|roundups?|round up$|(?:markets?|news|daily|weekly|week s|day s|crypto) (?:wrap|digest|recap|round up)"
    r"|(?:hodler s|morning|evening) (?:digest|brief|briefing)|(?:market|daily|weekly) (?:brief|briefing|review|update)"
    r"|(?:the|this|last) (?:week|day|month|year) in (?:crypto|bitcoin|ethereum|blockchain|defi|nfts?|review|brief)"
    r"|(?:week|day|month|year) in review|revue de presse|retour sur (?:la|une) (?:semaine|journee)"
    r"|resume (?:crypto )?(?:du jour|de la (?:semaine|journee))"
    r"|(?:la semaine|la journee) (?:crypto )?en (?:resume|bref)"
    r"|l essentiel (?:de l actu|de l actualite|des actus|de la semaine|du jour|de la journee|crypto)"
    r"|(?:actus?|actualites?|infos?) (?:cryptos? )?(?:du jour|de la semaine|de la journee|en bref)"
    r"|things to (?:know|watch) (?:this week|today|(?:in|for) (?:bitcoin|ethereum|crypto|the (?:week|day)))"
    r"|(?:choses|points) a (?:savoir|surveiller) (?:cette semaine|aujourd hui)"
    r"|(?:actus?|actualites?|infos?|news) cryptos? du \d+"
    r"|(?:coins|tokens|cryptocurrencies|altcoins) to watch"
    r"|finance redefined|price analysis \d+ \d+|(?:listing|delisting) announcements"
    r"|in case you missed|top stories|(?:live|latest) updates|live blog|nifty news|law decoded)\b"
)


@dataclass(frozen=True, slots=True)
class Genre:
    """What kind of headline one is.

    Attributes
    ----------
    kind : str
        ``prices``, ``outlook`` (what a price may do), ``round-up``; empty for news of an event.
    subjects : frozenset of str
        Of prices: the ids of the coins that move, ``market`` for all of them.
    direction : str
        Of prices: ``up``, ``down``, ``flat``; empty where the headline tells a level alone.
    """

    kind: Kind = ""
    subjects: Names = frozenset()
    direction: str = ""


EVENT: Final = Genre()
_A_ROUND_UP: Final = Genre("round-up")


def genre(
    found: Words, coins: Sequence[tuple[str, int, int]], others: Sequence[tuple[str, int, int]], names: Names
) -> Genre:
    """Return the kind of a headline.

    Parameters
    ----------
    coins, others : sequence of (id, start, end)
        Whom the headline names: coins, and everybody else, countries too.
    names : frozenset of str
        Beginnings of its words that are names no list has.
    """
    if _ROUND_UP.search(" ".join(found.folded)) or _is_list_of_news(found):
        return _A_ROUND_UP
    return _of_prices(found, coins, others, names) or _of_subjects(found, [*coins, *others])


def are_of_one(ours: Genre, theirs: Genre, *, is_one_day: bool) -> bool:
    """Tell whether the kinds of two headlines let them tell of one event.

    Prices tell of one where the same coins move the same way on one day; a round-up tells of none that others tell of.
    """
    if ours.kind != theirs.kind or ours.kind == "round-up":
        return False
    return ours.kind == "" or (ours == theirs and is_one_day)


def _of_prices(
    found: Words, coins: Sequence[tuple[str, int, int]], others: Sequence[tuple[str, int, int]], names: Names
) -> Genre | None:
    if any(id_ not in WEATHER for id_, _, _ in others) or not names - _signed(found) <= WEATHER:
        return None
    if any(id_ in PEGGED for id_, _, _ in coins):
        return None
    its_move = move(found, {start: id_ for id_, start, _ in coins})
    if its_move is None or any(happening(word) not in TAKEN for word in found.folded):
        return None
    subjects, way = its_move
    is_outlook = "?" in found.text or not HEDGES.isdisjoint(found.folded)
    return Genre("outlook" if is_outlook else "prices", frozenset(subjects), way)


def _signed(found: Words) -> Names:
    match = _SIGNED.search(found.text[-_SIGNATURE:])
    if match is None:
        return frozenset()
    begin = max(0, len(found.text) - _SIGNATURE) + match.start()
    told = zip(found.folded, found.starts, strict=True)
    return frozenset(word[:BEGINNING] for word, start in told if start >= begin)


def _labelled(found: Words, coins: Mapping[int, str]) -> int:
    # «In brief:», «Direct :» stand before any headline; how many words they are.
    for at in range(min(_LABEL, len(found.folded) - 1)):
        if found.starts[at] in coins:
            return 0
        if ":" in found.text[found.ends[at] : found.starts[at + 1]]:
            return at + 1
    return 0


def move(found: Words, coins: Mapping[int, str]) -> tuple[set[str], str] | None:
    """Return which coins a headline begins with and which way they move; nothing where it tells of something else.

    Parameters
    ----------
    coins : mapping
        Ids by where their names begin.
    """
    # Coins, then how they move: a word that belongs to neither before the move tells of something else.
    subjects: set[str] = set()
    # «Chute du bitcoin»: French has the move first as well.
    first: str | None = None
    folded = found.folded
    for at in range(_labelled(found, coins), len(folded)):
        word, start = folded[at], found.starts[at]
        if start in coins:
            subjects.add(coins[start])
            if first:
                return subjects, first
        elif subjects and (way := moved(word)) is not None:
            found_way = _way(word, way, _clause(found, at + 1))
            return None if found_way is None else (subjects, found_way)
        elif word in MARKET:
            subjects.add("market")
        elif not subjects and word in NOUNS:
            first = NOUNS[word]
        elif word not in ALONG and not word[0].isdigit() and (subjects or word not in BEFORE):
            return None
    return None


def _clause(found: Words, first: int) -> list[str]:
    last = first
    while last < min(len(found.folded), first + _REACH):
        if _CLAUSES.search(found.text, found.ends[last - 1], found.starts[last]):
            break
        last += 1
    return found.folded[first:last]


def _way(word: str, way: str, after: Sequence[str]) -> str | None:
    if word in OBJECTS:
        return next((turned for one in after if (turned := OBJECTS[word].get(one))), None)
    if word not in VAGUE:
        # Who jumps into something moves no price.
        return None if after[:1] == ["into"] else way
    told = [PLACES[one] if one in PLACES else moved(one) for one in after if one not in VAGUE]
    ways = [one for one in told if one is not None]
    if ways:
        return way or next(filter(None, ways), "")
    return way if word in LEVELLED and any(one[0].isdigit() for one in after) else None


def _is_list_of_news(found: Words) -> bool:
    # «and more» behind several clauses; behind a list of coins it says nothing.
    if len(found.folded) < _CLAUSE or not _AND_MORE.search(" ".join(found.folded[-_CLAUSE:])):
        return False
    ends = [match.start() for match in _BREAKS.finditer(found.text)]
    ends = [*ends[: 2 * _SUBJECTS], found.starts[-2]]
    counts = [sum(map(_between(*span), found.starts)) for span in pairwise([0, *ends])]
    return sum(count >= _CLAUSE for count in counts) >= _SUBJECTS - 1


def _of_subjects(found: Words, named: Sequence[tuple[str, int, int]]) -> Genre:
    # Several subjects, each with what happens to it: nobody twice.
    for breaks, least in ((_STRONG_BREAKS, 2), (_BREAKS, _SUBJECTS)):
        ends = [match.start() for match in breaks.finditer(found.text)]
        if least - 1 <= len(ends) <= _MOST and _are_apart(found, named, [*ends, len(found.text)], least):
            return _A_ROUND_UP
    return EVENT


def _are_apart(found: Words, named: Sequence[tuple[str, int, int]], ends: Sequence[int], least: int) -> bool:
    told: list[tuple[set[str], set[str]]] = []
    begin = 0
    for end in ends:
        is_in = _between(begin, end)
        who = {id_ for id_, start, _ in named if is_in(start)}
        what = {
            happening(word) for word, start in zip(found.folded, found.starts, strict=True) if is_in(start)
        } - {""}
        if not (who and what):
            return False
        told.append((who, what))
        begin = end
    pairs = combinations(told, 2)
    return len(told) >= least and all(
        one[0].isdisjoint(other[0]) and one[1] != other[1] for one, other in pairs
    )


def _between(begin: int, end: int) -> Callable[[int], bool]:
    return lambda place: begin <= place < end
