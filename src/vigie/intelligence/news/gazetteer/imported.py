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
from vigie.intelligence.news.gazetteer.entries import Entry, Form, name_form, ticker_form

_LITTLE: Final = frozenset("a an and at by de des du for in l la le les of on the und von für et".split())


@dataclass(frozen=True, slots=True)
class Merged:
    """Entities with imported names, and what became of these.

    Attributes
    ----------
    entries : tuple of Entry or Form
        As of the packaged lists.
    new : tuple of ImportedName
        Entities that no list has.
    further : tuple of (entity, name)
        Names that known entities got.
    left_out : tuple of (name, entity)
        Names that somebody else has, with who that is.
    """

    entries: tuple[Entry | Form, ...]
    new: tuple[ImportedName, ...] = ()
    further: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def merged(found: Iterable[Entry | Form], imported: Sequence[ImportedName]) -> Merged:
    """Return entities with further ones and further names from public lists."""
    given = tuple(found)
    if not imported:
        return Merged(given)
    entries = {one.id: one for one in given if isinstance(one, Entry)}
    blocked = [one for one in given if isinstance(one, Form)]
    owners = {form.folded: one.id for one in entries.values() for form in one.forms}
    new: list[ImportedName] = []
    further: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for one in imported:
        entity = _meant(one, entries, owners)
        forms = []
        for text, form in _forms(entity, one):
            owner = owners.setdefault(form.folded, entity)
            if owner != entity:
                left_out.append((text, owner))
            elif form.folded not in {kept.folded for kept in _held(entries, entity)}:
                forms.append((text, form))
        if not forms:
            continue
        if entity in entries:
            further += [(entity, text) for text, _ in forms]
            kept = entries[entity]
            entries[entity] = replace(kept, forms=(*kept.forms, *(form for _, form in forms)))
        else:
            new.append(replace(one, entity=entity))
            added = tuple(form for _, form in forms)
            entries[entity] = Entry(entity, one.name, added, frozenset(), len(entries))
    return Merged((*entries.values(), *blocked), tuple(new), tuple(further), tuple(left_out))


def _held(entries: dict[str, Entry], entity: str) -> tuple[Form, ...]:
    return entries[entity].forms if entity in entries else ()


def _meant(one: ImportedName, entries: dict[str, Entry], owners: dict[tuple[str, ...], str]) -> str:
    """Return whom an imported entity is: who has its id, else who of its kind has its first name."""
    if one.entity in entries:
        return one.entity
    kind = one.entity.partition(":")[0]
    for _, form in _forms(one.entity, replace(one, names=(one.name,), tickers=())):
        owner = owners.get(form.folded, "")
        if owner.startswith(f"{kind}:"):
            return owner
    return one.entity


def _is_unmistakable(text: str) -> bool:
    """Tell whether nobody writes a name by accident: registers write everything in capitals, and "the market"."""
    words = [word for word in re.findall(r"[^\W_]+", text) if word.casefold() not in _LITTLE]
    if len(words) == 1:
        (word,) = words
        return any(one.islower() for one in word) and any(one.isupper() or one.isdigit() for one in word[1:])
    return len(words) > 1 and all(
        word[0].isupper() and any(one.islower() for one in word) for word in words if len(word) > 1
    )


def _forms(entity: str, one: ImportedName) -> list[tuple[str, Form]]:
    found: list[tuple[str, Form]] = []
    for text in one.names:
        try:
            plain = name_form(entity, f"~{text.lstrip('~?$')}")
        except (ConfigError, IndexError):
            continue
        found.append((text, plain if _is_unmistakable(text) else replace(plain, need="evidence")))
    for text in one.tickers:
        try:
            found.append((text, ticker_form(entity, f"?{text.lstrip('~?$')}")))
        except (ConfigError, IndexError):
            continue
    return found
