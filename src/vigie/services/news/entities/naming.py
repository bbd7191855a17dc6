"""Whom an id stands for: the packaged lists with what the house itself says of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from babel import Locale

from vigie.data.catalog import BarCatalog
from vigie.domain.accents import fold_text
from vigie.domain.asset import WATCHED
from vigie.domain.entity import Amendment, ImportedName
from vigie.domain.errors import NotFound
from vigie.intelligence.news.gazetteer.amendments import apply_amendments
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, load_packaged
from vigie.intelligence.news.gazetteer.localised_names import load_localised_names
from vigie.intelligence.news.gazetteer.lookup import Gazetteer, packaged_gazetteer
from vigie.intelligence.news.gazetteer.name_imports import merge_imported
from vigie.ports.names import NameStore


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
    imported = _imported_names(names, ids) if ids else ()  # type: ignore[arg-type]  # by which store it is
    return OwnNames(tuple(names.amendments()), ids, imported)


@lru_cache(maxsize=4)
def _imported_names(names: NameStore, ids: tuple[str, ...]) -> tuple[ImportedName, ...]:
    return tuple(name for name_import in names.imports() for name in name_import.names)


@lru_cache(maxsize=4)
def gazetteer_of(own: OwnNames) -> Gazetteer:
    """Return the gazetteer that a house reads by; made once for the same names."""
    if not own.names and not own.amendments:
        return packaged_gazetteer()
    return Gazetteer(apply_amendments(merge_imported(load_packaged(), own.names).entries, own.amendments))


def entries_of(catalog: BarCatalog, names: NameStore) -> Mapping[str, GazetteerEntry]:
    """Return every entity that is known, by id; coins are called as the catalogue calls them on every other page."""
    return _named_entries(*_names_and_coins(catalog, names))


def _names_and_coins(catalog: BarCatalog, names: NameStore) -> tuple[OwnNames, tuple[tuple[str, str], ...]]:
    assets = catalog.assets()
    # Of a coin that nobody named the catalogue has the ticker alone.
    coins = tuple(
        (f"coin:{asset.id}", asset.name) for asset in assets if asset in WATCHED or asset.name != asset.symbol
    )
    return own_names(names), coins


@lru_cache(maxsize=4)
def _named_entries(own: OwnNames, coins: tuple[tuple[str, str], ...]) -> Mapping[str, GazetteerEntry]:
    entries = dict(gazetteer_of(own).entries)
    entries |= {coin: replace(entries[coin], name=name) for coin, name in coins if coin in entries}
    return entries


def names_of(entry: GazetteerEntry) -> list[str]:
    """Return how an entity is written, its name first, each way once."""
    spellings = {entry.name.lower(): entry.name}
    for form in entry.forms:
        text = join_form(form.exact or form.folded, form.gaps)
        spellings.setdefault(text.lower(), text)
    return list(spellings.values())


def folded_names_of(catalog: BarCatalog, names: NameStore) -> Mapping[str, tuple[str, ...]]:
    """Return how each entity of `entries_of` is written, folded, by id; folded once for the same names."""
    return _folded_names(*_names_and_coins(catalog, names))


@lru_cache(maxsize=1)
def _folded_names(own: OwnNames, coins: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[str, ...]]:
    return {
        entity: tuple(fold_text(text) for text in names_of(entry))
        for entity, entry in _named_entries(own, coins).items()
    }


def find_entity(catalog: BarCatalog, names: NameStore, text: str) -> str:
    """Return the id of the entity that somebody names: an id stays one, of who share a name the better known, no coin.

    Raises
    ------
    NotFound
        If nobody who is known is called so.
    """
    text = text.strip()
    if ":" in text:
        return text
    if entity := find_id(catalog, names, text):
        return entity
    raise NotFound("no_entity", "there is no entity {text!r}; see the entities on /news", text=text)


def find_id(catalog: BarCatalog, names: NameStore, name: str) -> str:
    """Return the id of who has a name, as it is whole; empty where nobody has."""
    return ids_by_name(catalog, names).get(fold_text(name.strip()), "")


def ids_by_name(catalog: BarCatalog, names: NameStore) -> Mapping[str, str]:
    """Return the id of who has each name, by the name folded; read once where many names are asked for."""
    return _by_name(*_names_and_coins(catalog, names))


@lru_cache(maxsize=4)
def _by_name(own: OwnNames, coins: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    entries = _named_entries(own, coins)
    ids: dict[str, str] = {}
    # Somebody whose name is a coin's ticker, too, is whom people mean.
    for entry in sorted(
        entries.values(), key=lambda entry_key: (entry_key.kind == "coin", entry_key.rank, entry_key.id)
    ):
        for name in (*names_of(entry), entity_name(entries, entry.id, "fr")):
            ids.setdefault(fold_text(name), entry.id)
    return ids


def join_form(parts: Sequence[str], gaps: Sequence[str]) -> str:
    """Return the words of a form with what stands between them."""
    return "".join(part + gap for part, gap in zip(parts, (*gaps, ""), strict=True))


def entity_name(entries: Mapping[str, GazetteerEntry], entity: str, language: str = "en") -> str:
    """Return what an entity is called in a language; of one that no list has, what its id says."""
    entry = entries.get(entity)
    if entry is None:
        return entity.partition(":")[2].replace("-", " ").strip() or entity
    return localised_name(entity, entry.name, language)


def localised_name(entity: str, name: str, language: str) -> str:
    """Return what an entity is called in a language, given its name in the lists.

    Countries, authorities, laws and others that people know by a name of their own language have two; who has one is
    called by it.
    """
    kind, _, code = entity.partition(":")
    if kind == "country" and language != "en":
        return str(_territories(language).get(code.upper(), name))
    return load_localised_names().get((entity, language), name)


@cache
def _territories(language: str) -> Mapping[str, str]:
    return Locale.parse(language).territories


def asset_names(catalog: BarCatalog, names: NameStore, assets: Sequence[str]) -> list[str]:
    """Return what assets are called that are told by their ids."""
    entries = entries_of(catalog, names)
    return [entity_name(entries, f"coin:{asset}") for asset in assets]
