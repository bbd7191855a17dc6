"""The packaged lists with what a house says of names on top: further names, entities that are one, names torn apart.

Amendments are applied in their order; one that speaks of nobody changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vigie.domain.entity import Amendment
from vigie.domain.errors import ConfigError
from vigie.intelligence.news.gazetteer.entries import Entry, Form, form
from vigie.intelligence.news.reading.words import words

# A name of one word is found with a capital only; one in so few capitals is found in exactly these.
_TICKER = 6


def amended(found: Iterable[Entry | Form], amendments: Sequence[Amendment]) -> tuple[Entry | Form, ...]:
    """Return entities and blocked phrases as a house wants them read."""
    entries: dict[str, Entry] = {}
    blocked: list[Form] = []
    for one in found:
        if isinstance(one, Entry):
            entries[one.id] = one
        else:
            blocked.append(one)
    for amendment in amendments:
        if amendment.kind == "reject":
            continue
        if amendment.kind == "merge":
            _merge(entries, amendment.entity, amendment.into)
            continue
        if amendment.kind == "split":
            _take(entries, amendment.entity, amendment.text)
        name = amendment.into if amendment.kind == "split" else amendment.entity
        _give(entries, name, amendment.text)
    return (*entries.values(), *blocked)


def resolved(entity: str, amendments: Sequence[Amendment]) -> str:
    """Return the entity that one is read as."""
    for amendment in amendments:
        if amendment.kind == "merge" and amendment.entity == entity:
            entity = amendment.into
    return entity


def fingerprint(amendments: Sequence[Amendment]) -> str:
    """Return what tells two sets of amendments apart, nothing for none: what others read is read anew."""
    told = "\n".join(
        f"{one.kind}|{one.entity}|{one.text}|{one.into}" for one in amendments if one.kind != "reject"
    )
    if not told:
        return ""
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def written_form(entity: str, text: str) -> Form:
    """Return the form of a name as a person types it, without the marks of the lists.

    Raises
    ------
    ConfigError
        If there is no word in it.
    """
    found = words(text)
    is_single = len(found.raw) == 1
    is_ticker = is_single and len(text) <= _TICKER and text.isupper()
    made = form(entity, text, need="capital" if is_single and not is_ticker else "", is_exact=is_ticker)
    return replace(made, is_ticker=True) if is_ticker else made


def is_name(text: str) -> bool:
    """Tell whether a text can be a name."""
    try:
        written_form("", text)
    except ConfigError:
        return False
    return True


def _merge(entries: dict[str, Entry], one: str, into: str) -> None:
    if one not in entries or into not in entries or one == into:
        return
    gone, kept = entries.pop(one), entries[into]
    forms = tuple(replace(form, entity=into) for form in gone.forms)
    entries[into] = replace(kept, forms=(*kept.forms, *forms), context=kept.context | gone.context)


def _take(entries: dict[str, Entry], entity: str, text: str) -> None:
    if entity in entries:
        folded = tuple(words(text).folded)
        kept = entries[entity]
        left = tuple(form for form in kept.forms if form.folded != folded)
        entries[entity] = replace(kept, forms=left)


def _give(entries: dict[str, Entry], entity: str, text: str) -> None:
    if not is_name(text):
        return
    made = written_form(entity, text)
    kept = entries.get(entity) or Entry(entity, text, (), frozenset(), len(entries))
    if made.folded not in {form.folded for form in kept.forms}:
        kept = replace(kept, forms=(*kept.forms, made))
    entries[entity] = kept
