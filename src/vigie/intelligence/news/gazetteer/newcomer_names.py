"""Names of emerging coins, which no list has yet: which of them a text can be about, and which it is about.

A name that somebody known has, a single word of everyday news, a name under three characters and one that two
newcomers share say nothing: nobody is linked by them. A single word, and every ticker without its sign, needs a word
such as "token" in the text: whoever acts, as in "Glimko opens a bakery", is no coin yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal

from vigie.domain.errors import ConfigError
from vigie.domain.first_sighting import FirstSighting
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, NameForm, name_form, ticker_form
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import Gazetteer
from vigie.intelligence.news.reading.rarity import term_counts
from vigie.intelligence.news.reading.words import BEGINNING, tokenize

NameFault = Literal["", "shared", "taken", "everyday", "short"]
FoldedName = tuple[str, ...]
LEAST_LETTERS: Final = 3
# What stands in a text that is about a new coin, in either language.
CONTEXT: Final = frozenset(
    (word,)
    for word in """airdrop altcoin altcoins blockchain coin coins cryptocurrency cryptomonnaie dao dapp defi
    jeton jetons mainnet memecoin memecoins presale prevente protocol protocole stablecoin testnet token
    tokens""".split()
)
# Of a coin whose name is shared and whose ticker is short the former is stated.
_FAULTS: Final[tuple[NameFault, ...]] = ("shared", "taken", "everyday", "short")
_OURS: Final = "coin:newcomer/"


class NewcomerNames:
    """Newcomers by their names.

    Parameters
    ----------
    known : Gazetteer
        Everybody whom news are linked to already.
    """

    def __init__(self, known: Gazetteer) -> None:
        self._known = known
        self._sights: dict[str, FirstSighting] = {}
        # By name: who has it; a first word leads to the names that begin with it.
        self._owners: dict[FoldedName, dict[str, FirstSighting]] = {}
        self._by_first: dict[str, set[FoldedName]] = {}

    def add(self, sights: Iterable[FirstSighting]) -> None:
        """Take newcomers up."""
        for sight in sights:
            self._sights[sight.id] = sight
            for form in self._forms(sight):
                self._owners.setdefault(form.folded, {})[sight.id] = sight
                self._by_first.setdefault(form.folded[0], set()).add(form.folded)

    def drop(self, ids: Iterable[str]) -> None:
        """Let newcomers go that nobody looks for any more."""
        for name in ids:
            sight = self._sights.pop(name, None)
            for form in self._forms(sight) if sight is not None else ():
                left = self._owners.get(form.folded, {})
                left.pop(name, None)
                if not left:
                    self._owners.pop(form.folded, None)
                    self._by_first.get(form.folded[0], set()).discard(form.folded)

    def fault(self, sight: FirstSighting) -> NameFault:
        """Return why a newcomer is found by no name; empty where it is."""
        faults = [self._fault(form, sight) for form in self._forms(sight)]
        return "" if "" in faults else min(faults, key=_FAULTS.index, default="short")

    def unclear_from(self, sight: FirstSighting, span: int) -> int | None:
        """Return from when no name told a newcomer from others; None where one still does.

        Parameters
        ----------
        span : int
            Others of its kind share a name with it where they were first seen at most so many milliseconds before.
        """
        times_or_none = [self._unclear_from(form, sight, span) for form in self._forms(sight)]
        times = [time for time in times_or_none if time is not None]
        return None if len(times) < len(times_or_none) else max(times, default=sight.ts_seen)

    def token(self, sight: FirstSighting, span: int) -> str:
        """Return what stands for a newcomer and for those that are found by the same name: a coin and its pools.

        A name counts that told it from others when it was first seen.
        """
        for form in self._forms(sight):
            until = self._unclear_from(form, sight, span)
            if until is None or until > sight.ts_seen:
                return min(self._owners[form.folded].values(), key=_sight_order).id
        return sight.token

    def names(self, sight: FirstSighting) -> list[str]:
        """Return the names by which a newcomer is found, as they are searched for."""
        usable = [form for form in self._forms(sight) if not self._fault(form, sight)]
        return list(dict.fromkeys(" ".join(form.folded) for form in usable))

    def named_in(self, title: str, text: str) -> set[str]:
        """Return the ids of the newcomers that a title and its text name."""
        firsts = self._by_first.keys() & {*tokenize(title).folded, *tokenize(text).folded}
        # Most texts hold no first word of any newcomer's name.
        sights = {
            sight.id: sight
            for first in firsts
            for name in self._by_first[first]
            for sight in self._owners[name].values()
        }
        entries = self._entries(sorted(sights.values(), key=_sight_order))
        if not entries:
            return set()
        ids: set[str] = set()
        is_about_coins = not CONTEXT.isdisjoint(
            (word,) for word in (*tokenize(title).folded, *tokenize(text).folded)
        )
        for mention in link_entities(self._known.extended_by(entries), title, text):
            name = tuple(tokenize(mention.text).folded)
            if mention.id.startswith(_OURS):
                if is_about_coins or len(name) > 1 or mention.text.startswith("$"):
                    ids.update(self._owners.get(name, ()))
            elif (coin := mention.id.removeprefix("coin:")) in sights:
                ids.add(coin)
        return ids

    def _entries(self, sights: Sequence[FirstSighting]) -> list[GazetteerEntry]:
        entries: list[GazetteerEntry] = []
        taken: set[FoldedName] = set()
        for sight in sights:
            forms = [form for form in self._forms(sight) if not self._fault(form, sight)]
            # A coin comes before the pools that trade it, and has its ticker for all of them.
            fresh = [form for form in forms if form.folded not in taken]
            taken.update(form.folded for form in fresh)
            if fresh:
                entity = f"{_OURS}{sight.id}"
                forms_of_entity = tuple(replace(form, entity=entity) for form in fresh)
                entries.append(
                    GazetteerEntry(
                        entity, sight.name, forms_of_entity, CONTEXT, len(self._known.entries) + len(entries)
                    )
                )
        return entries

    def _forms(self, sight: FirstSighting) -> list[NameForm]:
        forms = []
        if sight.kind == "coin" and (form := _parse_form(sight.name)) is not None:
            is_sure = len(form.folded) > 1 and not all(map(_is_everyday, form.folded))
            forms.append(replace(form, need="capital") if is_sure else form)
        if (form := _parse_form(sight.symbol, is_ticker=True)) is not None:
            forms.append(form)
        return forms

    def _unclear_from(self, form: NameForm, sight: FirstSighting, span: int) -> int | None:
        if self._own_fault(form, sight):
            return sight.ts_seen
        shared = [
            rival.ts_seen for rival in self._others(form, sight) if rival.ts_seen >= sight.ts_seen - span
        ]
        return max(min(shared), sight.ts_seen) if shared else None

    def _others(self, form: NameForm, sight: FirstSighting) -> list[FirstSighting]:
        owners = self._owners.get(form.folded, {}).values()
        return [owner for owner in owners if owner.kind == sight.kind and owner.token != sight.token]

    def _fault(self, form: NameForm, sight: FirstSighting) -> NameFault:
        return "shared" if self._others(form, sight) else self._own_fault(form, sight)

    def _own_fault(self, form: NameForm, sight: FirstSighting) -> NameFault:
        owners = self._known.owners(form.folded)
        if owners and not (sight.kind == "coin" and owners == {f"coin:{sight.id}"}):
            return "taken"
        if len("".join(form.folded)) < LEAST_LETTERS:
            return "short"
        return "everyday" if len(form.folded) == 1 and _is_everyday(form.folded[0]) and not owners else ""


def _sight_order(sight: FirstSighting) -> tuple[str, int, str]:
    return sight.kind, sight.ts_seen, sight.id


def _parse_form(text: str, *, is_ticker: bool = False) -> NameForm | None:
    bare = text.strip().lstrip("~?$")
    try:
        return ticker_form("", f"?{bare.upper()}") if is_ticker else name_form("", f"?{bare}")
    except ConfigError:
        return None


def _is_everyday(word: str) -> bool:
    return word[:BEGINNING] in term_counts().documents
