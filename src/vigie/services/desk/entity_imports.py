"""Names from public lists: what an import would change, the import itself, and the way back."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.entity import ENTITY_PATTERN, ImportedName, NameImport
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.person import Caller
from vigie.intelligence.news.firms import LEI, bare_name
from vigie.intelligence.news.gazetteer.entries import packaged
from vigie.intelligence.news.gazetteer.imported import Merged, merged
from vigie.services.desk.watchlists import TEXT
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, operation

MOST: Final = 3_000
_SHOWN: Final = 50
Source = Literal["wikidata", "gleif", "coingecko"]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=TEXT)]


class ImportedAsk(BaseModel):
    """An entity of a list."""

    entity: str = Field(pattern=ENTITY_PATTERN, max_length=90)
    name: Name
    names: list[Name] = Field(max_length=12)
    tickers: list[Name] = Field([], max_length=4)


class ImportAsk(Ask):
    """Names of a public list."""

    source: Source
    licence: str = Field(max_length=200, pattern=TEXT)
    names: list[ImportedAsk] = Field(max_length=MOST)
    dry_run: bool = Field(True, description="Tell the difference alone and keep nothing.")


class SourceAsk(Ask):
    """A public list."""

    source: Source


class ImportDifference(Answer):
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


class ImportUndone(Answer):
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
def take_import(house: House, caller: Caller, ask: ImportAsk) -> ImportDifference:
    """Compare the names of a public list with those known, and read by them unless it is a dry run."""
    names = tuple(_taken(ask.source, one) for one in ask.names)
    former = {one.source: one for one in house.names.imports()}
    others = [name for source, one in former.items() if source != ask.source for name in one.names]
    found = merged(merged(packaged(), others).entries, names)
    before = {one.entity for one in former[ask.source].names} if ask.source in former else set()
    if not ask.dry_run:
        if ask.source in former and former[ask.source].names == names:
            raise Conflict("these names are imported already")
        house.names.put_import(NameImport("", ask.source, ask.licence, caller.user, 0, names))
    return _difference(ask, found, len(before - {one.entity for one in names}))


@operation("entities.undo_import", scope="admin", example={"source": "wikidata"})
def undo_import(house: House, caller: Caller, ask: SourceAsk) -> ImportUndone:
    """Take the newest import of a source back; the one before it is read again."""
    gone = house.names.withdraw_import(ask.source)
    if gone is None:
        raise NotFound(f"nothing is imported from {ask.source!r}")
    is_left = any(one.source == ask.source for one in house.names.imports())
    return ImportUndone(source=ask.source, entities=len(gone.names), before=is_left)


def _taken(source: Source, one: ImportedAsk) -> ImportedName:
    if source != "gleif":
        return ImportedName(one.entity, one.name, tuple(one.names), tuple(one.tickers))
    # The press leaves out what a firm is by law.
    bare = [bare_name(name) for name in one.names if not LEI.fullmatch(name)]
    return ImportedName(one.entity, bare_name(one.name), tuple(dict.fromkeys((*bare, *one.names))))


def _difference(ask: ImportAsk, found: Merged, gone: int) -> ImportDifference:
    return ImportDifference(
        source=ask.source,
        licence=ask.licence,
        entities=len(ask.names),
        new=len(found.new),
        further=len(found.further),
        left_out=len(found.left_out),
        gone=gone,
        new_names=[f"{one.entity} {one.name}" for one in found.new[:_SHOWN]],
        further_names=[f"{entity} {name}" for entity, name in found.further[:_SHOWN]],
        left_out_names=[f"{name}: {owner}" for name, owner in found.left_out[:_SHOWN]],
        is_kept=not ask.dry_run,
    )
