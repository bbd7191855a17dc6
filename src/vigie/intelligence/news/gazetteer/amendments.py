"""The packaged lists with what a house says of names on top: further names, entities that are one, names torn apart.

Amendments are applied in their order; one that speaks of nobody changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vigie.domain.entity import Amendment
from vigie.domain.errors import ConfigError
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, NameForm, parse_form
from vigie.intelligence.news.reading.words import tokenize

# A name of one word is found with a capital only; one in so few capitals is found in exactly these.
_TICKER = 6


def apply_amendments(
    entries_and_forms: Iterable[GazetteerEntry | NameForm], amendments: Sequence[Amendment]
) -> tuple[GazetteerEntry | NameForm, ...]:
    """Return entities and blocked phrases as a house wants them read."""
    entries: dict[str, GazetteerEntry] = {}
    blocked: list[NameForm] = []
    for entry in entries_and_forms:
        if isinstance(entry, GazetteerEntry):
            entries[entry.id] = entry
        else:
            blocked.append(entry)
    for amendment in amendments:
        if amendment.kind == "reject":
            continue
        if amendment.kind == "merge":
            _merge(entries, amendment.entity, amendment.into)
            continue
        if amendment.kind == "split":
            _remove_form(entries, amendment.entity, amendment.text)
        name = amendment.into if amendment.kind == "split" else amendment.entity
        _add_form(entries, name, amendment.text)
    return (*entries.values(), *blocked)


def resolve_entity(entity: str, amendments: Sequence[Amendment]) -> str:
    """Return the entity that one is read as."""
    for amendment in amendments:
        if amendment.kind == "merge" and amendment.entity == entity:
            entity = amendment.into
    return entity


def fingerprint(amendments: Sequence[Amendment]) -> str:
    """Return what tells two sets of amendments apart, nothing for none: what others read is read anew."""
    text = "\n".join(
        f"{amendment.kind}|{amendment.entity}|{amendment.text}|{amendment.into}"
        for amendment in amendments
        if amendment.kind != "reject"
    )
    if not text:
        return ""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def typed_form(entity: str, text: str) -> NameForm:
    """Return the form of a name as a person types it, without the marks of the lists.

    Raises
    ------
    ConfigError
        If there is no word in it.
    """
    tokens = tokenize(text)
    is_single = len(tokens.raw) == 1
    is_ticker = is_single and len(text) <= _TICKER and text.isupper()
    typed = parse_form(
        entity, text, need="capital" if is_single and not is_ticker else "", is_exact=is_ticker
    )
    return replace(typed, is_ticker=True) if is_ticker else typed


def is_name(text: str) -> bool:
    """Tell whether a text can be a name."""
    try:
        typed_form("", text)
    except ConfigError:
        return False
    return True


def _merge(entries: dict[str, GazetteerEntry], entity: str, into: str) -> None:
    if entity not in entries or into not in entries or entity == into:
        return
    merged_entry, target = entries.pop(entity), entries[into]
    forms = tuple(replace(form, entity=into) for form in merged_entry.forms)
    entries[into] = replace(
        target, forms=(*target.forms, *forms), context=target.context | merged_entry.context
    )


def _remove_form(entries: dict[str, GazetteerEntry], entity: str, text: str) -> None:
    if entity in entries:
        folded = tuple(tokenize(text).folded)
        entry = entries[entity]
        forms = tuple(form for form in entry.forms if form.folded != folded)
        entries[entity] = replace(entry, forms=forms)


def _add_form(entries: dict[str, GazetteerEntry], entity: str, text: str) -> None:
    if not is_name(text):
        return
    typed = typed_form(entity, text)
    entry = entries.get(entity) or GazetteerEntry(entity, text, (), frozenset(), len(entries))
    if typed.folded not in {form.folded for form in entry.forms}:
        entry = replace(entry, forms=(*entry.forms, typed))
    entries[entity] = entry
