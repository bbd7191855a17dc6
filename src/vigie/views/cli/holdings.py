"""Commands about what you own: `vigie holdings add`, `import`, `transfers`, `accounts`, `addresses`, `list`,
`worth`, `gains`, `tax`, `reported`, `reconcile`, `set`, `undo`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home, Words
from vigie.views.cli.holding_addresses import addresses
from vigie.views.cli.holding_tax import reconcile, reported, tax
from vigie.views.cli.owner_home import (
    ask_owner,
    coin_names,
    home_language,
    opened_owner,
    refusing_in_own_language,
)

if TYPE_CHECKING:
    from vigie.services.operation import OperationResult

app = typer.Typer(no_args_is_help=True, help="Holdings: what you own, what it is worth, what it brought.")

Currency = Annotated[str, typer.Option("--currency", help="eur or usd; empty: your currency.")]

Method = Annotated[str, typer.Option("--method", help="fifo, lifo, hifo, specific or average; empty: yours.")]
Queue = Annotated[str, typer.Option("--queue", help="place, or all places; empty: yours.")]


@app.command()
def add(
    coin: Annotated[str, typer.Argument(help="Name, ticker or catalogue id.", show_default=False)],
    quantity: Annotated[str, typer.Argument(help="Coins, such as 0.25.", show_default=False)],
    day: Annotated[str, typer.Option("--day", help="2024-12-31; empty: it counts from today.")] = "",
    amount: Annotated[
        str, typer.Option("--amount", help="Money in all, without the fee; empty: not known.")
    ] = "",
    fee: Annotated[str, typer.Option("--fee", help="Money.")] = "",
    money: Annotated[str, typer.Option("--money", help="EUR or USD, of amount and fee.")] = "EUR",
    place: Annotated[str, typer.Option("--place", help="Where the coins lie.")] = "",
    is_sold: Annotated[bool, typer.Option("--sold", help="They were sold; it needs --amount.")] = False,
    kind: Annotated[
        str, typer.Option("--kind", help="buy, sell, swap, transfer, income, fee, gift, loss or fork.")
    ] = "buy",
    to_coin: Annotated[str, typer.Option("--to-coin", help="What came in a swap or a fork.")] = "",
    to_quantity: Annotated[str, typer.Option("--to-quantity", help="How much of it came.")] = "",
    to_place: Annotated[str, typer.Option("--to-place", help="Where a transfer arrived.")] = "",
    sort: Annotated[
        str,
        typer.Option("--sort", help="Of an income: staking, mining, interest, service or airdrop."),
    ] = "",
    way: Annotated[str, typer.Option("--way", help="Of a gift: in or out.")] = "",
    fee_coin: Annotated[str, typer.Option("--fee-coin", help="The coin of the fee; empty: money.")] = "",
    product: Annotated[str, typer.Option("--product", help="Name of a bank's product on that coin.")] = "",
    yearly_fee: Annotated[str, typer.Option("--yearly-fee", help="Of the product, per cent.")] = "",
    spread: Annotated[str, typer.Option("--spread", help="Of the product, per cent.")] = "",
    is_security: Annotated[
        bool, typer.Option("--security", help="The product is a security, not a digital asset.")
    ] = False,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Add a line of what you own; a coin and a quantity suffice.

    [bold]Example[/bold]: vigie holdings add bitcoin 0.25 --day 2024-01-10 --amount 10000
    """
    from vigie.services.holdings.typed_values import plain_day, plain_values
    from vigie.views.cli import holding_tables

    values = {
        "coin": coin, "quantity": quantity, "day": day, "amount": amount, "fee": fee, "currency": money,
        "place": place, "kind": "sell" if is_sold else kind, "to_coin": to_coin, "to_quantity": to_quantity,
        "to_place": to_place, "sort": sort, "way": way, "fee_coin": fee_coin, "product": product,
        "yearly_fee": yearly_fee, "spread": spread,
        "product_form": "security" if is_security else "digital" if product else "",
    }  # fmt: skip
    asked = opened_owner(home, language)
    own = home_language(asked)
    told = ask_owner(asked, "holdings.add", {**plain_values(values, own), "day": plain_day(day, own)})
    _json(told) if as_json else holding_tables.print_added(told, own)


