"""`vigie sandbox`: the simulated world and exchange that answer in place of the real ones."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.views.cli.sandbox_exchange import CONTROL_PORT, exchange
from vigie.views.cli.sandbox_scenes import scene_lines

if TYPE_CHECKING:
    from vigie_sandbox.world.clock import MonotonicClock
    from vigie_sandbox.world.world import World

WORLD_PORT = 8790
WORLD_SEED = 10
WORLD_SPEED = 60.0
# The venue whose past a new home begins with.
PAST_OF = "bitget"

# The one service of the sandbox that is a process of its own.
EXCHANGE = "exchange"

group = typer.Typer(help="The simulated market and exchange: clock, scenes and faults.", no_args_is_help=True)
group.command()(exchange)

_Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Address of the simulated market; default: the running demo's.", show_default=False
    ),
]
_HERE = f"http://127.0.0.1:{WORLD_PORT}"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="sandbox")


@group.command()
def world(
    port: Annotated[int, typer.Option(help="Local port; 0: any free port.", min=0, max=65_535)] = WORLD_PORT,
    speed: Annotated[
        float, typer.Option(help="Market speed: simulated seconds per real second.")
    ] = WORLD_SPEED,
    seed: Annotated[int, typer.Option(help="Random seed of the market.", min=0)] = WORLD_SEED,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder for the state of the simulated market; default: nothing is saved."),
    ] = None,
    history: Annotated[
        Path | None, typer.Option(help="Write the price history as bar files into this folder, then start.")
    ] = None,
    mail_port: Annotated[
        int, typer.Option(help="Local port of the mail server; 0: any free port.", min=0, max=65_535)
    ] = 0,
    letters_port: Annotated[
        int,
        typer.Option(help="Local port of the IMAP server for newsletters.", min=0, max=65_535),
    ] = 0,
    arc: Annotated[
        bool,
        typer.Option("--arc", help="A new market starts scenes when somebody first opens a page."),
    ] = False,
) -> None:
    """Simulate a market behind the APIs of exchanges and data services.

    [bold]Example[/bold]: vigie sandbox world --speed 60
    """
    from vigie.adapters.clock import SystemClock
    from vigie.adapters.memory_trim import make_trim, trim_periodically
    from vigie.services.running.process_tree import end_with_parent
    from vigie_sandbox.world.history import write_history_in_fork
    from vigie_sandbox.world.home import load_or_create_world
    from vigie_sandbox.world.run import run_world

    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    wall_ms = SystemClock().wall_now()

    def open_world(clock: MonotonicClock) -> World:
        world_made = load_or_create_world(clock, wall_ms, seed=seed, speed=speed, home=home, has_arc=arc)
        if history is not None:
            write_history_in_fork(world_made, PAST_OF, history)
        return world_made

    with trim_periodically(make_trim()):
        run_world(
            open_world,
            port,
            home,
            lambda line: print(line, flush=True),
            mail_port=mail_port,
            letters_port=letters_port,
        )


@group.command()
def fault(
    service: Annotated[
        str, typer.Argument(help="A simulated service, such as bitget or coingecko; or exchange.")
    ],
    kind: Annotated[
        str,
        typer.Argument(
            help="429, 5xx, timeout, half-body, wrong-json, silent-stream, cut-stream, clock-skew; or "
            "clear. For the exchange: lost-answer, late-answer, liquidate, ... (see its page)."
        ),
    ],
    times: Annotated[int | None, typer.Option(help="Number of times; default: once.", min=1)] = None,
    probability: Annotated[
        float | None, typer.Option(help="Probability that a request fails, until cleared.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed for --probability.", min=0)] = 0,
    path: Annotated[
        str,
        typer.Option(
            help="Simulated services: only addresses that contain this, such as /chainpost.example/."
        ),
    ] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--with", help="Exchange only: seconds=3, code=40015, symbol=BTCUSDT."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Address of the simulated market or of the exchange's control port."),
    ] = None,
) -> None:
    """Make a simulated service or the exchange fail, or clear its faults.

    [bold]Example[/bold]: vigie sandbox fault bitget 429 --times 3
    """
    fault_values: dict[str, Any] = {"kind": kind, "seed": seed}
    if times is not None:
        fault_values["times"] = times
    if probability is not None:
        fault_values |= {"probability": probability, "times": times}
    if service == EXCHANGE:
        _exchange_fault(url or f"http://127.0.0.1:{CONTROL_PORT}", kind, fault_values, given or [])
        return
    if given:
        raise typer.BadParameter("--with works with the exchange only")
    fault_values |= {"path": path} if path else {}
    world_url = _world_address(url)
    if kind == "clear":
        _send_request("DELETE", f"{world_url}/faults/{service}", None)
        typer.echo(f"{service}: all faults cleared")
        return
    result = _send_request("POST", f"{world_url}/faults", {"service": service, **fault_values})
    typer.echo(f"{service}: {kind}, {_repeat_text(result)}")


def _exchange_fault(url: str, kind: str, fault_values: dict[str, Any], pairs: list[str]) -> None:
    """Put a fault on, or let something happen to an account at once."""
    from vigie_sandbox.exchange.faults import FAULT_KINDS

    typed = dict(pair.partition("=")[::2] for pair in pairs)
    values = {name: _parse_value(value) for name, value in typed.items()}
    if kind == "clear":
        _send_request("DELETE", f"{url}/control/fault", {})
        typer.echo("exchange: all faults cleared")
    elif kind in FAULT_KINDS:
        result = _send_request("POST", f"{url}/control/fault", fault_values | values)
        typer.echo(f"exchange: {kind}, {_repeat_text(result)}")
    else:
        result = _send_request("POST", f"{url}/control/do", {"what": kind} | values)
        typer.echo(f"exchange: {kind}: {json.dumps(result)}")


def _parse_value(text: str) -> object:
    """Return a value as JSON reads it, or as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _repeat_text(fault_state: dict[str, Any]) -> str:
    return "until cleared" if fault_state["times"] is None else f"{fault_state['times']} time(s)"


