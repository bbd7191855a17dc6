"""SPF: which servers may send mail for a domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from vigie.ports.dns import DnsResolver
from vigie.services.mail_records.records import RecordCheck, make_printable, shorten_printable, zone_line

NAME: Final = "SPF"
# RFC 7208, 4.6.4: receivers give up beyond it.
MAX_LOOKUPS: Final = 10
_LOOKUP_TERMS: Final = ("include", "a", "mx", "ptr", "exists", "redirect")
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
    records = _spf_records(resolver, domain)
    if not records:
        return _missing_record(domain, mechanism)
    if len(records) > 1:
        return _several_records(domain, records)
    terms = records[0].split()[1:]
    fault = _find_fault(domain, terms, resolver)
    if fault:
        return fault
    if mechanism and mechanism.lower() not in [term.lstrip("+").lower() for term in terms]:
        return RecordCheck(
            NAME, "fail", f"{shorten_printable(records[0])} does not include {mechanism}",
            f"replace it with: {zone_line(domain, make_printable(_add_mechanism(terms, mechanism)))}",
        )  # fmt: skip
    if mechanism:
        return RecordCheck(NAME, "ok", shorten_printable(records[0]))
    return RecordCheck(
        NAME, "warning",
        f"{shorten_printable(records[0])}; Vigie cannot see whether this covers your mail server",
        "ask your e-mail provider for its SPF entry, then add --spf include:NAME or --spf ip4:ADDRESS",
    )  # fmt: skip


def _missing_record(domain: str, mechanism: str) -> RecordCheck:
    detail = f"{domain} has no SPF record"
    if mechanism:
        return RecordCheck(NAME, "fail", detail, f"add: {zone_line(domain, f'v=spf1 {mechanism} ~all')}")
    return RecordCheck(
        NAME, "fail", f"{detail}, and Vigie cannot see which servers send for it",
        "ask your e-mail provider for its SPF entry; --spf include:NAME or --spf ip4:ADDRESS prints the "
        "record",
    )  # fmt: skip


def _several_records(domain: str, records: Sequence[str]) -> RecordCheck:
    terms = [term for record in records for term in record.split()[1:]]
    detail = f"{domain} has {len(records)} SPF records: receivers ignore all of them"
    if any("=" in term for term in terms):
        return RecordCheck(NAME, "fail", detail, "keep one, with the entries of the others")
    all_terms = {term for term in terms if _ALL.fullmatch(term)}
    other_terms = list(dict.fromkeys(term for term in terms if term not in all_terms))
    # Where they end otherwise, the mild end: nothing that was let through is refused by joining them.
    merged = " ".join(["v=spf1", *other_terms, all_terms.pop() if len(all_terms) == 1 else "~all"])
    return RecordCheck(
        NAME, "fail", detail, f"replace them with: {zone_line(domain, make_printable(merged))}"
    )


def _find_fault(domain: str, terms: Sequence[str], resolver: DnsResolver) -> RecordCheck | None:
    """Return why receivers do not go by a record; None where they do."""
    unreadable = [term for term in terms if not _TERM.fullmatch(term)]
    if unreadable:
        detail = f"receivers cannot read {shorten_printable(unreadable[0])!r}"
        return RecordCheck(NAME, "fail", detail, f"correct that entry in the SPF record of {domain}")
    if any(term.lower() in ("all", "+all") for term in terms):
        strict_record = " ".join(["v=spf1", *(term for term in terms if not _ALL.fullmatch(term)), "~all"])
        detail = "its +all lets anyone send for the domain"
        return RecordCheck(
            NAME, "fail", detail, f"replace it with: {zone_line(domain, make_printable(strict_record))}"
        )
    counter = _LookupCounter(resolver)
    counter.count(terms)
    if counter.empty:
        empty = shorten_printable(counter.empty)
        detail = f"it names {empty}, which has no SPF record: receivers ignore the whole record"
        return RecordCheck(NAME, "fail", detail, "remove that name, or correct it")
    if counter.lookups > MAX_LOOKUPS:
        detail = f"it needs more than {MAX_LOOKUPS} DNS lookups: receivers ignore it"
        return RecordCheck(
            NAME,
            "fail",
            detail,
            "remove entries that no longer send, or list their addresses with ip4: and ip6:",
        )
    return None


class _LookupCounter:
    """Counts what a receiver has to look up, and stops where it would."""

    def __init__(self, resolver: DnsResolver) -> None:
        self._resolver = resolver
        self.lookups = 0
        self.empty = ""

    def count(self, terms: Sequence[str]) -> None:
        for term in terms:
            mechanism, _, name = term.lstrip("+-~?").replace("=", ":", 1).partition(":")
            if mechanism.lower().partition("/")[0] not in _LOOKUP_TERMS:
                continue
            self.lookups += 1
            if self.lookups > MAX_LOOKUPS or self.empty:
                return
            # What depends on the mail itself cannot be looked up beforehand.
            if mechanism.lower() in ("include", "redirect") and "%" not in name:
                inner = _spf_records(self._resolver, name)
                if len(inner) != 1:
                    self.empty = name
                    return
                self.count(inner[0].split()[1:])


def _spf_records(resolver: DnsResolver, name: str) -> list[str]:
    # Servers give records in any order; a cure reads the same each time.
    return sorted(text for text in resolver.texts(name) if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE))


def _add_mechanism(terms: Sequence[str], mechanism: str) -> str:
    """Return a record with one more mechanism, before what ends it."""
    index = next(
        (index for index, term in enumerate(terms) if _ALL.fullmatch(term) or "=" in term), len(terms)
    )
    return " ".join(["v=spf1", *terms[:index], mechanism, *(terms[index:] or ["~all"])])
