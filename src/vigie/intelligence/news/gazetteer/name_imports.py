"""Names from public lists on top of the packaged ones: only what nobody else is called, and no common word alone.

A name of one word is read only with evidence, as the sign ``?`` of the lists asks for, unless a capital or a digit
stands inside it beside small letters; one of several words, unless each of at least two that carry sense begins with a
capital and goes on in small letters. A ticker always is. What a list calls two entities, or what somebody is called
already, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.domain.entity import ImportedName
from vigie.domain.errors import ConfigError
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, NameForm, name_form, ticker_form

_LITTLE: Final = frozenset("a an and at by de des du for in l la le les of on the und von für et".split())


@dataclass(frozen=True, slots=True)
class ImportedEntities:
    """Entities with imported names, and what became of these.

    Attributes
    ----------
    entries : tuple of GazetteerEntry or NameForm
        As of the packaged lists.
    new : tuple of ImportedName
        Entities that no list has.
    further : tuple of (entity, name)
        Names that known entities got.
    left_out : tuple of (name, entity)
        Names that somebody else has, with who that is.
    """

    entries: tuple[GazetteerEntry | NameForm, ...]
    new: tuple[ImportedName, ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def merge_imported(
    known: Iterable[GazetteerEntry | NameForm], imported: Sequence[ImportedName]
) -> ImportedEntities:
    """Return entities with further ones and further names from public lists."""
    known_items = tuple(known)
    if not imported:
        return ImportedEntities(known_items)
    entries = {item.id: item for item in known_items if isinstance(item, GazetteerEntry)}
    blocked = [item for item in known_items if isinstance(item, NameForm)]
    owners = {form.folded: item.id for item in entries.values() for form in item.forms}
    new: list[ImportedName] = []
    further: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for item in imported:
        entity = _find_entity(item, entries, owners)
        forms = []
        for text, form in _parse_forms(entity, item):
            owner = owners.setdefault(form.folded, entity)
            if owner != entity:
                left_out.append((text, owner))
            elif form.folded not in {existing.folded for existing in _forms_of_entity(entries, entity)}:
                forms.append((text, form))
        if not forms:
            continue
        if entity in entries:
            further += [(entity, text) for text, _ in forms]
            existing = entries[entity]
            entries[entity] = replace(existing, forms=(*existing.forms, *(form for _, form in forms)))
        else:
            new.append(replace(item, entity=entity))
            added = tuple(form for _, form in forms)
            entries[entity] = GazetteerEntry(entity, item.name, added, frozenset(), len(entries))
    return ImportedEntities((*entries.values(), *blocked), tuple(new), tuple(further), tuple(left_out))


def _forms_of_entity(entries: dict[str, GazetteerEntry], entity: str) -> tuple[NameForm, ...]:
    return entries[entity].forms if entity in entries else ()


def _find_entity(
    imported: ImportedName, entries: dict[str, GazetteerEntry], owners: dict[tuple[str, ...], str]
) -> str:
    """Return whom an imported entity is: who has its id, else who of its kind has its first name."""
    if imported.entity in entries:
        return imported.entity
    kind = imported.entity.partition(":")[0]
    for _, form in _parse_forms(imported.entity, replace(imported, names=(imported.name,), tickers=())):
        owner = owners.get(form.folded, "")
        if owner.startswith(f"{kind}:"):
            return owner
    return imported.entity


def _is_unmistakable(text: str) -> bool:
    """Tell whether nobody writes a name by accident: registers write everything in capitals, and "the market"."""
    words = [word for word in re.findall(r"[^\W_]+", text) if word.casefold() not in _LITTLE]
    if len(words) == 1:
        (word,) = words
        return any(letter.islower() for letter in word) and any(
            letter.isupper() or letter.isdigit() for letter in word[1:]
        )
    return len(words) > 1 and all(
        word[0].isupper() and any(letter.islower() for letter in word) for word in words if len(word) > 1
    )


def _parse_forms(entity: str, imported: ImportedName) -> list[tuple[str, NameForm]]:
    forms: list[tuple[str, NameForm]] = []
    for text in imported.names:
        try:
            plain = name_form(entity, f"~{text.lstrip('~?$')}")
        except (ConfigError, IndexError):
            continue
        forms.append((text, plain if _is_unmistakable(text) else replace(plain, need="evidence")))
    for text in imported.tickers:
        try:
            forms.append((text, ticker_form(entity, f"?{text.lstrip('~?$')}")))
        except (ConfigError, IndexError):
            continue
    return forms
