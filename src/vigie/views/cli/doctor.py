"""`vigie doctor`: is this machine fit, and if not, what cures it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.domain.errors import UsageError
from vigie.views.cli.common_options import AsJson
from vigie.views.cli.doctor_mail import MailOptions, print_mail_checks

if TYPE_CHECKING:
    from vigie.data.stores import DataStores
    from vigie.services.doctor import Diagnosis

FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="doctor", rich_help_panel="Setup")(doctor)


def doctor(
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile everything now, so the first run is fast.")
    ] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Write a zip file for a bug report, without secrets or names.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File or folder for --bundle; default: vigie-bug-report.zip."),
    ] = None,
    mail: Annotated[
        bool,
        typer.Option("--mail", help="Check only the sender's SPF, DKIM and DMARC records."),
    ] = False,
    spf: Annotated[
        str,
        typer.Option(
            "--spf",
            help="With --mail: the SPF entry of the sending servers, such as include:_spf.example.net.",
        ),
    ] = "",
    selector: Annotated[
        str,
        typer.Option(
            "--selector",
            help="With --mail: the DKIM selector, s= in the DKIM-Signature of a received e-mail.",
        ),
    ] = "",
    dkim_key: Annotated[
        Path | None,
        typer.Option(
            "--dkim-key", help="With --mail: the mail server's public key (PEM); prints its DNS record."
        ),
    ] = None,
    dns: Annotated[
        str,
        typer.Option("--dns", help="With --mail: IP address of the DNS resolver; default: this machine's."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check the installation and say how to fix problems.

    Python, cores, memory, disk, home folder, data, compiled kernel and extras.

    With --mail: list the DNS records that are missing for receivers to trust your
    e-mails. Exit code 1 if a check fails; a warning is not a failure.

    [bold]Example[/bold]: vigie doctor --warm
    """
    options = MailOptions(spf, selector, dkim_key, dns)
    if options.is_given and not mail:
        raise UsageError("--spf, --selector, --dkim-key and --dns go with --mail")
    if mail:
        if warm or bundle or out is not None:
            raise UsageError("--mail checks mail alone; leave out --warm, --bundle and --out")
        if not print_mail_checks(options, as_json=as_json):
            raise typer.Exit(FAILED)
        return
    _run_checks(warm=warm, bundle=bundle, out=out, as_json=as_json)


def _run_checks(*, warm: bool, bundle: bool, out: Path | None, as_json: bool) -> None:
    from vigie.config import resolve_paths
    from vigie.services import doctor as examination
    from vigie.wiring.data import open_data
    from vigie.wiring.sentiment_model import open_sentiment_model

    if out is not None and not bundle:
        raise UsageError("--out goes with --bundle")
    paths = resolve_paths()
    data_stores = open_data()
    seconds = examination.compile_all(data_stores.clock) if warm else None
    diagnoses = examination.examine(
        data_stores, paths.home, own=paths.strategies, language=lambda: open_sentiment_model(paths.home)
    )
    is_fit = examination.is_fit(diagnoses)
    bundle_path = _write_bundle(data_stores, diagnoses, paths.home, out) if bundle else None
    if as_json:
        checks = [
            {name: getattr(diagnosis, name) for name in diagnosis.__dataclass_fields__}
            for diagnosis in diagnoses
        ]
        bundle_value = {"bundle": str(bundle_path)} if bundle_path else {}
        typer.echo(
            json.dumps({"fit": is_fit, "warmed_s": seconds, "checks": checks, **bundle_value}, indent=1)
        )
    else:
        _print(diagnoses, seconds)
        if bundle_path:
            typer.echo(f"\nFor a bug report: {bundle_path} (check its content before you send it)")
    if not is_fit:
        raise typer.Exit(FAILED)


def _write_bundle(data_stores: DataStores, diagnoses: list[Diagnosis], home: Path, out: Path | None) -> Path:
    from vigie import config
    from vigie.services import bug_bundle

    target = out or Path(bug_bundle.NAME)
    if target.is_dir():
        target /= bug_bundle.NAME
    if target.suffix != ".zip":
        raise UsageError(f"--out must be a folder or a file that ends in .zip, was {target}")
    content = bug_bundle.make_bundle(
        data_stores,
        diagnoses,
        home=home,
        settings=config.shown_settings(),
        setting_files=config.setting_files(home),
        privacy=bug_bundle.Privacy(config.hidden_values(home), config.personal_names()),
    )
    data_stores.write(target, content)
    return target


def _print(diagnoses: list[Diagnosis], seconds: float | None) -> None:
    from rich.table import Table
    from rich.text import Text

    from vigie.views.cli.tables import console

    styles = {"ok": "green", "warning": "yellow", "fail": "bold red"}
    out = console()
    if seconds is not None:
        out.print(f"Compiled in {seconds:.1f} s.\n", highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for diagnosis in diagnoses:
        table.add_row(
            Text(diagnosis.status, style=styles[diagnosis.status]), diagnosis.check, Text(diagnosis.detail)
        )
        if diagnosis.cure:
            table.add_row("", "", Text(f"fix: {diagnosis.cure}", style="italic"))
    out.print(table)
