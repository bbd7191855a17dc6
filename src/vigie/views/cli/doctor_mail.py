"""`vigie doctor --mail`: do receivers see that this home's mail is genuine, and if not, which record is missing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vigie.domain.errors import UsageError

if TYPE_CHECKING:
    from vigie.services.mail_records.records import RecordCheck


@dataclass(frozen=True, slots=True)
class MailOptions:
    """What the person says of the mail server, since nothing else tells."""

    spf: str = ""
    selector: str = ""
    dkim_key: Path | None = None
    dns: str = ""

    @property
    def is_given(self) -> bool:
        """Whether any was given."""
        return bool(self.spf or self.selector or self.dkim_key or self.dns)


def examine_mail(options: MailOptions) -> list[RecordCheck]:
    """Look at the records of the sender that the settings name."""
    from vigie.services.mail_records.dkim import parse_pem_key
    from vigie.services.mail_records.mail_check import check_mail
    from vigie.wiring.notifiers import mail_setup, open_resolver

    key = None
    if options.dkim_key is not None:
        try:
            key = parse_pem_key(options.dkim_key.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as fault:
            raise UsageError(f"--dkim-key cannot be read: {type(fault).__name__}") from fault
    setup = replace(mail_setup(), spf=options.spf, selector=options.selector, key=key)
    return check_mail(setup, open_resolver(options.dns))


def print_mail_checks(options: MailOptions, *, as_json: bool) -> bool:
    """Print what was found; tell whether nothing fails."""
    from rich.table import Table
    from rich.text import Text

    from vigie.views.cli.tables import console

    checks = examine_mail(options)
    is_fit = not any(item.status == "fail" for item in checks)
    if as_json:
        typer.echo(json.dumps({"fit": is_fit, "checks": [asdict(item) for item in checks]}, indent=1))
        return is_fit
    styles = {"ok": "green", "warning": "yellow", "fail": "bold red"}
    out = console()
    for item in checks:
        table = Table.grid(padding=(0, 2))
        table.add_row(Text(item.status, style=styles[item.status]), item.name, Text(item.detail))
        out.print(table)
        if item.cure:
            # Not in a table: a record is copied whole, whatever the width of the terminal.
            typer.echo(f"  fix: {item.cure}")
    return is_fit
