"""Names of entities: given by hand, or imported from public lists; the house reads by them.

By hand: further names, entities that are one, names torn apart. Imports tell what they would change. All can be undone.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.entity import ENTITY_PATTERN, Amendment, AmendmentKind, ImportedName, NameImport
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.person import Caller
from vigie.intelligence.news.firms import LEI, strip_legal_form
from vigie.intelligence.news.gazetteer.amendments import is_name, resolve_entity
from vigie.intelligence.news.gazetteer.entries import load_packaged
from vigie.intelligence.news.gazetteer.name_imports import ImportedEntities, merge_imported
from vigie.intelligence.news.reading.words import tokenize
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.services.news.entities.naming import entity_name, entries_of
from vigie.services.operation import OperationInput, OperationResult, operation
from vigie.services.operations.entities import EntityId, require_entity
from vigie.services.written_text import TEXT

MOST_AMENDMENTS: Final = 500
# Rejected names are not read by.
MOST_REJECTED: Final = 5_000
_SHORTEST: Final = 2
NameText = Field(min_length=2, max_length=80, pattern=TEXT, description="As it is written in articles.")
IntoId = Field(
    pattern=ENTITY_PATTERN, max_length=90, description="Id of the other one.", examples=["org:ripple"]
)
MOST_IMPORTED: Final = 3_000
_NAMES_SHOWN: Final = 50
Source = Literal["wikidata", "gleif", "coingecko"]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=TEXT)]


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
    limit = MOST_REJECTED if amendment.kind == "reject" else MOST_AMENDMENTS
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


class ImportedNameInput(BaseModel):
    """An entity of a list."""

    entity: str = Field(pattern=ENTITY_PATTERN, max_length=90)
    name: Name
    names: list[Name] = Field(max_length=12)
    tickers: list[Name] = Field([], max_length=4)


class ImportNamesInput(OperationInput):
    """Names of a public list."""

    source: Source
    licence: str = Field(max_length=200, pattern=TEXT)
    names: list[ImportedNameInput] = Field(max_length=MOST_IMPORTED)
    dry_run: bool = Field(True, description="Tell the difference alone and keep nothing.")


class NameSourceInput(OperationInput):
    """A public list."""

    source: Source


class NameImportDifference(OperationResult):
    """What an import changes, against the packaged lists and the imports of other sources."""

    source: str
    licence: str
    entities: int
    new: int
    further: int
    left_out: int
    gone: int = Field(description="Entities of the former import of this source that are not in this one.")
    new_names: list[str]
    further_names: list[str]
    left_out_names: list[str]
    is_kept: bool


class NameImportUndone(OperationResult):
    """What was taken back; `before` says whether the import before it is read again."""

    source: str
    entities: int
    before: bool


@operation(
    "entities.import",
    scope="admin",
    example={
        "source": "wikidata",
        "licence": "CC0 1.0 (Wikidata)",
        "names": [{"entity": "org:zorvex", "name": "Zorvex", "names": ["Zorvex"]}],
    },
)
def import_names(caller: Caller, params: ImportNamesInput, name_store: NameStore) -> NameImportDifference:
    """Compare the names of a public list with those known, and read by them unless it is a dry run."""
    names = tuple(_imported_name(params.source, entry) for entry in params.names)
    former = {entry.source: entry for entry in name_store.imports()}
    other_names = [
        name for source, entry in former.items() if source != params.source for name in entry.names
    ]
    merged_names = merge_imported(merge_imported(load_packaged(), other_names).entries, names)
    before = {entry.entity for entry in former[params.source].names} if params.source in former else set()
    if not params.dry_run:
        if params.source in former and former[params.source].names == names:
            raise Conflict("names_already_imported", "these names are already imported")
        name_store.put_import(NameImport("", params.source, params.licence, caller.user, 0, names))
    return _import_difference(params, merged_names, len(before - {entry.entity for entry in names}))


@operation("entities.undo_import", scope="admin", example={"source": "wikidata"})
def undo_name_import(caller: Caller, params: NameSourceInput, names: NameStore) -> NameImportUndone:
    """Take the newest import of a source back; the one before it is read again."""
    withdrawn = names.withdraw_import(params.source)
    if withdrawn is None:
        raise NotFound("nothing_imported", "nothing is imported from {source!r}", source=params.source)
    is_left = any(name_import.source == params.source for name_import in names.imports())
    return NameImportUndone(source=params.source, entities=len(withdrawn.names), before=is_left)


def _imported_name(source: Source, entry: ImportedNameInput) -> ImportedName:
    if source != "gleif":
        return ImportedName(entry.entity, entry.name, tuple(entry.names), tuple(entry.tickers))
    # The press leaves out what a firm is by law.
    bare = [strip_legal_form(name) for name in entry.names if not LEI.fullmatch(name)]
    return ImportedName(
        entry.entity, strip_legal_form(entry.name), tuple(dict.fromkeys((*bare, *entry.names)))
    )


def _import_difference(
    params: ImportNamesInput, merged_names: ImportedEntities, n_gone: int
) -> NameImportDifference:
    return NameImportDifference(
        source=params.source,
        licence=params.licence,
        entities=len(params.names),
        new=len(merged_names.new),
        further=len(merged_names.further),
        left_out=len(merged_names.left_out),
        gone=n_gone,
        new_names=[f"{entry.entity} {entry.name}" for entry in merged_names.new[:_NAMES_SHOWN]],
        further_names=[f"{entity} {name}" for entity, name in merged_names.further[:_NAMES_SHOWN]],
        left_out_names=[f"{name}: {owner}" for name, owner in merged_names.left_out[:_NAMES_SHOWN]],
        is_kept=not params.dry_run,
    )
