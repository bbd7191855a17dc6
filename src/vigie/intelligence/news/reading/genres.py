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

from vigie.intelligence.news.reading.happenings import happening_of
from vigie.intelligence.news.reading.price_words import (
    DIRECTION_WORDS,
    FILLER_WORDS,
    HEDGE_WORDS,
    LEADING_WORDS,
    LEVEL_VERBS,
    MARKET_DRIVERS,
    MARKET_WORDS,
    MOVE_NOUNS,
    OBJECT_VERBS,
    PRICE_EVENT_KINDS,
    STABLECOINS,
    VAGUE_VERBS,
    verb_direction,
)
from vigie.intelligence.news.reading.words import BEGINNING, Tokens

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


def classify_headline(
    tokens: Tokens,
    coins: Sequence[tuple[str, int, int]],
    others: Sequence[tuple[str, int, int]],
    names: Names,
) -> Genre:
    """Return the kind of a headline.

    Parameters
    ----------
    coins, others : sequence of (id, start, end)
        Whom the headline names: coins, and everybody else, countries too.
    names : frozenset of str
        Beginnings of its words that are names no list has.
    """
    if _ROUND_UP.search(" ".join(tokens.folded)) or _is_list_of_news(tokens):
        return _A_ROUND_UP
    return _price_genre(tokens, coins, others, names) or _subject_genre(tokens, [*coins, *others])


def may_share_event(ours: Genre, theirs: Genre, *, is_one_day: bool) -> bool:
    """Tell whether the kinds of two headlines let them tell of one event.

    Prices tell of one where the same coins move the same way on one day; a round-up tells of none that others tell of.
    """
    if ours.kind != theirs.kind or ours.kind == "round-up":
        return False
    return ours.kind == "" or (ours == theirs and is_one_day)


def _price_genre(
    tokens: Tokens,
    coins: Sequence[tuple[str, int, int]],
    others: Sequence[tuple[str, int, int]],
    names: Names,
) -> Genre | None:
    if (
        any(id_ not in MARKET_DRIVERS for id_, _, _ in others)
        or not names - _signature_words(tokens) <= MARKET_DRIVERS
    ):
        return None
    if any(id_ in STABLECOINS for id_, _, _ in coins):
        return None
    subjects_and_way = find_move(tokens, {start: id_ for id_, start, _ in coins})
    if subjects_and_way is None or any(happening_of(word) not in PRICE_EVENT_KINDS for word in tokens.folded):
        return None
    subjects, direction = subjects_and_way
    is_outlook = "?" in tokens.text or not HEDGE_WORDS.isdisjoint(tokens.folded)
    return Genre("outlook" if is_outlook else "prices", frozenset(subjects), direction)


def _signature_words(tokens: Tokens) -> Names:
    match = _SIGNED.search(tokens.text[-_SIGNATURE:])
    if match is None:
        return frozenset()
    begin = max(0, len(tokens.text) - _SIGNATURE) + match.start()
    words_and_starts = zip(tokens.folded, tokens.starts, strict=True)
    return frozenset(word[:BEGINNING] for word, start in words_and_starts if start >= begin)


def _n_label_words(tokens: Tokens, coins: Mapping[int, str]) -> int:
    # «In brief:», «Direct :» stand before any headline; how many words they are.
    for index in range(min(_LABEL, len(tokens.folded) - 1)):
        if tokens.starts[index] in coins:
            return 0
        if ":" in tokens.text[tokens.ends[index] : tokens.starts[index + 1]]:
            return index + 1
    return 0


def find_move(tokens: Tokens, coins: Mapping[int, str]) -> tuple[set[str], str] | None:
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
    folded = tokens.folded
    for index in range(_n_label_words(tokens, coins), len(folded)):
        word, start = folded[index], tokens.starts[index]
        if start in coins:
            subjects.add(coins[start])
            if first:
                return subjects, first
        elif subjects and (direction := verb_direction(word)) is not None:
            move_direction = _find_direction(word, direction, _clause_after(tokens, index + 1))
            return None if move_direction is None else (subjects, move_direction)
        elif word in MARKET_WORDS:
            subjects.add("market")
        elif not subjects and word in MOVE_NOUNS:
            first = MOVE_NOUNS[word]
        elif word not in FILLER_WORDS and not word[0].isdigit() and (subjects or word not in LEADING_WORDS):
            return None
    return None


def _clause_after(tokens: Tokens, first: int) -> list[str]:
    last = first
    while last < min(len(tokens.folded), first + _REACH):
        if _CLAUSES.search(tokens.text, tokens.ends[last - 1], tokens.starts[last]):
            break
        last += 1
    return tokens.folded[first:last]


def _find_direction(word: str, direction: str, after: Sequence[str]) -> str | None:
    if word in OBJECT_VERBS:
        return next(
            (
                reversed_direction
                for word_after in after
                if (reversed_direction := OBJECT_VERBS[word].get(word_after))
            ),
            None,
        )
    if word not in VAGUE_VERBS:
        # Who jumps into something moves no price.
        return None if after[:1] == ["into"] else direction
    directions = [
        DIRECTION_WORDS[word_after] if word_after in DIRECTION_WORDS else verb_direction(word_after)
        for word_after in after
        if word_after not in VAGUE_VERBS
    ]
    known_directions = [word_after for word_after in directions if word_after is not None]
    if known_directions:
        return direction or next(filter(None, known_directions), "")
    return direction if word in LEVEL_VERBS and any(word_after[0].isdigit() for word_after in after) else None


def _is_list_of_news(tokens: Tokens) -> bool:
    # «and more» behind several clauses; behind a list of coins it says nothing.
    if len(tokens.folded) < _CLAUSE or not _AND_MORE.search(" ".join(tokens.folded[-_CLAUSE:])):
        return False
    ends = [match.start() for match in _BREAKS.finditer(tokens.text)]
    ends = [*ends[: 2 * _SUBJECTS], tokens.starts[-2]]
    counts = [sum(map(_between_test(*span), tokens.starts)) for span in pairwise([0, *ends])]
    return sum(count >= _CLAUSE for count in counts) >= _SUBJECTS - 1


def _subject_genre(tokens: Tokens, mentions: Sequence[tuple[str, int, int]]) -> Genre:
    # Several subjects, each with what happens to it: nobody twice.
    for breaks, least in ((_STRONG_BREAKS, 2), (_BREAKS, _SUBJECTS)):
        ends = [match.start() for match in breaks.finditer(tokens.text)]
        if least - 1 <= len(ends) <= _MOST and _are_distinct(
            tokens, mentions, [*ends, len(tokens.text)], least
        ):
            return _A_ROUND_UP
    return EVENT


def _are_distinct(
    tokens: Tokens, mentions: Sequence[tuple[str, int, int]], ends: Sequence[int], least: int
) -> bool:
    parts: list[tuple[set[str], set[str]]] = []
    begin = 0
    for end in ends:
        is_in = _between_test(begin, end)
        who = {id_ for id_, start, _ in mentions if is_in(start)}
        what = {
            happening_of(word)
            for word, start in zip(tokens.folded, tokens.starts, strict=True)
            if is_in(start)
        } - {""}
        if not (who and what):
            return False
        parts.append((who, what))
        begin = end
    pairs = combinations(parts, 2)
    return len(parts) >= least and all(
        left[0].isdisjoint(right[0]) and left[1] != right[1] for left, right in pairs
    )


def _between_test(begin: int, end: int) -> Callable[[int], bool]:
    return lambda place: begin <= place < end
