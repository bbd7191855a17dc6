"""The run file: what a backtest runs, in TOML; paper and live trading read the same file.

Unknown keys and wrong types are refused with key and file. Options of the command line win over the file. What checks
a file is made of these tables when one is read: most runs have none, and it takes a twentieth of a second.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_type_hints

from vigie.domain.account import AccountSettings, Costs, Protections, Sizing, make_protections
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.input_errors import describe_value
from vigie.domain.refusal import Refusal, join_refusals

_Table = TypeVar("_Table")
_SIZING: Final = Sizing()
_MOST_DOTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class AccountTable:
    """``[account]``: mode, capital, sizing; whether protections are on in isolated mode too.

    Where no maintenance rate is stated, the instrument's own holds.
    """

    mode: Literal["isolated", "portfolio"] = "isolated"
    capital: float = _SIZING.capital
    risk_fraction: float = _SIZING.risk_fraction
    leverage: float = _SIZING.leverage
    stop_atr: float = _SIZING.stop_atr
    target_atr: float = _SIZING.target_atr
    maintenance_rate: float | None = None
    target_execution: Literal["trigger", "limit"] = _SIZING.target_execution
    max_bars: int = _SIZING.max_bars
    protections: bool | None = None


@dataclass(frozen=True, slots=True)
class CostsTable:
    """``[costs]``: fees as fractions of notional, slippage in basis points; None leaves the usual one."""

    taker: float | None = None
    maker: float | None = None
    slippage_bps: float | None = None


@dataclass(frozen=True, slots=True)
class VenueTable:
    """``[venue]``: where the bars come from and, later, where orders go."""

    id: str = ""
    mode: Literal["paper", "demo", "live"] = "paper"


@dataclass(frozen=True, slots=True)
class SlotTable:
    """``[[slots]]``: instruments x one timeframe x one strategy, switched on or off."""

    instruments: list[str] = field(metadata={"min_length": 1})
    strategy: str
    timeframe: str = "native"
    enabled: bool = True
    params: dict[str, float] = field(default_factory=dict)
    require: list[str] = field(default_factory=list)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_time(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


@dataclass(frozen=True, slots=True)
class DataTable:
    """``[data]``: which bars, and what goes with them."""

    bars: list[str] = field(default_factory=list)
    start: str | None = field(default=None, metadata={"alias": "from", "before": _as_time})
    end: str | None = field(default=None, metadata={"alias": "to", "before": _as_time})
    last: int | None = field(default=None, metadata={"ge": 1})
    warmup_bars: int = field(default=0, metadata={"ge": 0})
    tick: str | None = field(default=None, metadata={"before": _as_text})
    lot: str | None = field(default=None, metadata={"before": _as_text})
    instruments: str | None = None
    detail: str | None = None
    funding: str | None = None
    mark: str | None = None


def _as_protections(value: object) -> object:
    # Else the library refuses once for each kind of value, under names of its own.
    if not isinstance(value, bool | dict):
        raise ValueError(
            Refusal(
                "protections_must_be_switch_or_table",
                "must be true, false or a table of keys and values, was {value!r}",
                value=value,
            )
        )
    if isinstance(value, dict):
        try:
            make_protections(value)
        except UsageError as fault:
            raise ValueError(fault) from fault
    return value


@dataclass(frozen=True, slots=True)
class RunFile:
    """A whole run file."""

    account: AccountTable = field(default_factory=AccountTable)
    costs: CostsTable = field(default_factory=CostsTable)
    venue: VenueTable = field(default_factory=VenueTable)
    data: DataTable = field(default_factory=DataTable)
    slots: list[SlotTable] = field(default_factory=list)
    protections: dict[str, Any] | bool | None = field(default=None, metadata={"before": _as_protections})

    def account_settings(self) -> AccountSettings:
        """Return the account as the kernel knows it; `domain.account` refuses what is beyond its bounds."""
        table = self.account
        sizing = _given_values(table)
        del sizing["mode"]
        sizing.pop("protections", None)
        return AccountSettings(
            mode=table.mode,
            costs=Costs(**_given_values(self.costs)),
            sizing=Sizing(**sizing),
            protections=self._protections(),
        )

    def _protections(self) -> Protections | None:
        """Return what holds: always something in portfolio mode, in isolated mode only what is switched on."""
        stated, is_on = self.protections, self.account.protections
        if is_on is None and isinstance(stated, bool):
            is_on = stated
        if self.account.mode == "portfolio" and is_on is False:
            raise UsageError("protections_must_portfolio_mode", "protections must be on in portfolio mode")
        if self.account.mode != "portfolio" and not is_on:
            return None
        return make_protections(stated) if isinstance(stated, dict) else Protections()


def _given_values(table: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(table).items() if value is not None}


def read_run_file(path: Path) -> RunFile:
    """Read a run file.

    Raises
    ------
    ConfigError
        If it is missing, no TOML, or holds an unknown key or a wrong type; the message names key and file.
    """
    return parse_run_file(read_run_file_text(path), path)


def read_run_file_text(path: Path) -> str:
    """Read the text of a run file; what it says is not looked at.

    Raises
    ------
    ConfigError
        If it is missing, or no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise ConfigError(
            "run_file_cannot_read",
            "run file {path} cannot be read: {strerror}",
            path=path,
            strerror=fault.strerror,
        ) from fault
    except UnicodeDecodeError as fault:
        raise ConfigError("run_file_not_utf_text", "run file {path} is not UTF-8 text", path=path) from fault


