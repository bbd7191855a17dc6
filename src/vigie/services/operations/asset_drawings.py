"""Drawings of a person on the chart of an asset: kept by the home, told apart by version."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vigie.data.catalog import BarCatalog
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal
from vigie.ports.accounts import UserStore
from vigie.services.operation import CurrencyInput, OperationResult, operation

MOST: Final = 200
LONGEST_TEXT: Final = 200

DrawingKind = Literal["horizontal", "trend", "ray", "fib", "rectangle", "text"]
ONE_POINT: Final = ("horizontal", "text")


class ChartPoint(BaseModel):
    """A place on a chart: epoch ms and price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ts: float = Field(ge=0, le=4_102_444_800_000, allow_inf_nan=False)
    price: float = Field(ge=-1e15, le=1e15, allow_inf_nan=False)


class ChartDrawing(BaseModel):
    """One drawing: one point for a horizontal line or a text, two for the others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=60)
    kind: DrawingKind
    points: list[ChartPoint] = Field(min_length=1, max_length=2)
    text: str = Field("", max_length=LONGEST_TEXT)

    @model_validator(mode="after")
    def _check_point_count(self) -> Self:
        n_points = 1 if self.kind in ONE_POINT else 2
        if len(self.points) != n_points:
            raise ValueError(
                Refusal(
                    "must_points",
                    "{kind} must have {n_points} points, had {points_count}",
                    kind=self.kind,
                    n_points=n_points,
                    points_count=len(self.points),
                )
            )
        return self


class DrawingsInput(CurrencyInput):
    """Whose chart: of which asset."""

    asset: str = Field(
        "bitcoin", max_length=80, description="Catalogue id, or a ticker that only one asset has."
    )


class SaveDrawingsInput(DrawingsInput):
    """All drawings of the caller on an asset's chart, in place of those of a version."""

    drawings: list[ChartDrawing] = Field(default_factory=list, max_length=MOST)
    version: int = Field(0, ge=0, description="The version these were made from; 0 before the first.")


class Drawings(OperationResult):
    """Drawings with their version, which grows with every change."""

    asset: str
    drawings: list[ChartDrawing]
    version: int


@operation("assets.drawings", example={"asset": "bitcoin"})
def read_drawings(
    caller: Caller, params: DrawingsInput, catalog: BarCatalog, accounts: UserStore
) -> Drawings:
    """Read the caller's own drawings on the chart of an asset."""
    asset = catalog.find(params.asset).id
    version, stored = accounts.settings(key_of(caller.user, asset, params.currency))
    return Drawings(as_of=None, asset=asset, drawings=stored.get("drawings", []), version=version)


@operation("assets.save_drawings", scope="write", example={"asset": "bitcoin", "drawings": [], "version": 0})
def save_drawings(
    caller: Caller, params: SaveDrawingsInput, catalog: BarCatalog, accounts: UserStore
) -> Drawings:
    """Save the caller's own drawings on the chart of an asset; refused where another tab has changed them."""
    asset = catalog.find(params.asset).id
    names = [drawing.id for drawing in params.drawings]
    if len(set(names)) != len(names):
        raise UsageError("drawings_must_different_ids", "drawings must have different ids")
    key = key_of(caller.user, asset, params.currency)
    rows = [drawing.model_dump(exclude_defaults=True) for drawing in params.drawings]
    current, _ = accounts.settings(key)
    if current != params.version:
        raise Conflict(_conflict_text(current, params.version))
    try:
        version = accounts.put_settings(key, {"drawings": rows}, revision=params.version)
    except UsageError as fault:
        # Another tab was faster between the look and the change.
        raise Conflict(_conflict_text(accounts.settings(key)[0], params.version)) from fault
    return Drawings(as_of=None, asset=asset, drawings=list(params.drawings), version=version)


def key_of(user: str, asset: str, currency: str = "usd") -> str:
    """Return the name under which the accounts keep somebody's drawings on an asset; it begins with the person's.

    A level in euros is no level in dollars: the chart of each currency has drawings of its own.
    """
    return f"{user}/drawings/{asset}" + (f"/{currency}" if currency != "usd" else "")


def _conflict_text(current: int, sent: int) -> str:
    return Refusal(
        "drawings_changed_another_tab",
        "these drawings changed in another tab: version must be {current}, was {sent}; reload them",
        current=current,
        sent=sent,
    )
