"""The run file: what a backtest runs, in TOML; paper and live trading read the same file.

Unknown keys and wrong types are refused with key and file. Options of the command line win over the file.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from vigie.domain.account import AccountSettings, Costs, Protections, Sizing, make_protections
from vigie.domain.errors import ConfigError, UsageError


class _Table(BaseModel):
    # What checks is built when a file is read: most runs have none, and it takes a twentieth of a second.
    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, frozen=True, strict=True, defer_build=True
    )


class AccountTable(_Table):
    """``[account]``: mode, capital, sizing; whether protections are on in isolated mode too.

    Where no maintenance rate is stated, the instrument's own holds.
    """

    mode: Literal["isolated", "portfolio"] = "isolated"
    capital: float = 10_000.0
    risk_fraction: float = 0.02
    leverage: float = 5.0
    stop_atr: float = 2.0
    target_atr: float = 3.0
    maintenance_rate: float | None = None
    target_execution: Literal["trigger", "limit"] = "trigger"
    max_bars: int = 0
    protections: bool | None = None


class CostsTable(_Table):
    """``[costs]``: fees as fractions of notional, slippage in basis points."""

    taker: float = 0.0006
    maker: float = 0.0002
    slippage_bps: float = 5.0


class VenueTable(_Table):
    """``[venue]``: where the bars come from and, later, where orders go."""

    id: str = ""
    mode: Literal["paper", "demo", "live"] = "paper"


class SlotTable(_Table):
    """``[[slots]]``: instruments x one timeframe x one strategy, switched on or off."""

    instruments: list[str] = Field(min_length=1)
    timeframe: str = "native"
    strategy: str
    enabled: bool = True
    params: dict[str, float] = Field(default_factory=dict)
    require: list[str] = Field(default_factory=list)


class DataTable(_Table):
    """``[data]``: which bars, and what goes with them."""

    bars: list[str] = Field(default_factory=list)
    start: str | None = Field(default=None, alias="from")
    end: str | None = Field(default=None, alias="to")
    last: int | None = Field(default=None, ge=1)
    warmup_bars: int = Field(default=0, ge=0)
    tick: str | None = None
    lot: str | None = None
    instruments: str | None = None
    detail: str | None = None
    funding: str | None = None
    mark: str | None = None

    @field_validator("tick", "lot", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    @field_validator("start", "end", mode="before")
    @classmethod
    def _as_time(cls, value: object) -> object:
        return value.isoformat() if isinstance(value, date | datetime) else value


class RunFile(_Table):
    """A whole run file."""

    account: AccountTable = Field(default_factory=AccountTable.model_construct)
    costs: CostsTable = Field(default_factory=CostsTable.model_construct)
    venue: VenueTable = Field(default_factory=VenueTable.model_construct)
    data: DataTable = Field(default_factory=DataTable.model_construct)
    slots: list[SlotTable] = Field(default_factory=list)
    protections: dict[str, Any] | bool | None = None

    @field_validator("protections", mode="after")
    @classmethod
    def _as_protections(cls, value: dict[str, Any] | bool | None) -> dict[str, Any] | bool | None:
        if isinstance(value, dict):
            try:
                make_protections(value)
            except UsageError as fault:
                raise ValueError(fault) from fault
        return value

    def account_settings(self) -> AccountSettings:
        """Return the account as the kernel knows it; `domain.account` refuses what is beyond its bounds."""
        table = self.account
        sizing = {name: value for name, value in table if value is not None}
        del sizing["mode"]
        sizing.pop("protections", None)
        return AccountSettings(
            mode=table.mode,
            costs=Costs(**dict(self.costs)),
            sizing=Sizing(**sizing),
            protections=self._protections(),
        )

    def _protections(self) -> Protections | None:
        """Return what holds: always something in portfolio mode, in isolated mode only what is switched on."""
        given, switch = self.protections, self.account.protections
        if switch is None and isinstance(given, bool):
            switch = given
        if self.account.mode == "portfolio" and switch is False:
            raise UsageError("protections must be on in portfolio mode, were switched off")
        if self.account.mode != "portfolio" and not switch:
            return None
        return make_protections(given) if isinstance(given, dict) else Protections()


def no_run_file() -> RunFile:
    """Return what holds where there is no run file: every default."""
    return RunFile.model_construct()


def read_run_file(path: Path) -> RunFile:
    """Read a run file.

    Raises
    ------
    ConfigError
        If it is missing, no TOML, or holds an unknown key or a wrong type; the message names key and file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise ConfigError(f"run file {path} cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise ConfigError(f"run file {path} is not UTF-8 text") from fault
    try:
        return RunFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"run file {path} is no TOML: {fault}") from fault
    except ValidationError as fault:
        raise ConfigError(f"run file {path}: " + "; ".join(map(_said, fault.errors()))) from fault


def _said(error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key}: no such key"
    if error["type"] == "value_error":
        return f"{key}: {error['ctx']['error']}"
    # pydantic says "Input should be ..."; every message of Vigie says "must be ..., was ...".
    return f"{key} {error['msg'].replace('Input should be', 'must be')}, was {error['input']!r}"
