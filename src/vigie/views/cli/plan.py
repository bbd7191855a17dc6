"""Commands about plans: `vigie plan list`, `show`, `preview`, `make`, `arm` and `cancel`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.views.cli.common_options import AsJson, Home

if TYPE_CHECKING:
    from vigie.services.plans.plan_rows import PlanResult

app = typer.Typer(no_args_is_help=True, help="Plans: trades that you decide, traded once as decided.")

PlanId = Annotated[str, typer.Argument(help="Its id, as `vigie plan list` prints it.", show_default=False)]
Place = Annotated[str, typer.Argument(help="Market, such as binance-perp:btc-usdt-perp.", show_default=False)]
Side = Annotated[str, typer.Option("--side", help="long or short.")]
# Numbers are handed on as they were typed: the operation says what was given and what is accepted.
Stop = Annotated[str, typer.Option("--stop", help="Price of the one stop.", metavar="<float>")]
Target = Annotated[str, typer.Option("--target", help="Price of the one target.", metavar="<float>")]
Low = Annotated[
    str | None,
    typer.Option("--low", help="Lowest close that enters; leave out to enter at once.", metavar="<float>"),
]
High = Annotated[str | None, typer.Option("--high", help="Highest close that enters.", metavar="<float>")]
Account = Annotated[str, typer.Option("--account", help="Paper or demo account; empty: by hand.")]
Bars = Annotated[
    str, typer.Option("--bars", help="Closes for which it waits for its entry.", metavar="<int>")
]
Leverage = Annotated[
    str,
    typer.Option("--leverage", help="1 to 5, for sizes by hand; 0 for none, long only.", metavar="<float>"),
]
Note = Annotated[str, typer.Option("--note", help="Your own words.")]


@app.command("list")
def list_plans(
    state: Annotated[
        str, typer.Option("--state", help="open, ended, draft, armed, ...; empty for all.")
    ] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List plans, the latest first.

    [bold]Example[/bold]: vigie plan list --state open
    """
    from vigie.views.cli import plan_tables

    told = _ask(home, "plans.list", {"state": state}, is_decided=False)
    typer.echo(told.model_dump_json(indent=1)) if as_json else plan_tables.print_plans(told)


@app.command()
def show(plan: PlanId, home: Home = None, as_json: AsJson = False) -> None:
    """Show one plan and what became of it.

    [bold]Example[/bold]: vigie plan show p0123456789abcdef
    """
    _tell(_ask(home, "plans.read", {"plan": plan}, is_decided=False), as_json=as_json)


@app.command()
def preview(
    place: Place,
    stop: Stop,
    target: Target,
    side: Side = "long",
    low: Low = None,
    high: High = None,
    account: Account = "",
    bars: Bars = "24",
    leverage: Leverage = "1",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show what a plan comes to: size, loss, gain, costs, and how often such distances came first.

    [bold]Example[/bold]: vigie plan preview binance-perp:btc-usdt-perp --stop 58000 --target 68000
    """
    from vigie.views.cli import plan_tables

    told = _ask(home, "plans.preview", _levels(place, side, low, high, stop, target, account, bars, leverage))
    typer.echo(told.model_dump_json(indent=1)) if as_json else plan_tables.print_preview(told)


@app.command()
def make(
    place: Place,
    stop: Stop,
    target: Target,
    side: Side = "long",
    low: Low = None,
    high: High = None,
    account: Account = "",
    bars: Bars = "24",
    leverage: Leverage = "1",
    note: Note = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep a plan as a draft; nothing is traded.

    [bold]Example[/bold]: vigie plan make binance-perp:btc-usdt-perp --stop 58000 --target 68000 --account main
    """
    levels = _levels(place, side, low, high, stop, target, account, bars, leverage)
    _tell(_ask(home, "plans.make", {**levels, "note": note}), as_json=as_json)


@app.command()
def arm(plan: PlanId, home: Home = None, as_json: AsJson = False) -> None:
    """Hand a plan to its account: the first close that meets it enters, once.

    [bold]Example[/bold]: vigie plan arm p0123456789abcdef
    """
    _tell(_ask(home, "plans.arm", {"plan": plan}), as_json=as_json)


@app.command()
def cancel(plan: PlanId, home: Home = None, as_json: AsJson = False) -> None:
    """Take back a draft, or an armed plan that has not entered.

    [bold]Example[/bold]: vigie plan cancel p0123456789abcdef
    """
    _tell(_ask(home, "plans.cancel", {"plan": plan}), as_json=as_json)


def _levels(
    place: str, side: str, low: str | None, high: str | None, stop: str, target: str, account: str,
    bars: str, leverage: str,
) -> dict[str, object]:  # fmt: skip
    # 0, however it is written, is none; what is no number is refused as it was typed.
    is_none = re.fullmatch(r"\s*0+(\.0*)?\s*", leverage) is not None
    return {
        "place": place, "side": side, "low": low, "high": high, "stop": stop, "target": target,
        "account": account, "bars": bars, "leverage": None if is_none else leverage,
    }  # fmt: skip


def _ask(home: Path | None, operation: str, values: dict[str, object], *, is_decided: bool = True) -> Any:
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    # Until when a plan may enter is told by the market's time.
    clock = open_market_clock(home, is_needed=is_decided)
    return run_operation(open_app_context(home, clock=clock), OWNER, operation, values)


def _tell(told: PlanResult, *, as_json: bool) -> None:
    from vigie.views.cli import plan_tables

    typer.echo(told.model_dump_json(indent=1)) if as_json else plan_tables.print_plan(told)
