"""The Studio: boards that one composes to publish, each kept as what was asked for and filled anew when it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from pydantic import Field, ValidationError

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.ports.accounts import UserStore
from vigie.ports.boards import RESTORABLE_MS, StoredBoard
from vigie.ports.clock import Clock
from vigie.services.languages import Language
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.operation_calls import describe_validation_error
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.studio.board import MOST_PARTS, Shape
from vigie.services.studio.plan import PRESETS, BoardPlan, PartPlan, preset_plan, preset_titles, read_plan

MOST: Final = 100
BoardId = Field(pattern=r"^b[0-9a-f]{1,32}$", description="Id of a board.", examples=["b0123456789abcdef"])
Revision = Field(None, ge=0, description="The revision that you read; another one is refused as a conflict.")
Money = Literal["usd", "eur"]


class BoardInput(OperationInput):
    """One board."""

    board: str = BoardId


class CreateBoardInput(OperationInput):
    """Which board to begin with."""

    preset: Literal["two_assets", "one_chart", "movers", "market", "words", "empty"] = "two_assets"
    language: Language = "en"
    shape: Shape = "wide"
    zone: str = Field("UTC", max_length=60, description="IANA name of the zone that times are written in.")
    currency: Money = "usd"


class SaveBoardInput(OperationInput):
    """A board, which replaces the stored one."""

    board: str = BoardId
    plan: BoardPlan
    revision: int | None = Revision


class AddPartInput(OperationInput):
    """One part more."""

    board: str = BoardId
    part: PartPlan
    revision: int | None = Revision


class BoardResult(OperationResult):
    """A board as it is kept."""

    board: str
    plan: BoardPlan
    revision: int
    ts_changed: int
    is_deleted: bool = False


class BoardListRow(Row):
    """One board of the Studio."""

    board: str = shown("Id")
    title: str = shown("Board")
    parts: int = shown("Parts", unit="count")
    shape: str = shown("Format")
    language: str = shown("Language")
    ts_changed: int = shown("Changed", unit="ms")
    revision: int = shown("Revision", definition="Goes up with every change.")


@operation("studio.list")
def list_boards(caller: Caller, params: NoInput, accounts: UserStore) -> Table[BoardListRow]:
    """List the caller's boards, the last changed first."""
    rows = [
        BoardListRow(
            board=board.id,
            title=board.plan.get("title", ""),
            parts=len(board.plan.get("parts", ())),
            shape=board.plan.get("shape", "wide"),
            language=board.plan.get("language", "en"),
            ts_changed=board.ts_changed,
            revision=board.revision,
        )
        for board in accounts.boards(owner_of(accounts, caller))
    ]
    return table_of(BoardListRow, rows, total=len(rows))


class PresetRow(Row):
    """One preset of the Studio."""

    preset: str = shown("Preset")
    en: str = shown("English")
    fr: str = shown("French")


@operation("studio.presets")
def list_presets(caller: Caller, params: NoInput) -> Table[PresetRow]:
    """List the boards that one can begin with, in both languages."""
    rows = [
        PresetRow(preset=name, en=preset_titles("en")[name], fr=preset_titles("fr")[name]) for name in PRESETS
    ]
    return table_of(PresetRow, rows, total=len(rows))


@operation("studio.read", example={"board": "b0123456789abcdef"})
def read_board(caller: Caller, params: BoardInput, accounts: UserStore) -> BoardResult:
    """Read a board: what was asked for, and its revision."""
    return _board_result(find_board(accounts, caller, params.board))


@operation("studio.begin", scope="write", example={"preset": "two_assets"})
def create_board(caller: Caller, params: CreateBoardInput, accounts: UserStore) -> BoardResult:
    """Make a board from a preset."""
    plan = _validate_plan(
        lambda: preset_plan(
            params.preset,
            language=params.language,
            shape=params.shape,
            zone=params.zone,
            currency=params.currency,
        )
    )
    return _board_result(_store_new_board(accounts, caller, plan))


@operation("studio.save", scope="write", example={"board": "b0123456789abcdef", "plan": {"title": "Bitcoin"}})
def save_board(caller: Caller, params: SaveBoardInput, accounts: UserStore) -> BoardResult:
    """Put a whole board in place of the one that is kept; refused where another tab has changed it."""
    board = _find_live_board(accounts, caller, params.board)
    return _save_plan(accounts, board, params.plan, params.revision)


