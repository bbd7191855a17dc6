"""Names from public lists: what an import would change, the import itself, and the way back."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.entity import ENTITY_PATTERN, ImportedName, NameImport
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.person import Caller
from vigie.intelligence.news.firms import LEI, strip_legal_form
from vigie.intelligence.news.gazetteer.entries import load_packaged
from vigie.intelligence.news.gazetteer.name_imports import ImportedEntities, merge_imported
from vigie.ports.names import NameStore
from vigie.services.operation import OperationInput, OperationResult, operation
from vigie.services.operations.watchlists import TEXT

MOST: Final = 3_000
_NAMES_SHOWN: Final = 50
Source = Literal["wikidata", "gleif", "coingecko"]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=TEXT)]


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
    names: list[ImportedNameInput] = Field(max_length=MOST)
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
