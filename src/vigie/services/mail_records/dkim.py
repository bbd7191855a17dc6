"""DKIM: the public key in DNS that the mail server's signatures are checked with."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import UsageError
from vigie.ports.dns import DnsResolver
from vigie.services.mail_records.records import (
    CheckStatus,
    RecordCheck,
    parse_tags,
    shorten_printable,
    zone_line,
)

NAME: Final = "DKIM"
SELECTOR: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?")
# Since RFC 8301 receivers check no signature with fewer, and signers use twice as many.
MIN_BITS, GOOD_BITS = 1_024, 2_048
_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")
_RSA: Final = bytes.fromhex("06092a864886f70d010101")
_ED25519: Final = bytes.fromhex("302a300506032b6570032100")
_SEQUENCE, _INTEGER = 0x30, 0x02
_KEY_HINT: Final = "add --dkim-key FILE, the mail server's public key (PEM), to print the record"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as a record holds it; `bits` is 0 where that is not told by its length."""

    kind: str
    text: str
    bits: int

    @property
    def record(self) -> str:
        """The text of its record."""
        return f"v=DKIM1; k={self.kind}; p={self.text}"


def parse_pem_key(pem: str) -> PublicKey:
    """Read a public key from a PEM file.

    Raises
    ------
    UsageError
        If it is no public key of RSA or Ed25519; a private key is never repeated.
    """
    match = _PEM.search(pem)
    if match is None:
        raise UsageError(
            "dkim_key_must_public_key",
            "--dkim-key must be a public key as PEM (BEGIN PUBLIC KEY); a private key stays at the mail server",
        )
    key = _parse_key("", re.sub(r"\s+", "", match[1]))
    if key is None:
        raise UsageError("dkim_key_holds_no_rsa", "--dkim-key holds no RSA or Ed25519 key")
    return key


def check_dkim(domain: str, selector: str, key: PublicKey | None, resolver: DnsResolver) -> RecordCheck:
    """Look at the key of a selector.

    Parameters
    ----------
    selector : str
        Under which the mail server signs; empty where that is not known: DNS lists none.
    key : PublicKey or None
        What the mail server signs with, where it is known.
    """
    if not selector:
        return RecordCheck(
            NAME, "warning", f"only an e-mail shows the name of {domain}'s key (the selector)",
            "send yourself a test e-mail on /alerts, read s= in its DKIM-Signature, and add --selector "
            "NAME; an e-mail without that header is not signed: turn on DKIM at the mail server",
        )  # fmt: skip
    name = f"{selector}._domainkey.{domain}"
    records = [text for text in resolver.texts(name) if "p" in parse_tags(text)]
    zone_entry = zone_line(name, key.record) if key else ""
    if not records:
        cure = f"add: {zone_entry}" if key else _KEY_HINT
        return RecordCheck(NAME, "fail", f"{name} contains no key", cure)
    if len(records) > 1:
        cure = f"keep only one: {zone_entry}" if key else "keep only the key the mail server signs with"
        return RecordCheck(NAME, "fail", f"{name} contains {len(records)} keys", cure)
    return _check_record(name, records[0], key, zone_entry)


def _check_record(name: str, record: str, key: PublicKey | None, zone_entry: str) -> RecordCheck:
    tags = parse_tags(record)
    replacement_hint = f"replace it with: {zone_entry}" if key else _KEY_HINT
    if tags.get("v", "DKIM1") != "DKIM1":
        return RecordCheck(
            NAME, "fail", f"receivers cannot read {shorten_printable(record)}", replacement_hint
        )
    if not tags["p"]:
        return RecordCheck(NAME, "fail", f"the key of {name} was revoked: p= is empty", replacement_hint)
    published_key = _parse_key(tags.get("k", "rsa"), tags["p"])
    if published_key is None:
        return RecordCheck(NAME, "fail", f"{name} contains no readable RSA or Ed25519 key", replacement_hint)
    if key and published_key.text != key.text:
        return RecordCheck(
            NAME, "fail", f"{name} contains a different key from the mail server's", replacement_hint
        )
    description = f"{name}: {published_key.kind}" + (
        f", {published_key.bits:,} bits" if published_key.bits else ""
    )
    if published_key.bits and published_key.bits < GOOD_BITS:
        status: CheckStatus = "fail" if published_key.bits < MIN_BITS else "warning"
        cure = f"create a key of {GOOD_BITS:,} bits at the mail server, and publish it"
        return RecordCheck(NAME, status, f"{description}: too short", cure)
    if "y" in tags.get("t", "").split(":"):
        return RecordCheck(
            NAME, "warning", f"{description}, marked as a test (t=y)", "remove t=y once e-mails arrive signed"
        )
    return RecordCheck(NAME, "ok", description)


def _parse_key(kind: str, text: str) -> PublicKey | None:
    """Return a key by its base64, as a PEM file or as a record holds it; None where it is none of the two kinds."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if kind == "ed25519" and len(raw) == 32:
        return PublicKey("ed25519", text, 0)
    if raw.startswith(_ED25519) and len(raw) == len(_ED25519) + 32:
        return PublicKey("ed25519", base64.b64encode(raw[len(_ED25519) :]).decode(), 0)
    bits = _rsa_bits(raw) if kind in ("", "rsa") else 0
    return PublicKey("rsa", text, bits) if bits else None


def _rsa_bits(der: bytes) -> int:
    """Return the length of an RSA key's modulus; 0 where it is no such key.

    Keys are a modulus and an exponent, alone or wrapped together with their kind.
    """
    try:
        _, start, _ = _read_element(der, 0)
        tag, first, end = _read_element(der, start)
        if tag == _SEQUENCE and _RSA in der[first:end]:
            _, bits, _ = _read_element(der, end)
            # A bit string begins with how many of its last bits are unused.
            _, start, _ = _read_element(der, bits + 1)
            tag, first, end = _read_element(der, start)
    except IndexError:
        return 0
    return int.from_bytes(der[first:end], "big").bit_length() if tag == _INTEGER and end <= len(der) else 0


def _read_element(der: bytes, offset: int) -> tuple[int, int, int]:
    """Return the tag of a DER element, and where its content begins and ends."""
    length, start = der[offset + 1], offset + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(der[start : start + size], "big"), start + size
    return der[offset], start, start + length
