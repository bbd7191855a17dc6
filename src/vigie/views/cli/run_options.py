"""The options that every command over bars shares, declared once, and the request they make."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from vigie.views.cli import option_values
from vigie.views.cli.file_options import confirm_rows, file_form


def option(help_: str, *names: str, panel: str, **settings: Any) -> Any:
    """Return an option of one panel of the help."""
    return typer.Option(*names, help=help_, rich_help_panel=panel, **settings)


DATA, ACCOUNT, COSTS, OUTPUT = "Bars", "Account", "Costs and fills", "Output"

Config = Annotated[Path | None, typer.Argument(help="Run file (TOML) with any of the options below.")]
BarFiles = Annotated[list[Path] | None, option("File of bars; repeat for several.", "--bars", panel=DATA)]
Venue = Annotated[str | None, option("Venue of the stored bars.", "--venue", panel=DATA)]
Symbols = Annotated[
    str | None,
    option(
        "BTC,ETH or BTCUSDT,…; or the symbol of a single --bars file.", "--symbols", "--symbol", panel=DATA
    ),
]
Strategies = Annotated[str | None, option("NAME[,NAME…] or all.", "--strategy", panel=DATA)]
Timeframe = Annotated[str | None, option("native or T[,T…].", "--timeframe", panel=DATA)]
Start = Annotated[str | None, option("Opening time of the first bar.", "--from", panel=DATA)]
End = Annotated[str | None, option("End, exclusive.", "--to", panel=DATA)]
Last = Annotated[int | None, option("Only the last N bars.", "--last", panel=DATA, min=1)]
Warmup = Annotated[
    int | None, option("Earlier bars used only to warm up indicators.", "--warmup-bars", panel=DATA, min=0)
]
Detail = Annotated[
    str | None,
    option("Timeframe of finer bars that show what was hit first inside a bar.", "--detail", panel=DATA),
]
FundingFile = Annotated[Path | None, option("Funding settlements.", "--funding", panel=DATA)]
Mark = Annotated[Path | None, option("Mark-price bars.", "--mark", panel=DATA)]
Tick = Annotated[str | None, option("Price step.", "--tick", panel=DATA)]
Lot = Annotated[str | None, option("Quantity step.", "--lot", panel=DATA)]
Instruments = Annotated[
    Path | None, option("CSV file with tick, lot and minimums.", "--instruments", panel=DATA)
]
Mode = Annotated[str | None, option("isolated or portfolio.", "--mode", panel=ACCOUNT)]
ProtectionsSwitch = Annotated[
    str | None, option("on: protections in isolated mode too.", "--protections", panel=ACCOUNT)
]
Capital = Annotated[float | None, option("Capital (of each slot).", "--capital", panel=ACCOUNT)]
RiskFraction = Annotated[
    float | None, option("Planned risk per trade, at most 0.02.", "--risk-fraction", panel=ACCOUNT)
]
Leverage = Annotated[float | None, option("Max leverage, up to 5.", "--leverage", panel=ACCOUNT)]
StopAtr = Annotated[float | None, option("Stop, in ATR(14).", "--stop-atr", panel=ACCOUNT)]
TargetAtr = Annotated[float | None, option("Target, in ATR(14).", "--target-atr", panel=ACCOUNT)]
MaxBars = Annotated[int | None, option("Time stop in bars; 0 for none.", "--max-bars", panel=ACCOUNT)]
Taker = Annotated[float | None, option("Taker fee, a fraction.", "--taker", panel=COSTS)]
Maker = Annotated[float | None, option("Maker fee, a fraction.", "--maker", panel=COSTS)]
Slippage = Annotated[float | None, option("Slippage, in basis points.", "--slippage-bps", panel=COSTS)]
TargetExecution = Annotated[str | None, option("trigger or limit.", "--target-execution", panel=COSTS)]
Set = Annotated[list[str] | None, option("STRATEGY.PARAM=VALUE.", "--set", panel=ACCOUNT)]
Require = Annotated[
    str | None,
    option("Optional criteria to require for entries: trend,volume or all.", "--require", panel=ACCOUNT),
]
Out = Annotated[Path | None, option("Output folder.", "--out", panel=OUTPUT)]
Check = Annotated[
    bool, option("Check that no strategy uses future data.", "--check/--no-check", panel=OUTPUT)
]

_PLAIN: Final = (
    "config bars venue strategy start end last warmup_bars detail funding mark tick lot instruments".split()
)
_ACCOUNT: Final = "mode capital risk_fraction leverage stop_atr target_atr max_bars target_execution".split()
_COSTS: Final = "taker maker slippage_bps".split()


def build_filled_request(data_stores: Any, strategies: Path, arguments: Mapping[str, Any]) -> Any:
    """Build the request of a command that judges what is stored where nothing else was asked for.

    Parameters
    ----------
    strategies, arguments
        As for `build_request`; without a run file and files of bars, what was left out is filled in from the store.
    """
    from vigie.services.judging.signals import fill_from_store

    if arguments["config"] is None and not arguments["bars"]:
        words = option_values.split_words(arguments["symbols"])
        venue, names, strategy = fill_from_store(
            data_stores, arguments["venue"], words, arguments["strategy"], own=strategies
        )
        arguments = {**arguments, "venue": venue, "strategy": strategy, "symbols": ",".join(names)}
    return build_request(data_stores, strategies, arguments)


def build_request(data_stores: Any, strategies: Path, arguments: Mapping[str, Any]) -> Any:
    """Build the request of a command from its arguments; those that it does not have are left open.

    Parameters
    ----------
    strategies : Path
        Folder of a person's own strategies.
    arguments : mapping
        The arguments by name; other names are passed over.
    """
    from vigie.services.runs import request_builder
    from vigie.views.cli.programs import allow_named

    form = file_form(arguments)
    file_arguments = {**arguments, "symbol": arguments.get("symbols"), "timeframe": ""}
    confirm_rows(arguments.get("bars") or (), form, file_arguments, needs_venue=False)
    request = request_builder.build_request(
        data_stores,
        form=form,
        **{name: arguments.get(name) for name in _PLAIN},
        symbols=option_values.split_words(arguments.get("symbols")),
        timeframes=option_values.split_words(arguments.get("timeframe")),
        account={name: arguments.get(name) for name in _ACCOUNT},
        costs={name: arguments.get(name) for name in _COSTS},
        protections=option_values.parse_switch("--protections", arguments.get("protections")),
        params=option_values.parse_settings(arguments.get("set_")),
        require=option_values.split_words(arguments.get("require")),
        own_strategies=strategies,
        check=arguments["check"],
        seed=arguments.get("seed", 0),
    )
    allow_named([strategies / f"{slot.strategy}.py" for slot in request.slots])
    return request
