"""The Studio: boards that one composes to publish, each kept as what was asked for and filled anew when it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from pydantic import Field, ValidationError

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.ports.accounts import RESTORABLE_MS, StoredBoard
from vigie.services.asking import plain
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Nothing, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.studio.board import MOST_PARTS, Language, Shape
from vigie.services.studio.plan import BoardPlan, PartPlan, read_plan
from vigie.services.studio.presets import PRESETS, preset, titles

MOST: Final = 100
BoardId = Field(pattern=r"^b[0-9a-f]{1,32}$", description="Id of a board.", examples=["b0123456789abcdef"])
Revision = Field(None, ge=0, description="The one that was read; another one is refused as a conflict.")
Money = Literal["usd", "eur"]


class BoardAsk(Ask):
    """One board."""

    board: str = BoardId


class BeginAsk(Ask):
    """Which board to begin with."""

    preset: Literal["two_assets", "one_chart", "movers", "market", "words", "empty"] = "two_assets"
    language: Language = "en"
    shape: Shape = "wide"
    zone: str = Field("UTC", max_length=60, description="IANA name of the zone that times are written in.")
    currency: Money = "usd"


class SaveAsk(Ask):
    """A whole board in place of the one that is kept."""

    board: str = BoardId
    plan: BoardPlan
    revision: int | None = Revision


class AddAsk(Ask):
    """One part more."""

    board: str = BoardId
    part: PartPlan
    revision: int | None = Revision


class BoardAnswer(Answer):
    """A board as it is kept."""

    board: str
    plan: BoardPlan
    revision: int
    ts_changed: int
    is_deleted: bool = False


LIST: Final = [
    Column(name="board", title="Id"),
    Column(name="title", title="Board"),
    Column(name="parts", title="Parts", unit="count"),
    Column(name="shape", title="Shape"),
    Column(name="language", title="Language"),
    Column(name="ts_changed", title="Changed", unit="ms"),
    Column(name="revision", title="Revision", definition="Grows with every change."),
]


@operation("studio.list")
def list_boards(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's boards, the last changed first."""
    rows = [
        {
            "board": one.id, "title": one.plan.get("title", ""), "parts": len(one.plan.get("parts", ())),
            "shape": one.plan.get("shape", "wide"), "language": one.plan.get("language", "en"),
            "ts_changed": one.ts_changed, "revision": one.revision,
        }
        for one in house.accounts.boards(owner_of(house, caller))
    ]  # fmt: skip
    return Table(columns=LIST, rows=rows, total=len(rows))


