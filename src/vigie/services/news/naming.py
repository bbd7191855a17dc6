"""Whom an id stands for: the packaged lists with what the house itself says of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from babel import Locale

from vigie.data.catalog import Catalog
from vigie.domain.accents import fold_text
from vigie.domain.asset import WATCHED
from vigie.domain.entity import Amendment, ImportedName
from vigie.domain.errors import NotFound
from vigie.intelligence.news.gazetteer.amended import amended
from vigie.intelligence.news.gazetteer.entries import Entry, packaged
from vigie.intelligence.news.gazetteer.imported import merged
from vigie.intelligence.news.gazetteer.lookup import Gazetteer
from vigie.intelligence.news.gazetteer.tongues import tongues
from vigie.ports.names import NameStore
from vigie.services.house import House


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What a house says of names beside the packaged lists.

    Attributes
    ----------
    imports : tuple of str
        Ids of the imports of public lists: the same ids are the same names.
    names : tuple of ImportedName
        Those of the imports, in their order.
    """

    amendments: tuple[Amendment, ...] = ()
    imports: tuple[str, ...] = ()
    names: tuple[ImportedName, ...] = field(default=(), compare=False, repr=False)


def own_names(names: NameStore) -> OwnNames:
    """Return what a house says of names now."""
    ids = tuple(names.import_ids())
    held = _imported(names, ids) if ids else ()  # type: ignore[arg-type]  # by which store it is
    return OwnNames(tuple(names.amendments()), ids, held)


@lru_cache(maxsize=4)
def _imported(names: NameStore, ids: tuple[str, ...]) -> tuple[ImportedName, ...]:
    return tuple(one for taken in names.imports() for one in taken.names)


@lru_cache(maxsize=4)
def gazetteer_of(own: OwnNames) -> Gazetteer:
    """Return the gazetteer that a house reads by; made once for the same names."""
    return Gazetteer(amended(merged(packaged(), own.names).entries, own.amendments))


def entries_of(house: House) -> Mapping[str, Entry]:
    """Return every entity that is known, by id; coins are called as the catalogue calls them on every other page."""
    return _named(*_given(house))


def _given(house: House) -> tuple[OwnNames, tuple[tuple[str, str], ...]]:
    assets = Catalog(house.facts, house.shelf).assets()
    # Of a coin that nobody named the catalogue has the ticker alone.
    coins = tuple((f"coin:{one.id}", one.name) for one in assets if one in WATCHED or one.name != one.symbol)
    return own_names(house.names), coins


@lru_cache(maxsize=4)
def _named(own: OwnNames, coins: tuple[tuple[str, str], ...]) -> Mapping[str, Entry]:
    found = dict(gazetteer_of(own).entries)
    found |= {coin: replace(found[coin], name=name) for coin, name in coins if coin in found}
    return found


def names_of(entry: Entry) -> list[str]:
    """Return how an entity is written, its name first, each way once."""
    found = {entry.name.lower(): entry.name}
    for form in entry.forms:
        text = written(form.exact or form.folded, form.gaps)
        found.setdefault(text.lower(), text)
    return list(found.values())


def meant(house: House, text: str) -> str:
    """Return the id of the entity that somebody names: an id stays one, of who share a name the better known, no coin.

    Raises
    ------
    NotFound
        If nobody who is known is called so.
    """
    text = text.strip()
    if ":" in text:
        return text
    if found := who_is_called(house, text):
        return found
    raise NotFound(f"there is no entity {text!r}; /news names those of its items")


def who_is_called(house: House, name: str) -> str:
    """Return the id of who has a name, as it is whole; empty where nobody has."""
    return ids_by_name(house).get(fold_text(name.strip()), "")


def ids_by_name(house: House) -> Mapping[str, str]:
    """Return the id of who has each name, by the name folded; read once where many names are asked for."""
    return _by_name(*_given(house))


@lru_cache(maxsize=4)
def _by_name(own: OwnNames, coins: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    entries = _named(own, coins)
    found: dict[str, str] = {}
    # Somebody whose name is a coin's ticker, too, is whom people mean.
    for entry in sorted(entries.values(), key=lambda one: (one.kind == "coin", one.rank, one.id)):
        for name in (*names_of(entry), called(entries, entry.id, "fr")):
            found.setdefault(fold_text(name), entry.id)
    return found


def written(parts: Sequence[str], gaps: Sequence[str]) -> str:
    """Return the words of a form with what stands between them."""
    return "".join(part + gap for part, gap in zip(parts, (*gaps, ""), strict=True))


def called(entries: Mapping[str, Entry], entity: str, language: str = "en") -> str:
    """Return what an entity is called in a language; of one that no list has, what its id says."""
    entry = entries.get(entity)
    if entry is None:
        return entity.partition(":")[2].replace("-", " ").strip() or entity
    return in_language(entity, entry.name, language)


def in_language(entity: str, name: str, language: str) -> str:
    """Return what an entity is called in a language, given its name in the lists.

    Countries, authorities, laws and others that people know by a name of their own language have two; who has one is
    called by it.
    """
    kind, _, code = entity.partition(":")
    if kind == "country" and language != "en":
        return str(_territories(language).get(code.upper(), name))
    return tongues().get((entity, language), name)


@cache
def _territories(language: str) -> Mapping[str, str]:
    return Locale.parse(language).territories


def asset_names(house: House, assets: Sequence[str]) -> list[str]:
    """Return what assets are called that are told by their ids."""
    entries = entries_of(house)
    return [called(entries, f"coin:{one}") for one in assets]
