"""What a backtest is asked for: slots, bars, account, as a page, a program or the command line says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vigie.data.intake.form import SILENT, FileForm
from vigie.domain.account import AccountSettings
from vigie.domain.instrument import StatedRules

NATIVE = "native"
# Where a run states a fee itself.
IN_OPTIONS, IN_FILE = "options", "run file"


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """One slot that is asked for.

    Attributes
    ----------
    instrument : str
        As typed, or a file of bars.
    timeframe : str
        Or ``native``.
    strategy : str
        By name.
    params : dict
        Parameters that differ from the defaults.
    require : tuple of str
        Optional criteria that gate the entry; see `vigie.trading.loaded_strategy.Strategy.requiring`.
    """

    instrument: str
    timeframe: str
    strategy: str
    params: dict[str, Any] = field(default_factory=dict)
    require: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """Everything a backtest is asked for.

    Attributes
    ----------
    slots : tuple of SlotRequest
        In slot order; ignored instruments when `bars` names files.
    venue : str
        Where stored bars come from.
    bars : tuple of Path
        Files to run on in place of stored bars; the instrument table is then not consulted.
    start_ms, end_ms, last : int, optional
        Cut the bars before indicators are computed.
    warmup_bars : int
        Earlier bars kept for the indicators only.
    symbol : str
        What the one file of `bars` holds, where its name does not say it.
    tick, lot : str, optional
        Pin the grid; the instrument table is then not consulted.
    instruments : Path, optional
        CSV that pins tick, lot and minimums.
    stated : tuple of StatedRules
        What the settings say of its instruments in place of the table; not consulted where the table is not, but
        for fees.
    said_fees : dict
        Which fees the run itself states, ``taker`` and ``maker``, and whether among its ``options`` or in its
        ``run file``; those win over what the settings state.
    maintenance_rate : float, optional
        Wins over the instrument's own where it is stated.
    detail : str, optional
        Timeframe of finer bars that decide which level came first: stored ones, or the file beside one of `bars`.
    funding, mark : Path, optional
        Settlements, and mark-price bars.
    own_strategies : Path, optional
        Folder of a person's own strategies.
    form : FileForm
        How the files of `bars` are written, as far as that is said.
    check : bool
        Whether causality and warm-up are proved.
    seed : int
        Seed of the checks and of the statistics.
    """

    slots: tuple[SlotRequest, ...]
    account: AccountSettings = field(default_factory=AccountSettings)
    venue: str = ""
    bars: tuple[Path, ...] = ()
    start_ms: int | None = None
    end_ms: int | None = None
    last: int | None = None
    warmup_bars: int = 0
    symbol: str = ""
    tick: str | None = None
    lot: str | None = None
    instruments: Path | None = None
    stated: tuple[StatedRules, ...] = ()
    said_fees: dict[str, str] = field(default_factory=dict)
    maintenance_rate: float | None = None
    detail: str | None = None
    funding: Path | None = None
    mark: Path | None = None
    own_strategies: Path | None = None
    form: FileForm = SILENT
    check: bool = True
    seed: int = 0