@operation("studio.presets")
def list_presets(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the boards that one can begin with, in both languages."""
    rows = [{"preset": name, "en": titles("en")[name], "fr": titles("fr")[name]} for name in PRESETS]
    columns = [
        Column(name="preset", title="Preset"), Column(name="en", title="English"),
        Column(name="fr", title="French"),
    ]  # fmt: skip
    return Table(columns=columns, rows=rows, total=len(rows))


@operation("studio.read", example={"board": "b0123456789abcdef"})
def read_board(house: House, caller: Caller, ask: BoardAsk) -> BoardAnswer:
    """Read a board: what was asked for, and its revision."""
    return _answer(found_board(house, caller, ask.board))


@operation("studio.begin", scope="write", example={"preset": "two_assets"})
def begin_board(house: House, caller: Caller, ask: BeginAsk) -> BoardAnswer:
    """Make a board from a preset."""
    plan = _read(
        lambda: preset(
            ask.preset, language=ask.language, shape=ask.shape, zone=ask.zone, currency=ask.currency
        )
    )
    return _answer(_added(house, caller, plan))


@operation("studio.save", scope="write", example={"board": "b0123456789abcdef", "plan": {"title": "Bitcoin"}})
def save_board(house: House, caller: Caller, ask: SaveAsk) -> BoardAnswer:
    """Put a whole board in place of the one that is kept; refused where another tab has changed it."""
    mine = _mine(house, caller, ask.board)
    return _put(house, mine, ask.plan, ask.revision)


@operation(
    "studio.add", scope="write",
    example={"board": "b0123456789abcdef", "part": {"kind": "chart", "assets": "bitcoin"}},
)  # fmt: skip
def add_part(house: House, caller: Caller, ask: AddAsk) -> BoardAnswer:
    """Add a part to the end of a board."""
    mine = _mine(house, caller, ask.board)
    plan = read_plan(mine.plan)
    if len(plan.parts) >= MOST_PARTS:
        raise UsageError(f"a board holds at most {MOST_PARTS} parts; remove one first")
    return _put(house, mine, plan.model_copy(update={"parts": [*plan.parts, ask.part]}), ask.revision)


@operation("studio.delete", scope="write", example={"board": "b0123456789abcdef"})
def delete_board(house: House, caller: Caller, ask: BoardAsk) -> BoardAnswer:
    """Delete a board; it can come back for a week."""
    mine = _mine(house, caller, ask.board)
    gone = replace(mine, ts_deleted=house.clock.wall_now())
    return _answer(house.accounts.put_board(gone, revision=mine.revision))


@operation("studio.restore", scope="write", example={"board": "b0123456789abcdef"})
def restore_board(house: House, caller: Caller, ask: BoardAsk) -> BoardAnswer:
    """Bring back a board that was deleted within a week."""
    gone = _signed_in(house, caller, ask.board)
    if gone.ts_deleted is None:
        return _answer(gone)
    if house.clock.wall_now() - gone.ts_deleted > RESTORABLE_MS:
        # It is swept by the next board that somebody writes.
        raise NotFound(f"there is no board {ask.board!r}")
    _room(house, caller)
    return _answer(house.accounts.put_board(replace(gone, ts_deleted=None), revision=gone.revision))


def found_board(house: House, caller: Caller, board: str) -> StoredBoard:
    """Return a board that the caller may see.

    Raises
    ------
    NotFound
        If they have none such, or have deleted it.
    """
    found = house.accounts.board(owner_of(house, caller), board)
    if found is None or found.ts_deleted is not None:
        raise NotFound(f"there is no board {board!r}")
    return found


def _signed_in(house: House, caller: Caller, board: str) -> StoredBoard:
    if caller.user == VISITOR.user:
        raise Forbidden("sign in to keep boards")
    found = house.accounts.board(caller.user, board)
    if found is None:
        raise NotFound(f"there is no board {board!r}")
    return found


def _mine(house: House, caller: Caller, board: str) -> StoredBoard:
    found = _signed_in(house, caller, board)
    if found.ts_deleted is not None:
        raise NotFound(f"there is no board {board!r}")
    return found


def _room(house: House, caller: Caller) -> None:
    if len(house.accounts.boards(caller.user)) >= MOST:
        raise UsageError(f"boards must be at most {MOST}; delete one first")


def _added(house: House, caller: Caller, plan: BoardPlan) -> StoredBoard:
    if caller.user == VISITOR.user:
        raise Forbidden("sign in to keep boards")
    _room(house, caller)
    return house.accounts.put_board(StoredBoard("", caller.user, plan.model_dump(mode="json")))


def _put(house: House, mine: StoredBoard, plan: BoardPlan, revision: int | None) -> BoardAnswer:
    changed = replace(mine, plan=plan.model_dump(mode="json"))
    return _answer(
        house.accounts.put_board(changed, revision=mine.revision if revision is None else revision)
    )


def _read(make: Callable[[], BoardPlan]) -> BoardPlan:
    try:
        return make()
    except ValidationError as fault:
        raise UsageError(plain(fault)) from fault


def _answer(one: StoredBoard) -> BoardAnswer:
    return BoardAnswer(
        board=one.id, plan=read_plan(one.plan), revision=one.revision, ts_changed=one.ts_changed,
        is_deleted=one.ts_deleted is not None,
    )  # fmt: skip
