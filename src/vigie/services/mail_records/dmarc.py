"""DMARC: what receivers do with mail for which neither SPF nor DKIM holds."""

from __future__ import annotations

import re
from typing import Final

from vigie.ports.dns import DnsResolver
from vigie.services.mail_records.records import RecordCheck, parse_tags, shorten_printable, zone_line

NAME: Final = "DMARC"
# The mildest that Gmail and Yahoo ask of senders: nothing is refused because of it.
RECORD: Final = "v=DMARC1; p=none"
_POLICIES: Final = ("none", "quarantine", "reject")


def check_dmarc(domain: str, resolver: DnsResolver) -> RecordCheck:
    """Look at the policy of a domain, else at that of the nearest domain above it that has one."""
    own = f"_dmarc.{domain}"
    labels = domain.split(".")
    for index in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[index:])}"
        records = [text for text in resolver.texts(name) if re.match(r"v=DMARC1\s*(?:;|$)", text)]
        if len(records) > 1:
            detail = f"{name} has {len(records)} DMARC records: receivers ignore all of them"
            return RecordCheck(NAME, "fail", detail, "keep one")
        if records:
            return _check_policy(name, records[0], is_above=bool(index))
    return RecordCheck(NAME, "fail", f"{domain} has no DMARC record", f"add: {zone_line(own, RECORD)}")


def _check_policy(name: str, record: str, *, is_above: bool) -> RecordCheck:
    tags = parse_tags(record)
    policy = (tags.get("sp") if is_above else None) or tags.get("p", "")
    if policy.lower() not in _POLICIES:
        detail = f"{name} sets no policy: {shorten_printable(record)}"
        return RecordCheck(NAME, "fail", detail, f"replace it with: {zone_line(name, RECORD)}")
    return RecordCheck(NAME, "ok", f"{name}: {shorten_printable(record)}")
