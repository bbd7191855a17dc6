"""Capitalised names that no list has: what a name is proposed from.

A capital tells a name only where other words have none: headlines with a capital on every word are left out, and so is
the first word of a sentence, unless a capital stands inside it («deBridge», «OpenSea»).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.sentences import Sentence, split_sentences
from vigie.intelligence.news.reading.words import Tokens, tokenize

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


class UnlistedName(NamedTuple):
    """A name at a place of a text."""

    text: str
    start: int
    end: int


def find_unlisted_names(text: str, taken: Collection[tuple[int, int]]) -> list[UnlistedName]:
    """Return the names that no list has in the first characters of a text, each once, in their order.

    Parameters
    ----------
    taken : collection of (start, end)
        Where listed names stand: they and what touches them are no names of others.
    """
    names: dict[str, UnlistedName] = {}
    beginning = text[:READ]
    if not any(map(str.isupper, beginning)):
        return []
    taken_places = {place for start, end in taken for place in range(start, end)}
    for sentence in split_sentences(beginning):
        for name in _names_of_sentence(sentence, taken_places):
            names.setdefault(name.text, name)
    return list(names.values())[:MOST]


def sentence_with(text: str, name: str) -> str:
    """Return the first sentence of a text that holds a name, nothing where none does."""
    # Most texts are asked in vain: they need not be taken apart.
    if name not in text:
        return ""
    return next((sentence.text for sentence in split_sentences(text) if _has_name(sentence.text, name)), "")


def _has_name(sentence: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence) is not None


def _names_of_sentence(sentence: Sentence, taken_places: Collection[int]) -> list[UnlistedName]:
    tokens = tokenize(sentence.text)
    if not _do_capitals_mark_names(tokens):
        return []
    runs: list[list[int]] = []
    for index, raw in enumerate(tokens.raw):
        if (
            not _is_capital(raw, tokens.folded[index], is_first=index == 0)
            or sentence.start + tokens.starts[index] in taken_places
        ):
            continue
        gap = tokens.text[tokens.ends[index - 1] : tokens.starts[index]] if index else ""
        if runs and runs[-1][-1] == index - 1 and gap in _BLANKS:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [
        unlisted_name
        for run in runs
        if (unlisted_name := _name_of_run(sentence, tokens, run, taken_places)) is not None
    ]


def _do_capitals_mark_names(tokens: Tokens) -> bool:
    long = [word for word in tokens.raw if len(word) >= _LONG and word.isalpha()]
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


def _name_of_run(
    sentence: Sentence, tokens: Tokens, run: list[int], taken_places: Collection[int]
) -> UnlistedName | None:
    start, end = tokens.starts[run[0]], tokens.ends[run[-1]]
    text = tokens.text[start:end]
    before, after = sentence.start + start - 1, sentence.start + end
    touches = any(place in taken_places for place in (before, before - 1, after, after + 1))
    is_short = len(run) == 1 and len(text) < _SHORT
    if touches or is_short or len(run) > _WORDS or len(text) > _LONGEST or not text.isprintable():
        return None
    return UnlistedName(text, sentence.start + start, sentence.start + end)
