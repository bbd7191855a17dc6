"""Capitalised names that no list has: what a name is proposed from.

A capital tells a name only where other words have none: headlines with a capital on every word are left out, and so is
the first word of a sentence, unless a capital stands inside it («deBridge», «OpenSea»).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.sentences import Sentence, sentences
from vigie.intelligence.news.reading.words import Words, words

# A teaser is enough: what is proposed must stand in several items anyway.
READ: Final = 1_500
MOST: Final = 8
_LONGEST: Final = 60
_WORDS: Final = 4
_SHORT: Final = 3
_LONG: Final = 4
_BLANKS: Final = frozenset((" ", "\u00a0", "\u202f", "-", "\u2019", "'", " & "))
_SMALL: Final = SMALL["en"] | SMALL["fr"]
# Capitals that are no names of anybody.
_COMMON: Final = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december lundi mardi mercredi jeudi vendredi samedi dimanche ceo cto cfo coo cmo vp mr
    mrs ms dr mme pdg ai ia nft nfts defi dao daos dex dexs cex etf etfs etp etps cbdc cbdcs ico icos ido ieo ipo spac
    usd eur gbp jpy usdt web3 web2 gamefi kyc aml api apis l1 l2 evm p2p p2e otc tvl apy apr ath atl q1 q2 q3 q4 pow pos
    crypto cryptos bitcoiners blockchain metaverse metavers stablecoin stablecoins series layer covid gdp cpi pib vc
    vcs us uk eu ue state house bank president senator minister court judge street week day year news daily read more
    also however meanwhile yesterday today tomorrow hier demain selon""".split()
)
_ENDS: Final = re.compile(r"[\s\u00a0]+$")


class Unlisted(NamedTuple):
    """A name at a place of a text."""

    text: str
    start: int
    end: int


def unlisted(text: str, taken: Collection[tuple[int, int]]) -> list[Unlisted]:
    """Return the names that no list has in the first characters of a text, each once, in their order.

    Parameters
    ----------
    taken : collection of (start, end)
        Where listed names stand: they and what touches them are no names of others.
    """
    found: dict[str, Unlisted] = {}
    read = text[:READ]
    if not any(map(str.isupper, read)):
        return []
    held = {place for start, end in taken for place in range(start, end)}
    for sentence in sentences(read):
        for one in _of_sentence(sentence, held):
            found.setdefault(one.text, one)
    return list(found.values())[:MOST]


def sentence_with(text: str, name: str) -> str:
    """Return the first sentence of a text that holds a name, nothing where none does."""
    return next((one.text for one in sentences(text) if _holds(one.text, name)), "")


def _holds(sentence: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence) is not None


def _of_sentence(sentence: Sentence, held: Collection[int]) -> list[Unlisted]:
    found = words(sentence.text)
    if not _is_told_by_capitals(found):
        return []
    runs: list[list[int]] = []
    for at, raw in enumerate(found.raw):
        if (
            not _is_capital(raw, found.folded[at], is_first=at == 0)
            or sentence.start + found.starts[at] in held
        ):
            continue
        gap = found.text[found.ends[at - 1] : found.starts[at]] if at else ""
        if runs and runs[-1][-1] == at - 1 and gap in _BLANKS:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [one for run in runs if (one := _named(sentence, found, run, held)) is not None]


def _is_told_by_capitals(found: Words) -> bool:
    long = [word for word in found.raw if len(word) >= _LONG and word.isalpha()]
    return sum(map(str.islower, long)) * 2 >= len(long) > 0


def _is_capital(raw: str, folded: str, *, is_first: bool) -> bool:
    if not raw[0].isupper() or folded in _SMALL or folded in _COMMON:
        # «deBridge» begins small.
        return (
            any(map(str.isupper, raw[1:]))
            and not raw.isupper()
            and raw[0].isalpha()
            and folded not in _COMMON
        )
    return not is_first or any(map(str.isupper, raw[1:]))


def _named(sentence: Sentence, found: Words, run: list[int], held: Collection[int]) -> Unlisted | None:
    start, end = found.starts[run[0]], found.ends[run[-1]]
    text = found.text[start:end]
    before, after = sentence.start + start - 1, sentence.start + end
    touches = any(place in held for place in (before, before - 1, after, after + 1))
    is_short = len(run) == 1 and len(text) < _SHORT
    if touches or is_short or len(run) > _WORDS or len(text) > _LONGEST or not text.isprintable():
        return None
    return Unlisted(text, sentence.start + start, sentence.start + end)
