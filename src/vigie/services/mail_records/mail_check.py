"""Everything that is checked for one sender of mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import TransientError, UsageError
from vigie.ports.dns import DnsResolver
from vigie.services.mail_records import dkim, dmarc, spf
from vigie.services.mail_records.records import RecordCheck

SENDER: Final = "sender"
ONE_CLICK: Final = "one click"
_DOMAIN: Final = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
)


@dataclass(frozen=True, slots=True)
class MailSetup:
    """What is known of how mail leaves.

    Attributes
    ----------
    sender : str
        Address that mails come from.
    pages : str
        Address under which the pages are reached from outside; empty where none is set.
    spf, selector : str
        What names the servers that send, and the name of their key; empty where it is not known.
    key : PublicKey or None
        What the mail server signs with.
    """

    sender: str
    pages: str = ""
    spf: str = ""
    selector: str = ""
    key: dkim.PublicKey | None = None


def check_mail(setup: MailSetup, resolver: DnsResolver) -> list[RecordCheck]:
    """Look at sender, SPF, DKIM, DMARC and one-click unsubscribing.

    Raises
    ------
    UsageError
        If what is said of the mail server cannot be read.
    """
    if setup.spf and not spf.MECHANISM.fullmatch(setup.spf):
        raise UsageError(
            "spf_must_look_like_include",
            "--spf must look like include:_spf.example.net or ip4:192.0.2.1, was {spf!r}",
            spf=setup.spf,
        )
    if setup.selector and not dkim.SELECTOR.fullmatch(setup.selector):
        raise UsageError(
            "selector_must_name_such_mail2026",
            "--selector must be a name such as mail2026, was {selector!r}",
            selector=setup.selector,
        )
    domain = _sender_domain(setup.sender)
    if not _DOMAIN.fullmatch(domain):
        cure = "set VIGIE_SMTP_FROM to an address of a domain whose DNS you or your e-mail provider manage"
        return [
            RecordCheck(SENDER, "fail", f"the domain of {setup.sender} is not in DNS", cure),
            _check_one_click(setup),
        ]
    checks: list[tuple[str, Callable[[], RecordCheck]]] = [
        (spf.NAME, lambda: spf.check_spf(domain, setup.spf, resolver)),
        (dkim.NAME, lambda: dkim.check_dkim(domain, setup.selector, setup.key, resolver)),
        (dmarc.NAME, lambda: dmarc.check_dmarc(domain, resolver)),
    ]
    return [
        RecordCheck(SENDER, "ok", f"{setup.sender}, the address that receivers check for SPF and DMARC"),
        *(_run_check(name, check) for name, check in checks),
        _check_one_click(setup),
    ]


def _sender_domain(sender: str) -> str:
    try:
        return sender.rpartition("@")[2].lower().encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _run_check(name: str, check: Callable[[], RecordCheck]) -> RecordCheck:
    try:
        return check()
    except TransientError as fault:
        cure = "no answer now; run this again, or use another resolver with --dns"
        return RecordCheck(name, "fail", str(fault), cure)


def _check_one_click(setup: MailSetup) -> RecordCheck:
    if setup.pages.startswith("https://"):
        return RecordCheck(
            ONE_CLICK, "ok", f"List-Unsubscribe points to {setup.pages}; DKIM must sign that header"
        )
    return RecordCheck(
        ONE_CLICK, "warning", "one-click unsubscribe works with HTTPS only",
        "set VIGIE_PUBLIC_URL to the public address of the pages, https://...",
    )  # fmt: skip
