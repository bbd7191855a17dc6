"""SPF: which servers may send mail for a domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from vigie.ports.dns import DnsResolver
from vigie.services.mail_records.records import RecordCheck, printable, shown, zone_line

NAME: Final = "SPF"
# RFC 7208, 4.6.4: receivers give up beyond it.
MOST_LOOKUPS: Final = 10
_ASKS: Final = ("include", "a", "mx", "ptr", "exists", "redirect")
_TERM: Final = re.compile(
    r"[+?~-]?(?:all|(?:include|exists):\S+|(?:a|mx|ptr)(?::[^\s/]+)?(?:/\d+)?(?://\d+)?|ip4:[\d.]+(?:/\d+)?|"
    r"ip6:[0-9a-f:.]+(?:/\d+)?)|[a-z][a-z0-9_.-]*=\S*",
    re.IGNORECASE,
)
_ALL: Final = re.compile(r"[+?~-]?all", re.IGNORECASE)
MECHANISM: Final = re.compile(
    r"include:[\w.-]+|ip4:[\d.]+(?:/\d+)?|ip6:[0-9a-f:.]+(?:/\d+)?|(?:a|mx)(?::[\w.-]+)?", re.IGNORECASE
)


def check_spf(domain: str, mechanism: str, resolver: DnsResolver) -> RecordCheck:
    """Look at the SPF record of a domain.

    Parameters
    ----------
    mechanism : str
        What names the servers that send, as their operator gives it (``include:_spf.example.net``); empty where that
        is not known.
    """
    records = _records(resolver, domain)
    if not records:
        return _missing(domain, mechanism)
    if len(records) > 1:
        return _several(domain, records)
    terms = records[0].split()[1:]
    fault = _fault(domain, terms, resolver)
    if fault:
        return fault
    if mechanism and mechanism.lower() not in [term.lstrip("+").lower() for term in terms]:
        return RecordCheck(
            NAME, "fail", f"{shown(records[0])} does not name {mechanism}",
            f"replace it by: {zone_line(domain, printable(_with(terms, mechanism)))}",
        )  # fmt: skip
    if mechanism:
        return RecordCheck(NAME, "ok", shown(records[0]))
    return RecordCheck(
        NAME, "warning", f"{shown(records[0])}; whether your mail server is one of these cannot be seen from here",
        "ask who runs the mail server for its SPF entry, then add --spf include:NAME or --spf ip4:ADDRESS",
    )  # fmt: skip


def _missing(domain: str, mechanism: str) -> RecordCheck:
    detail = f"{domain} has no SPF record"
    if mechanism:
        return RecordCheck(NAME, "fail", detail, f"add: {zone_line(domain, f'v=spf1 {mechanism} ~all')}")
    return RecordCheck(
        NAME, "fail", f"{detail}, and which servers send for it cannot be seen from here",
        "ask who runs the mail server for its SPF entry; --spf include:NAME or --spf ip4:ADDRESS writes the record",
    )  # fmt: skip


def _several(domain: str, records: Sequence[str]) -> RecordCheck:
    terms = [term for record in records for term in record.split()[1:]]
    detail = f"{domain} has {len(records)} SPF records: receivers ignore all of them"
    if any("=" in term for term in terms):
        return RecordCheck(NAME, "fail", detail, "keep one, with what the others name")
    ends = {term for term in terms if _ALL.fullmatch(term)}
    kept = list(dict.fromkeys(term for term in terms if term not in ends))
    # Where they end otherwise, the mild end: nothing that was let through is refused by joining them.
    one = " ".join(["v=spf1", *kept, ends.pop() if len(ends) == 1 else "~all"])
    return RecordCheck(NAME, "fail", detail, f"replace them by: {zone_line(domain, printable(one))}")


def _fault(domain: str, terms: Sequence[str], resolver: DnsResolver) -> RecordCheck | None:
    """Return why receivers do not go by a record; None where they do."""
    wrong = [term for term in terms if not _TERM.fullmatch(term)]
    if wrong:
        detail = f"receivers cannot read {shown(wrong[0])!r}"
        return RecordCheck(NAME, "fail", detail, f"correct that word in the SPF record of {domain}")
    if any(term.lower() in ("all", "+all") for term in terms):
        closed = " ".join(["v=spf1", *(term for term in terms if not _ALL.fullmatch(term)), "~all"])
        detail = "its +all lets everybody send for the domain"
        return RecordCheck(NAME, "fail", detail, f"replace it by: {zone_line(domain, printable(closed))}")
    walk = _Walk(resolver)
    walk.count(terms)
    if walk.empty:
        detail = f"it names {shown(walk.empty)}, which has no SPF record: receivers ignore the whole record"
        return RecordCheck(NAME, "fail", detail, "take that name out, or correct it")
    if walk.lookups > MOST_LOOKUPS:
        detail = f"it asks DNS more than {MOST_LOOKUPS} times: receivers ignore it"
        return RecordCheck(
            NAME, "fail", detail, "take out what no longer sends, or name its addresses by ip4: and ip6:"
        )
    return None


class _Walk:
    """Counts what a receiver has to look up, and stops where it would."""

    def __init__(self, resolver: DnsResolver) -> None:
        self._resolver = resolver
        self.lookups = 0
        self.empty = ""

    def count(self, terms: Sequence[str]) -> None:
        for term in terms:
            word, _, name = term.lstrip("+-~?").replace("=", ":", 1).partition(":")
            if word.lower().partition("/")[0] not in _ASKS:
                continue
            self.lookups += 1
            if self.lookups > MOST_LOOKUPS or self.empty:
                return
            # What depends on the mail itself cannot be looked up beforehand.
            if word.lower() in ("include", "redirect") and "%" not in name:
                inner = _records(self._resolver, name)
                if len(inner) != 1:
                    self.empty = name
                    return
                self.count(inner[0].split()[1:])


def _records(resolver: DnsResolver, name: str) -> list[str]:
    # Servers give records in any order; a cure reads the same each time.
    return sorted(text for text in resolver.texts(name) if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE))


def _with(terms: Sequence[str], mechanism: str) -> str:
    """Return a record with one more mechanism, before what ends it."""
    at = next((at for at, term in enumerate(terms) if _ALL.fullmatch(term) or "=" in term), len(terms))
    return " ".join(["v=spf1", *terms[:at], mechanism, *(terms[at:] or ["~all"])])