@group.command()
def scene(
    name: Annotated[
        str | None, typer.Argument(help="Scene to start now; without it, list the scenes.")
    ] = None,
    url: _Url = None,
) -> None:
    """List the scenes, with the time until each, or start one now.

    [bold]Example[/bold]: vigie sandbox scene flash-crash
    """
    if name is not None:
        result = _send_request("POST", f"{_world_address(url)}/scenes/{name}", {})
        typer.echo(f"{result['title']}: starts with the next market minute")
        return
    for line in scene_lines(_send_request("GET", f"{_world_address(url)}/scenes", None)):
        typer.echo(line)


@group.command()
def news(
    what: Annotated[
        str | None, typer.Argument(help="What to publish now; without it, list the choices.")
    ] = None,
    coin: Annotated[str, typer.Option(help="Id of the coin the news is about.")] = "bitcoin",
    url: _Url = None,
) -> None:
    """Publish simulated news now, such as a regulator's press release.

    [bold]Example[/bold]: vigie sandbox news regulator --coin bitcoin
    """
    if what is not None:
        result = _send_request("POST", f"{_world_address(url)}/news/{what}", {"coin": coin})
        typer.echo(f"published: {result['what']}, {result['coin']}")
        return
    for name, description in _send_request("GET", f"{_world_address(url)}/news", None)["names"].items():
        typer.echo(f"{name:<10} {description}")


@group.command()
def clock(
    speed: Annotated[
        float | None, typer.Option(help="Market speed: simulated seconds per real second.")
    ] = None,
    pause: Annotated[bool | None, typer.Option("--pause/--go", help="Pause or resume the market.")] = None,
    jump_to: Annotated[
        str | None, typer.Option(help="Jump forward to a time, such as 2026-01-31T12:00:00Z.")
    ] = None,
    url: _Url = None,
) -> None:
    """Show the market time; change its speed, pause it or jump forward.

    [bold]Example[/bold]: vigie sandbox clock --speed 1
    """
    options = {"speed": speed, "paused": pause, "jump_to": jump_to}
    changes = {key: value for key, value in options.items() if value is not None}
    state_values = _send_request(
        "POST" if changes else "GET", f"{_world_address(url)}/clock", changes or None
    )
    state = "paused" if state_values["paused"] else "running"
    typer.echo(f"{state_values['market_time']}  {state_values['speed']:g}x  {state}")


def _world_address(url: str | None) -> str:
    """Return the address of the world: the named one, that of the running demonstration, else the usual one."""
    from vigie.services.demo_world import demo_home
    from vigie.views.cli.tree import is_answering
    from vigie.wiring.world_address import find_world

    address = url or find_world(demo_home())
    return address if address and (url or is_answering(f"{address}/clock")) else _HERE


def _send_request(method: str, url: str, body: Any) -> Any:
    import httpx

    from vigie.domain.errors import UsageError

    try:
        response = httpx.request(method, url, json=body, timeout=10.0, trust_env=False)
        body_read = response.json()
    except (httpx.HTTPError, ValueError) as fault:
        raise UsageError(
            f"no simulated market or exchange answers at {url} ({fault}); set VIGIE_HOME to the folder "
            "the running demo printed, or give the address with --url"
        ) from None
    if response.is_error:
        raise UsageError(body_read.get("error", f"it answered {response.status_code}"))
    return body_read
