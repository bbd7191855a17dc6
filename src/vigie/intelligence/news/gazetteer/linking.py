"""The entities of a title and its text, with their places: names first, then what evidence around them decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, Literal

from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, load_list
from vigie.intelligence.news.gazetteer.evidence import SearchedText, is_meant
from vigie.intelligence.news.gazetteer.lookup import FormMatch, Gazetteer
from vigie.intelligence.news.reading.words import TEXT_READ, TITLE_READ, tokenize

Where = Literal["title", "text"]
# Companies whose name the press gives to their coin as well; the coin is the less sure of the two.
ALSO: Final = {"org:ripple": "coin:ripple"}
SURE: Final = 1.0
BY_TICKER: Final = 0.95
BY_EVIDENCE: Final = 0.85
BY_COMPANY: Final = 0.6
_PASSES: Final = 3
# What stands before the name of an outlet that signs a headline, and what may stand behind it.
_SIGNS: Final = re.compile(r"(?:[-\u2010-\u2015|(\[:\u2022]|\bvia)\s*$", re.IGNORECASE)
_CLOSES: Final = frozenset(" )].!'\"\u2019\u00bb")


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity at a place.

    Attributes
    ----------
    id : str
        ``coin:bitcoin``.
    text : str
        As written: the characters from `start` to `end` of the title or the text.
    surety : float
        1 for a name that means nothing else.
    """

    id: str
    text: str
    start: int
    end: int
    where: Where
    surety: float

    @property
    def kind(self) -> str:
        """What stands before the colon of the id."""
        return self.id.partition(":")[0]


def link_entities(gazetteer: Gazetteer, title: str, text: str = "") -> list[Mention]:
    """Return the entities of a title and its text, in their order."""
    parts: list[tuple[Where, SearchedText]] = []
    for where, part, limit in (("title", title, TITLE_READ), ("text", text, TEXT_READ)):
        tokens = tokenize(part, limit)
        parts.append((where, SearchedText(tokens, gazetteer.find_matches(tokens))))  # type: ignore[arg-type]  # a literal of the loop
    mentions: list[Mention] = []
    meant_indexes = _decide_meant(gazetteer, [searched for _, searched in parts])
    for number, (where, searched) in enumerate(parts):
        for index in sorted(meant_indexes[number]):
            if where == "text" or not _is_signature(searched, searched.places[index]):
                mentions += _build_mentions(searched, searched.places[index], where)
    return mentions


def _decide_meant(gazetteer: Gazetteer, texts: list[SearchedText]) -> list[set[int]]:
    # Numbers of the places that are meant, for each part; what one place makes sure may decide another.
    certain = [
        {index for index, place in enumerate(searched.places) if not place.needs_evidence}
        for searched in texts
    ]
    if all(
        len(certain_here) == len(searched.places)
        for certain_here, searched in zip(certain, texts, strict=True)
    ):
        return certain
    forms_by_entity: dict[str, set[tuple[str, ...]]] = {}
    for searched in texts:
        for place in searched.places:
            # The same word once as a sure ticker, once as a name, is two ways of saying it.
            form_key = place.form.folded if place.needs_evidence else ("", *place.form.folded)
            forms_by_entity.setdefault(place.form.entity, set()).add(form_key)
    phrases = _words_and_pairs(texts)
    for _ in range(_PASSES):
        before = sum(map(len, certain))
        for searched, certain_here in zip(texts, certain, strict=True):
            for index, place in enumerate(searched.places):
                entry = gazetteer.entries[place.form.entity]
                if index not in certain_here and is_meant(
                    searched,
                    place,
                    entry,
                    forms_by_entity=forms_by_entity,
                    certain=certain_here,
                    phrases=phrases,
                ):
                    certain_here.add(index)
        if sum(map(len, certain)) == before:
            break
    return certain


def _words_and_pairs(texts: list[SearchedText]) -> set[tuple[str, ...]]:
    phrases: set[tuple[str, ...]] = set()
    for searched in texts:
        folded = searched.words.folded
        phrases.update((word,) for word in folded)
        phrases.update(pairwise(folded))
    return phrases


@cache
def _outlets() -> frozenset[str]:
    return frozenset(entry.id for entry in load_list("outlets") if isinstance(entry, GazetteerEntry))


def _is_signature(searched: SearchedText, place: FormMatch) -> bool:
    """Tell whether an outlet signs a headline: «Bitcoin falls - CoinDesk» does not name CoinDesk."""
    if place.form.entity not in _outlets():
        return False
    text = searched.words.text
    after = text[searched.words.ends[place.last - 1] :]
    return _CLOSES.issuperset(after) and _SIGNS.search(text[: searched.words.starts[place.first]]) is not None


def _build_mentions(searched: SearchedText, place: FormMatch, where: Where) -> list[Mention]:
    start, end = searched.words.starts[place.first], searched.words.ends[place.last - 1]
    start -= place.is_cashtag
    surety = BY_EVIDENCE if place.needs_evidence else BY_TICKER if place.form.is_ticker else SURE
    name = searched.words.text[start:end]
    mentions = [Mention(place.form.entity, name, start, end, where, surety)]
    if (coin := ALSO.get(place.form.entity)) is not None:
        mentions.append(Mention(coin, name, start, end, where, BY_COMPANY))
    return mentions