@app.command("list")
def list_holdings(language: Words = "", home: Home = None, as_json: AsJson = False) -> None:
    """List your lines, the newest day first.

    [bold]Example[/bold]: vigie holdings list
    """
    from vigie.views.cli import holding_tables

    asked = opened_owner(home, language)
    told = ask_owner(asked, "holdings.list", {})
    _json(told) if as_json else holding_tables.print_lines(told, home_language(asked), coin_names(asked))


@app.command()
def worth(currency: Currency = "", language: Words = "", home: Home = None, as_json: AsJson = False) -> None:
    """Show what all of it is worth, what you put in, and what it returned.

    [bold]Example[/bold]: vigie holdings worth --currency eur
    """
    from vigie.views.cli import holding_figures

    asked = opened_owner(home, language)
    told = ask_owner(asked, "holdings.worth", {"currency": currency})
    if as_json:
        _json(told)
    else:
        positions = ask_owner(asked, "holdings.positions", {"currency": currency})
        holding_figures.print_worth(told, positions, home_language(asked))


@app.command()
def gains(
    method: Method = "",
    queue: Queue = "",
    currency: Currency = "",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show the gain of each part that was sold; what is not known stays empty.

    [bold]Example[/bold]: vigie holdings gains --method average
    """
    from vigie.views.cli import holding_figures

    asked = opened_owner(home, language)
    told = ask_owner(asked, "holdings.gains", {"method": method, "queue": queue, "currency": currency})
    _json(told) if as_json else holding_figures.print_gains(told, home_language(asked), coin_names(asked))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV of a venue or a wallet.", show_default=False)],
    reader: Annotated[str, typer.Option("--reader", help="Its reader; empty: chosen by its headers.")] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="For any other file: field=header, such as time=Date; once a column."),
    ] = None,
    coins: Annotated[
        list[str] | None,
        typer.Option("--coin", help="TICKER=id where a ticker is asked; kept for next time."),
    ] = None,
    place: Annotated[str, typer.Option("--place", help="Where its coins lie.")] = "",
    money: Annotated[
        str, typer.Option("--money", help="EUR or USD, of all amounts, where the file does not say it.")
    ] = "",
    zone: Annotated[
        str, typer.Option("--zone", help="Of times that do not say theirs and are not known as UTC.")
    ] = "UTC",
    dates: Annotated[str, typer.Option("--dates", help="day_first or month_first, with slashes.")] = "",
    mark: Annotated[str, typer.Option("--decimal", help="point or comma.")] = "",
    leave_out: Annotated[
        list[int] | None, typer.Option("--leave-out", help="A row that is not to enter; once a row.")
    ] = None,
    keep_changed: Annotated[
        bool, typer.Option("--keep-changed", help="Lines that are kept stay where the file differs.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be added.")] = False,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Import a file, whole or not at all; the same row twice changes nothing.

    [bold]Example[/bold]: vigie holdings import ledgers.csv --dry-run
    """
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli import holding_files

    asked = opened_owner(home, language)
    with refusing_in_own_language(asked):
        values: dict[str, object] = {
            "text": holding_files.read_text(file, home_language(asked)), "file_name": file.name[:120], "reader": reader,
            "columns": holding_files.pairs(columns, "--map"), "coins": holding_files.pairs(coins, "--coin"),
            "place": place, "zone": zone, "dates": dates, "mark": mark, "currency": money, "leave_out": leave_out or [],
            "keep_changed": keep_changed, "dry_run": dry_run,
        }  # fmt: skip
        with holding_files.naming_options():
            told = run_operation(*asked, "holdings.import", values)
    _json(told) if as_json else holding_files.print_import(told, home_language(asked))


@app.command()
def transfers(
    join: Annotated[
        str, typer.Option("--join", help="LEFT:ARRIVED, the ids of both lines, as the list names them.")
    ] = "",
    refuse: Annotated[
        str, typer.Option("--refuse", help="LEFT:ARRIVED that are no transfer; not proposed again.")
    ] = "",
    join_all: Annotated[
        bool, typer.Option("--join-all", help="Join all for whose lines nothing else fits, as one batch.")
    ] = False,
    joined: Annotated[bool, typer.Option("--joined", help="List those that were joined.")] = False,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List transfers that are proposed from what left one place and what arrived at another; join or refuse them.

    [bold]Example[/bold]: vigie holdings transfers --join-all
    """
    from vigie.views.cli import holding_files

    asked = opened_owner(home, language)
    with refusing_in_own_language(asked):
        pair = refuse or join
        left, arrived = (
            holding_files.both_lines(pair, "--refuse" if refuse else "--join") if pair else ("", "")
        )
    if refuse:
        told = ask_owner(asked, "holdings.refuse_transfer", {"holding": left, "arrival": arrived})
    elif join or join_all:
        values = {"holding": left, "arrival": arrived, "all_clear": join_all}
        told = ask_owner(asked, "holdings.join_transfers", values)
    else:
        told = ask_owner(asked, "holdings.joined_transfers" if joined else "holdings.transfers", {})
    _json(told) if as_json else holding_files.print_transfers(told, home_language(asked))


@app.command()
def accounts(
    include: Annotated[
        str, typer.Option("--include", help="A trading account of this home to show beside.")
    ] = "",
    leave_out: Annotated[str, typer.Option("--leave-out", help="A trading account to leave out again.")] = "",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show trading accounts beside what you own: results, fees and funding; perpetuals are no holdings.

    [bold]Example[/bold]: vigie holdings accounts --include main
    """
    from vigie.views.cli import holding_tables

    asked = opened_owner(home, language)
    for account, on in ((include, True), (leave_out, False)):
        if account:
            ask_owner(asked, "holdings.include_account", {"account": account, "on": on})
    told = ask_owner(asked, "holdings.accounts", {})
    _json(told) if as_json else holding_tables.print_accounts(told, home_language(asked))


@app.command("set")
def change_own(
    share_limit: Annotated[
        str,
        typer.Option("--share-limit", help="Per cent from which a coin or a place is warned of; 100: none."),
    ] = "",
    method: Method = "",
    queue: Queue = "",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Change how your holdings are read; what you leave out stays.

    [bold]Example[/bold]: vigie holdings set --share-limit 30
    """
    from vigie.views.cli import holding_figures

    given = {"share_limit": share_limit, "lot_method": method, "lot_queue": queue}
    changes: dict[str, object] = {name: value for name, value in given.items() if value}
    asked = opened_owner(home, language, is_dated=False)
    told = ask_owner(asked, "settings.change", changes)
    _json(told) if as_json else holding_figures.print_own(told.values, home_language(asked))


@app.command()
def share(
    revoke: Annotated[str, typer.Option("--revoke", help="Id of a link that is to end.")] = "",
    show: Annotated[bool, typer.Option("--list", help="List the links that hold; make none.")] = False,
    language: Words = "",
    home: Home = None,
) -> None:
    """Make a link that shows which coins you own in per cent, list the links that hold, or end one.

    [bold]Example[/bold]: vigie holdings share
    """
    from vigie.views.cli.holding_writer import HoldingWriter

    asked = opened_owner(home, language, is_dated=False)
    writer = HoldingWriter(home_language(asked))
    if revoke:
        ask_owner(asked, "holdings.revoke_share", {"holding_link": revoke})
        writer.print(writer.say("link_ended", link=revoke))
    elif show:
        for row in ask_owner(asked, "holdings.shared_links", {}).rows:
            writer.print(writer.say("link", link=row.holding_link, moment=writer.time(row.ts_expires)))
    else:
        made = ask_owner(asked, "holdings.share", {})
        typer.echo(made.url)
        said = writer.say("link", link=made.holding_link, moment=writer.time(made.ts_expires))
        writer.print(writer.say("both", first=said, second=writer.say("link_once")))


@app.command()
def undo(
    batch: Annotated[
        str, typer.Argument(help="What `vigie holdings add` and `list` name.", show_default=False)
    ],
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Undo what was added or corrected; what it corrected is as before.

    [bold]Example[/bold]: vigie holdings undo h0123456789abcdef
    """
    from vigie.views.cli import holding_tables

    asked = opened_owner(home, language, is_dated=False)
    told = ask_owner(asked, "holdings.undo", {"holding_batch": batch})
    _json(told) if as_json else holding_tables.print_undone(told, home_language(asked))


app.command()(addresses)
app.command()(tax)
app.command()(reported)
app.command()(reconcile)


def _json(told: OperationResult) -> None:
    typer.echo(told.model_dump_json(indent=1))
