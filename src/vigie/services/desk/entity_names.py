"""Names of entities by hand: further names, entities that are one, names torn apart; the house reads by them."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vigie.domain.entity import ENTITY_PATTERN, Amendment, AmendmentKind
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.person import Caller
from vigie.intelligence.news.gazetteer.amended import is_name, resolved
from vigie.intelligence.news.reading.words import words
from vigie.services.desk.entities import EntityId, known_entity
from vigie.services.desk.watchlists import TEXT
from vigie.services.house import House
from vigie.services.news.naming import called, entries_of
from vigie.services.operation import Answer, Ask, operation

MOST: Final = 500
# Rejected names are not read by.
MOST_REJECTED: Final = 5_000
_SHORTEST: Final = 2
NameText = Field(min_length=2, max_length=80, pattern=TEXT, description="As it is written in articles.")
IntoId = Field(
    pattern=ENTITY_PATTERN, max_length=90, description="Id of the other one.", examples=["org:ripple"]
)


class AliasAsk(Ask):
    """A further name; an id that no list has yet makes an entity."""

    entity: str = EntityId
    text: str = NameText


class MergeAsk(Ask):
    """Two ids that are one."""

    entity: str = EntityId
    into: str = IntoId


class SplitAsk(Ask):
    """A name that is not this one's but another's; an id that no list has yet makes an entity."""

    entity: str = EntityId
    text: str = NameText
    into: str = IntoId


class UndoAsk(Ask):
    """Something that was said of names."""

    amendment: str = Field(pattern=r"^n[0-9a-f]{16}$", description="Its id.", examples=["n0123456789abcdef"])


class Amended(Answer):
    """What was said; items are read anew by it, the newest revisions of all of them, in a moment."""

    amendment: str
    kind: AmendmentKind
    entity: str
    text: str
    into: str


@operation(
    "entities.alias", scope="admin", example={"entity": "org:sec", "text": "The Commission in Washington"}
)
def add_alias(house: House, caller: Caller, ask: AliasAsk) -> Amended:
    """Add a name to an entity, or an entity of one's own under its first name."""
    return amend(house, Amendment("", "alias", ask.entity, _name(ask.text), "", caller.user))


@operation("entities.merge", scope="admin", example={"entity": "org:ripple", "into": "org:sec"})
def merge(house: House, caller: Caller, ask: MergeAsk) -> Amended:
    """Make two entities one: the first is read as the second."""
    known = entries_of(house)
    for one in (ask.entity, ask.into):
        known_entity(house, one, known)
    if resolved(ask.into, house.names.amendments()) == ask.entity or ask.entity == ask.into:
        raise UsageError(f"{ask.entity!r} and {ask.into!r} are one already")
    return amend(house, Amendment("", "merge", ask.entity, "", ask.into, caller.user))


@operation(
    "entities.split",
    scope="admin",
    example={"entity": "org:sec", "text": "SEC", "into": "org:sec-of-elsewhere"},
)
def split(house: House, caller: Caller, ask: SplitAsk) -> Amended:
    """Take a name away from an entity and give it to another one."""
    known = entries_of(house)
    entry = known.get(ask.entity)
    folded = tuple(words(ask.text).folded)
    if entry is None or folded not in {form.folded for form in entry.forms}:
        name = called(known, ask.entity)
        raise UsageError(f"{name} is not written {ask.text!r}; its page lists how it is written")
    if ask.entity == ask.into:
        raise UsageError("into must be another entity")
    return amend(house, Amendment("", "split", ask.entity, _name(ask.text), ask.into, caller.user))


@operation("entities.undo", scope="admin", example={"amendment": "n0123456789abcdef"})
def undo(house: House, caller: Caller, ask: UndoAsk) -> Amended:
    """Take back something that was said of names, whoever said it."""
    found = next((one for one in house.names.amendments() if one.id == ask.amendment), None)
    if found is None:
        raise NotFound(f"there is no amendment {ask.amendment!r}")
    house.names.withdraw(found.id)
    return _answer(found)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if len(name) < _SHORTEST or not is_name(name):
        raise UsageError(f"text must hold a word, was {text!r}")
    return name


def amend(house: House, amendment: Amendment) -> Amended:
    """Keep something that is said of names.

    Raises
    ------
    UsageError
        If there are as many as can be kept, or the same is kept already.
    """
    told = house.names.amendments()
    most = MOST_REJECTED if amendment.kind == "reject" else MOST
    if sum((one.kind == "reject") == (amendment.kind == "reject") for one in told) >= most:
        raise UsageError(f"amendments must be at most {most}; take some back first")
    same = (amendment.kind, amendment.entity, amendment.text, amendment.into)
    if any((one.kind, one.entity, one.text, one.into) == same for one in told):
        raise Conflict("this was said already")
    return _answer(house.names.amend(amendment))


def _answer(one: Amendment) -> Amended:
    return Amended(amendment=one.id, kind=one.kind, entity=one.entity, text=one.text, into=one.into)
