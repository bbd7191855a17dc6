"""`vigie demo`: the whole of Vigie on a simulated market; `vigie demo backtest`: every strategy on bars."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vigie.services.trading.log.event_log import EventLog
    from vigie.wiring.trader import TraderContext

DEMO_SEED = 7
DEMO_BARS = 1_500
PORT = 8_080
SPEED = 60.0
WORLD_SEED = 10
# Of what nobody waits for.
NICE = 10

group = typer.Typer(invoke_without_command=True)


def command_name(program: str) -> str:
    """Return how a shell calls this program again: by its name where that finds it, else by its whole path."""
    path, installed = Path(program).absolute(), shutil.which("vigie")
    if path.stem != "vigie" or (
        installed is not None and Path(installed).exists() and path.samefile(installed)
    ):
        return "vigie"
    return shlex.quote(str(path))


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="demo")


@group.callback()
def demo(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(help="Port for the pages; if it is taken, the next free one.", envvar="VIGIE_PORT")
    ] = PORT,
    speed: Annotated[
        float, typer.Option(help="Market speed: simulated seconds per real second.", min=0.1, max=3_600)
    ] = SPEED,
    seed: Annotated[int, typer.Option(help="Random seed of a new simulated market.", min=0)] = WORLD_SEED,
) -> None:
    """Try Vigie without any setup, on a simulated live market.

    Prints one link to open in the browser. Ctrl-C stops everything.

    [bold]Example[/bold]: vigie demo --speed 60
    """
    if context.invoked_subcommand is not None:
        return
    from vigie.views.cli.preloading import prepare_forking

    prepare_forking()
    from vigie.services.demo_world import (
        WORLD,
        count_strategies,
        create_demo_home,
        demo_home,
        has_done_first_jobs,
    )
    from vigie.views.cli.tree import free_port, run_tree

    home = demo_home()
    is_new = create_demo_home(home)
    world = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{world}"
    os.environ.update({"VIGIE_HOME": str(home), "VIGIE_WORLD_URL": url})
    (home / WORLD).write_text(f"{url}\n", "ascii")
    words = ["sandbox", "world", "--port", str(world), "--speed", str(speed), "--seed", str(seed)]
    words += ["--home", str(home / "world"), "--arc"]
    if is_new:
        words += ["--history", str(home / "inbox")]
    typer.echo(f"vigie: simulated market, invented prices; data in {home}", err=True)
    vigie = command_name(sys.argv[0])
    run_tree(
        home=home,
        host="127.0.0.1",
        port=port,
        tries=20,
        first=[("sandbox", tuple(words), f"{url}/clock")],
        beside=[("trade", ("demo", "trade", "--home", str(home)))],
        lines=(
            "Simulated market: one hour passes per minute. The first backtests run as jobs, and a paper account runs",
            f"{count_strategies()} active strategies, one more if its model passes its gates, once they are ready.",
            "See /trading. Ctrl-C stops everything.",
            f"From another terminal: export VIGIE_HOME={shlex.quote(str(home))}; {vigie} trade status",
            f"To kill the trading process: pkill -9 -f {shlex.quote(trader_pattern(home))}",
        ),
        is_new=is_new,
        is_compact=True,
        # Its account and its first jobs at once would take more memory than the demonstration may.
        may_begin=lambda: not is_new or has_done_first_jobs(home),
    )


def trader_pattern(home: Path) -> str:
    """Return what `pkill -f` finds the trader of this demonstration by, and of no other."""
    return f"demo trade --home {re.escape(str(home))}$"


@group.command(hidden=True)
def trade(
    compile_only: Annotated[
        bool, typer.Option("--compile", help="Compile what trading needs, and end.")
    ] = False,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", help="The demonstration's; among the words, so that the process is found by it."
        ),
    ] = None,
) -> None:
    """Trade the demonstration's paper account, once its history is there.

    [bold]Example[/bold]: vigie demo trade
    """
    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.services.demo_world import ACCOUNT, demo_home, run_file
    from vigie.services.running.process_tree import RENEWED, end_with_parent
    from vigie.views.cli import trade as command
    from vigie.views.cli.demo_account import PREPARED, acting_person, adding_holdings, prepare_account
    from vigie.views.cli.preloading import preload_part

    def end() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    if compile_only:
        end_with_parent(end)
        with trim_periodically(make_trim()):
            _compile(home or demo_home())
        return
    home = home or demo_home()
    is_new = (home / PREPARED).exists()
    if not is_new:
        # Nothing in a copy; otherwise what the copies of this process need, too.
        preload_part("trade")
        if prepare_account():
            (home / PREPARED).touch()
            # The steps wrote to what they share with this process, which has it for itself by now.
            raise typer.Exit(RENEWED)
    (home / PREPARED).unlink(missing_ok=True)
    end_with_parent(end)
    with adding_holdings(home), acting_person(home, is_new=is_new):
        command.run(run_file(home), account=ACCOUNT)


@group.command(hidden=True)
def wait(
    for_jobs: Annotated[
        bool, typer.Option("--jobs", help="Wait for the history and the first backtests.")
    ] = False,
) -> None:
    """Wait until the account can be prepared; the exit code tells what is left to do.

    [bold]Example[/bold]: vigie demo wait
    """
    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.services.running.process_tree import end_with_parent
    from vigie.views.cli.demo_account import wait_for_account, wait_for_jobs

    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with trim_periodically(make_trim()):
        code = wait_for_jobs() if for_jobs else wait_for_account()
    raise typer.Exit(code)


@group.command(hidden=True)
def learn() -> None:
    """Train the demonstration's model and promote it by the gates of every model, at a low priority.

    Killed, it goes on when called again.

    [bold]Example[/bold]: vigie demo learn
    """
    from vigie.adapters.clock import SandboxClock
    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.domain.errors import UsageError
    from vigie.services.demo_world import demo_home
    from vigie.services.learning.training import TrainingHome
    from vigie.services.needs import provide
    from vigie.services.running.compile_portions import compile_in_portions
    from vigie.services.running.compiling import compile_turn
    from vigie.services.running.process_tree import end_with_parent
    from vigie.views.cli.demo_model import DemoModel
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.world_address import world_url

    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    os.nice(NICE)
    compile_in_portions()
    home = demo_home()
    if not (world := world_url(home)):
        raise UsageError("only a demonstration has a model of its own, while its world answers")
    app_context = open_app_context(home, clock=SandboxClock(world))
    # It compiles as it learns; a process that waits for jobs makes room meanwhile.
    with trim_periodically(make_trim()), compile_turn("learn"):
        DemoModel(home, provide(app_context, TrainingHome), app_context.audit, typer.echo).prepare()


@group.command(hidden=True)
def replay() -> None:
    """Replay the past of the demonstration's paper account and of its alerts, at a low priority.

    Killed, it goes on when called again.

    [bold]Example[/bold]: vigie demo replay
    """
    import asyncio

    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.domain.errors import UsageError
    from vigie.domain.person import OWNER
    from vigie.services.alerting.preview.kinds import PreviewSources
    from vigie.services.alerting.preview.replaying import replay_alerts
    from vigie.services.demo_world import VENUE, carry_capital, hold_replay
    from vigie.services.needs import provide
    from vigie.services.running.process_tree import end_with_parent
    from vigie.views.cli.trade_venue import exchange_of
    from vigie.wiring.trader import open_trader_context

    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    os.nice(NICE)
    trader = open_trader_context(exchange_of(VENUE))
    app_context = trader.app_context
    if not app_context.is_simulated:
        raise UsageError("only a demonstration's past is replayed; this home folder is not simulated")
    with trim_periodically(make_trim()), hold_replay(app_context.home):
        event_log = asyncio.run(_replay_account(trader))
    count = replay_alerts(
        provide(app_context, PreviewSources), app_context.alerts, OWNER.user, event_log.plan.until
    )
    typer.echo(f"replayed: {count} alerts in the inbox, none of them sent")
    if event_log.account is not None:
        carry_capital(app_context.home, event_log.account.equity)


async def _replay_account(trader: TraderContext) -> EventLog:
    from vigie.domain.errors import Conflict, StorageError
    from vigie.domain.person import OWNER
    from vigie.services.demo_world import ACCOUNT, PAST_DAYS, run_file
    from vigie.services.needs import provide
    from vigie.services.runs import request_builder
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.process import replaying
    from vigie.services.trading.process.lease_acquisition import LEASE_S, acquire_lease
    from vigie.views.cli.trade_closing import lease_holder
    from vigie.wiring.trader import open_lease_mark

    app_context, clock = trader.app_context, trader.clock
    stores = provide(app_context, TradingStores)
    request = request_builder.build_request(
        app_context.data, config=run_file(app_context.home), own_strategies=app_context.results.strategies
    )
    mark = open_lease_mark(app_context, ACCOUNT)
    lease = await acquire_lease(stores.trades, ACCOUNT, lease_holder(), clock, typer.echo, mark.is_dead)
    try:
        with mark.hold(lease):
            run = replaying.begin_replay(stores, request, account=ACCOUNT, owner=OWNER.user, days=PAST_DAYS)
            lease = stores.trades.keep(lease, for_s=LEASE_S)
            return await replaying.replay(stores, run, lease, clock, typer.echo)
    finally:
        # A right that cannot be given back ends by itself.
        with suppress(Conflict, StorageError):
            stores.trades.leave(lease)


def _compile(home: Path) -> None:
    from vigie.services.running.compiling import compile_turn

    # Who waits for the turn has loaded nothing yet.
    with compile_turn("trade"):
        _compile_trading(home)


def _compile_trading(home: Path) -> None:
    from vigie.services.demo_world import ACCOUNT, run_file
    from vigie.services.needs import provide
    from vigie.services.running.compile_portions import compile_in_portions
    from vigie.services.runs import request_builder
    from vigie.services.setups.compiling import compile_setups
    from vigie.services.trading.account_plans.planning import make_plan
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.process.startup import load_judge, warm_up
    from vigie.wiring.app_context import open_app_context

    compile_in_portions()
    app_context, path = open_app_context(home), run_file(home)
    request = request_builder.build_request(
        app_context.data, config=path, own_strategies=app_context.results.strategies
    )
    plan = make_plan(provide(app_context, TradingStores), request, account=ACCOUNT, mode="paper")
    warm_up(load_judge(provide(app_context, TradingStores), plan), plan)
    # Whoever follows setups reads them next, and stays: here it is a process that ends.
    compile_setups()


@group.command()
def backtest(
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("demo-report"),
    seed: Annotated[int, typer.Option(help="Random seed of the simulated market.", min=0)] = DEMO_SEED,
    language: Annotated[str, typer.Option(help="Report language: en or fr.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print result.json and nothing else.")] = False,
) -> None:
    """Backtest all strategies on stored bars, or on simulated bars if none are stored.

    [bold]Example[/bold]: vigie demo backtest --out demo-report
    """
    from vigie.services import demo as demo_service
    from vigie.services.running.first_run import compile_in_parallel, is_first_run
    from vigie.views.cli import tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_results

    if is_first_run():
        typer.echo("First run: compiling the kernel. Later runs reuse it.", err=True)
    with compile_in_parallel(), Progress(enabled=not as_json) as progress:
        home = open_results()
        run, saved = demo_service.run_demo(
            open_data(), home, out, seed=seed, bars=DEMO_BARS, language=language, progress=progress
        )
    if as_json:
        typer.echo(json.dumps(saved.record, indent=1))
        return
    tables.print_run(run, saved)
    has_connectors = find_spec("ccxt") is not None
    steps = demo_service.next_steps(
        run, saved, _relative_command(), has_connectors=has_connectors, is_demo_home=home.is_simulated
    )
    for line in steps:
        typer.echo(line)


def _relative_command() -> str:
    """Return how the reader can call Vigie again: by name where the shell would find it, else by path."""
    program = Path(sys.argv[0])
    if shutil.which("vigie") is not None or program.name not in ("vigie", "vigie.exe"):
        return "vigie"
    try:
        return str(program.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(program)