def parse_run_file(text: str, path: Path) -> RunFile:
    """Return what the text of a run file says.

    Parameters
    ----------
    path : Path
        Named in refusals; it is not read.

    Raises
    ------
    ConfigError
        If it is no TOML, or holds an unknown key or a wrong type; the message names key and file.
    """
    from pydantic import ValidationError

    try:
        # Each part of a dotted key costs as much as all before it.
        if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
            raise RecursionError
        return _make_record(RunFile, _run_file_model().model_validate(tomllib.loads(text)))
    except RecursionError:
        raise ConfigError(
            "run_file_nests_tables_too", "run file {path} nests tables too deeply", path=path
        ) from None
    except ValidationError as fault:
        reasons = join_refusals([_describe_error(error) for error in fault.errors()])
        raise ConfigError(
            "run_file_refused", "run file {path}: {reason}", path=path, reason=reasons
        ) from fault
    except ValueError as fault:
        # Also of a number that has thousands of digits.
        raise ConfigError(
            "run_file_not_valid_toml", "run file {path} is not valid TOML: {fault}", path=path, fault=fault
        ) from fault


def _make_model(table: type[Any]) -> Any:
    """Return the pydantic model of a table: its fields, and what their metadata ask for."""
    from pydantic import BeforeValidator, ConfigDict, Field, create_model

    hints, model_fields = get_type_hints(table), {}
    for spec in fields(table):
        constraints = dict(spec.metadata)
        annotation: Any = _field_type(hints[spec.name])
        if "before" in constraints:
            annotation = Annotated[annotation, BeforeValidator(constraints.pop("before"))]
        is_required = spec.default is MISSING and spec.default_factory is MISSING
        # What is left out is the table's own default: the model's is never read.
        model_fields[spec.name] = (
            annotation,
            Field(**constraints) if is_required else Field(default=None, **constraints),
        )
    settings = ConfigDict(extra="forbid", populate_by_name=True, strict=True)
    return create_model(table.__name__, __config__=settings, **model_fields)  # type: ignore[call-overload]  # fields made here


def _field_type(hint: Any) -> Any:
    table = _nested_table(hint)
    if table is None:
        return hint
    return _make_model(table) if table is hint else list[_make_model(table)]  # type: ignore[misc]  # a type made here


def _nested_table(hint: Any) -> type[Any] | None:
    """Return the table that a field is, or is a list of."""
    inner = get_args(hint)
    table = inner[0] if inner else hint
    return table if isinstance(table, type) and is_dataclass(table) else None


def _make_record(table: Callable[..., _Table], model: Any) -> _Table:
    """Return a table of what was written."""
    hints = get_type_hints(table)
    values: dict[str, Any] = {}
    for name in model.model_fields_set:
        value, inner = getattr(model, name), _nested_table(hints[name])
        if inner is not None:
            value = (
                [_make_record(inner, item) for item in value]
                if isinstance(value, list)
                else _make_record(inner, value)
            )
        values[name] = value
    return table(**values)


# Made once: a form that is changed reads its file several times.
_run_file_model: Final = cache(partial(_make_model, RunFile))


def _describe_error(error: Any) -> Refusal:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return Refusal("no_such_key", "{key}: no such key", key=key)
    values = error.get("ctx", {})
    if error["type"] == "value_error":
        return Refusal("about", "{subject}: {reason}", subject=key, reason=values["error"])
    reason = describe_value(error["type"], error["msg"], values, error["input"])
    return Refusal("key_refused", "{key} {reason}", key=key, reason=reason)