@operation(
    "studio.add",
    scope="write",
    example={"board": "b0123456789abcdef", "part": {"kind": "chart", "assets": "bitcoin"}},
)
def add_part(caller: Caller, params: AddPartInput, accounts: UserStore) -> BoardResult:
    """Add a part to the end of a board."""
    board = _find_live_board(accounts, caller, params.board)
    plan = read_plan(board.plan)
    if len(plan.parts) >= MOST_PARTS:
        raise UsageError(
            "board_holds_most_parts",
            "a board holds at most {most_parts} parts; remove one first",
            most_parts=MOST_PARTS,
        )
    return _save_plan(
        accounts, board, plan.model_copy(update={"parts": [*plan.parts, params.part]}), params.revision
    )


@operation("studio.delete", scope="write", example={"board": "b0123456789abcdef"})
def delete_board(caller: Caller, params: BoardInput, accounts: UserStore, clock: Clock) -> BoardResult:
    """Delete a board; it can come back for a week."""
    board = _find_live_board(accounts, caller, params.board)
    deleted = replace(board, ts_deleted=clock.wall_now())
    return _board_result(accounts.put_board(deleted, revision=board.revision))


@operation("studio.restore", scope="write", example={"board": "b0123456789abcdef"})
def restore_board(caller: Caller, params: BoardInput, accounts: UserStore, clock: Clock) -> BoardResult:
    """Bring back a board that was deleted within a week."""
    board = _find_own_board(accounts, caller, params.board)
    if board.ts_deleted is None:
        return _board_result(board)
    if clock.wall_now() - board.ts_deleted > RESTORABLE_MS:
        # It is swept by the next board that somebody writes.
        raise NotFound("no_board", "there is no board {id!r}", id=params.board)
    _check_board_limit(accounts, caller)
    return _board_result(accounts.put_board(replace(board, ts_deleted=None), revision=board.revision))


def find_board(accounts: UserStore, caller: Caller, board_id: str) -> StoredBoard:
    """Return a board that the caller may see.

    Raises
    ------
    NotFound
        If they have none such, or have deleted it.
    """
    stored = accounts.board(owner_of(accounts, caller), board_id)
    if stored is None or stored.ts_deleted is not None:
        raise NotFound("no_board", "there is no board {id!r}", id=board_id)
    return stored


def _find_own_board(accounts: UserStore, caller: Caller, board_id: str) -> StoredBoard:
    if caller.user == VISITOR.user:
        raise Forbidden("sign_save_boards", "sign in to save boards")
    stored = accounts.board(caller.user, board_id)
    if stored is None:
        raise NotFound("no_board", "there is no board {id!r}", id=board_id)
    return stored


def _find_live_board(accounts: UserStore, caller: Caller, board_id: str) -> StoredBoard:
    stored = _find_own_board(accounts, caller, board_id)
    if stored.ts_deleted is not None:
        raise NotFound("no_board", "there is no board {id!r}", id=board_id)
    return stored


def _check_board_limit(accounts: UserStore, caller: Caller) -> None:
    if len(accounts.boards(caller.user)) >= MOST:
        raise UsageError("most_boards", "you can have at most {most} boards; delete one first", most=MOST)


def _store_new_board(accounts: UserStore, caller: Caller, plan: BoardPlan) -> StoredBoard:
    if caller.user == VISITOR.user:
        raise Forbidden("sign_save_boards", "sign in to save boards")
    _check_board_limit(accounts, caller)
    return accounts.put_board(StoredBoard("", caller.user, plan.model_dump(mode="json")))


def _save_plan(accounts: UserStore, board: StoredBoard, plan: BoardPlan, revision: int | None) -> BoardResult:
    changed = replace(board, plan=plan.model_dump(mode="json"))
    return _board_result(
        accounts.put_board(changed, revision=board.revision if revision is None else revision)
    )


def _validate_plan(make: Callable[[], BoardPlan]) -> BoardPlan:
    try:
        return make()
    except ValidationError as fault:
        raise UsageError(describe_validation_error(fault)) from fault


def _board_result(board: StoredBoard) -> BoardResult:
    return BoardResult(
        board=board.id,
        plan=read_plan(board.plan),
        revision=board.revision,
        ts_changed=board.ts_changed,
        is_deleted=board.ts_deleted is not None,
    )
