"""Names of entities by hand: further names, entities that are one, names torn apart; the house reads by them."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.entity import ENTITY_PATTERN, Amendment, AmendmentKind
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.person import Caller
from vigie.intelligence.news.gazetteer.amendments import is_name, resolve_entity
from vigie.intelligence.news.reading.words import tokenize
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.services.news.entities.naming import entity_name, entries_of
from vigie.services.operation import OperationInput, OperationResult, operation
from vigie.services.operations.entities import EntityId, require_entity
from vigie.services.operations.watchlists import TEXT

MOST: Final = 500
# Rejected names are not read by.
MOST_REJECTED: Final = 5_000
_SHORTEST: Final = 2
NameText = Field(min_length=2, max_length=80, pattern=TEXT, description="As it is written in articles.")
IntoId = Field(
    pattern=ENTITY_PATTERN, max_length=90, description="Id of the other one.", examples=["org:ripple"]
)


class AddAliasInput(OperationInput):
    """A further name; an id that no list has yet makes an entity."""

    entity: str = EntityId
    text: str = NameText


class MergeEntitiesInput(OperationInput):
    """Two ids that are one."""

    entity: str = EntityId
    into: str = IntoId


class SplitNameInput(OperationInput):
    """A name that is not this one's but another's; an id that no list has yet makes an entity."""

    entity: str = EntityId
    text: str = NameText
    into: str = IntoId


class UndoAmendmentInput(OperationInput):
    """Something that was said of names."""

    amendment: str = Field(pattern=r"^n[0-9a-f]{16}$", description="Its id.", examples=["n0123456789abcdef"])


class AmendmentResult(OperationResult):
    """What was said; items are read anew by it, the newest revisions of all of them, in a moment."""

    amendment: str
    kind: AmendmentKind
    entity: str
    text: str
    into: str


@operation(
    "entities.alias", scope="admin", example={"entity": "org:sec", "text": "The Commission in Washington"}
)
def add_alias(caller: Caller, params: AddAliasInput, names: NameStore) -> AmendmentResult:
    """Add a name to an entity, or an entity of one's own under its first name."""
    return save_amendment(
        names, Amendment("", "alias", params.entity, _check_name(params.text), "", caller.user)
    )


@operation("entities.merge", scope="admin", example={"entity": "org:ripple", "into": "org:sec"})
def merge_entities(
    caller: Caller, params: MergeEntitiesInput, catalog: BarCatalog, items: ItemStore, names: NameStore
) -> AmendmentResult:
    """Make two entities one: the first is read as the second."""
    entries = entries_of(catalog, names)
    for entity_id in (params.entity, params.into):
        require_entity(items, entity_id, entries)
    if resolve_entity(params.into, names.amendments()) == params.entity or params.entity == params.into:
        raise UsageError(
            "already_same_entity",
            "{entity!r} and {into!r} are already the same entity",
            entity=params.entity,
            into=params.into,
        )
    return save_amendment(names, Amendment("", "merge", params.entity, "", params.into, caller.user))


@operation(
    "entities.split",
    scope="admin",
    example={"entity": "org:sec", "text": "SEC", "into": "org:sec-of-elsewhere"},
)
def split_name(
    caller: Caller, params: SplitNameInput, catalog: BarCatalog, names: NameStore
) -> AmendmentResult:
    """Take a name away from an entity and give it to another one."""
    entries = entries_of(catalog, names)
    entry = entries.get(params.entity)
    folded = tuple(tokenize(params.text).folded)
    if entry is None or folded not in {form.folded for form in entry.forms}:
        name = entity_name(entries, params.entity)
        raise UsageError(
            "not_name",
            "{text!r} is not a name of {name}; its page lists its names",
            text=params.text,
            name=name,
        )
    if params.entity == params.into:
        raise UsageError("into_must_another_entity", "into must be another entity")
    return save_amendment(
        names, Amendment("", "split", params.entity, _check_name(params.text), params.into, caller.user)
    )


@operation("entities.undo", scope="admin", example={"amendment": "n0123456789abcdef"})
def undo_amendment(caller: Caller, params: UndoAmendmentInput, names: NameStore) -> AmendmentResult:
    """Take back something that was said of names, whoever said it."""
    amendment = next((stored for stored in names.amendments() if stored.id == params.amendment), None)
    if amendment is None:
        raise NotFound("no_correction", "there is no correction {amendment!r}", amendment=params.amendment)
    names.withdraw(amendment.id)
    return _amendment_result(amendment)


def _check_name(text: str) -> str:
    name = " ".join(text.split())
    if len(name) < _SHORTEST or not is_name(name):
        raise UsageError("text_must_contain_word", "text must contain a word, was {text!r}", text=text)
    return name


def save_amendment(names: NameStore, amendment: Amendment) -> AmendmentResult:
    """Keep something that is said of names.

    Raises
    ------
    UsageError
        If there are as many as can be kept, or the same is kept already.
    """
    amendments = names.amendments()
    limit = MOST_REJECTED if amendment.kind == "reject" else MOST
    if sum((stored.kind == "reject") == (amendment.kind == "reject") for stored in amendments) >= limit:
        raise UsageError(
            "most_corrections", "you can have at most {limit} corrections; undo some first", limit=limit
        )
    key = (amendment.kind, amendment.entity, amendment.text, amendment.into)
    if any((stored.kind, stored.entity, stored.text, stored.into) == key for stored in amendments):
        raise Conflict("already_recorded", "this is already recorded")
    return _amendment_result(names.amend(amendment))


def _amendment_result(amendment: Amendment) -> AmendmentResult:
    return AmendmentResult(
        amendment=amendment.id,
        kind=amendment.kind,
        entity=amendment.entity,
        text=amendment.text,
        into=amendment.into,
    )
