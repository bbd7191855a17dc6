"""The evidence of one item in one file: what was fetched, when, what was made of it, and a hash of everything.

Takes revisions and raw documents; gives the bytes of a zip, the same for the same item. Names inside are fixed: no
word of a stranger is among them. Pages give the raw documents as well, as they were fetched.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.catalogue import NamedTexts, complete_languages
from vigie.domain.errors import Forbidden
from vigie.domain.person import Caller
from vigie.domain.time import iso
from vigie.ports.documents import MAIL_SUFFIX, Document
from vigie.ports.items import StoredRevision

FORMAT: Final = "vigie-evidence/1"
MANIFEST: Final = "manifest.json"
# Of all raw answers together: a bundle is for a mail or a drawer.
LARGEST: Final = 16 * 1024 * 1024
# Of an item that changed more often: the first, and the newest.
MOST_REVISIONS: Final = 200
# Equal items give equal files: nothing in the zip says when it was made.
_MADE: Final = (2020, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_PRIVATE: Final = 0o600 << 16
_WORDS: Final = NamedTexts("evidence", {
    "readme": """\
EVIDENCE OF ONE NEWS ITEM

The raw answers let you verify what the source said. Do not publish them: the texts belong to their authors. Cite
title, source, time and address.

item.json        source, address and every revision: text, time published, time seen
findings.json    results of each analysis step for each revision, with version and reason
registers.json   changes of a public register seen with it; empty if it does not come from a register
notes.json       objections to the item's flag and replies, from people of this installation, without names
raw/NNN.bin      a raw answer: its bytes as fetched, unpacked, if "is_exact" is true; otherwise its values, rewritten
raw/NNN.json     its address, fetch time, stored headers, size and SHA-256; if its bytes are missing, why
manifest.json    size and SHA-256 of every other file

Never open a .bin file in a browser: its content is untrusted. To check the hashes:

    vigie news evidence --verify FILE

This proves that nothing changed since the manifest was written. It does not prove who wrote the manifest: keep the
file's SHA-256 where others cannot change it.
""",
    "simulated": "SIMULATED: everything here is invented.\n",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawContent:
    """What a source answered.

    Attributes
    ----------
    is_exact : bool
        These are its bytes; else only its values were kept, and they were written again.
    """

    content: bytes
    is_exact: bool


def raw_of(document: Document) -> RawContent:
    """Return what a document was made from."""
    base64_text, body_value = document.body.get("base64"), document.body.get("body")
    if isinstance(base64_text, str):
        return RawContent(b64decode(base64_text), True)
    if isinstance(body_value, str):
        return RawContent(body_value.encode(), True)
    # By name, since databases keep values in orders of their own.
    return RawContent(json.dumps(body_value, ensure_ascii=False, indent=1, sort_keys=True).encode(), False)


def refuse_raw_letter(document: Document, caller: Caller) -> None:
    """Refuse a raw letter to who does not administer the house: it says to whom it was sent, and holds their links.

    Raises
    ------
    Forbidden
        If it is one, and they do not.
    """
    if document.kind.endswith(MAIL_SUFFIX) and not caller.may("admin"):
        raise Forbidden(
            "raw_e_mail_shows_whose",
            "a raw e-mail shows whose mailbox received it; it requires the scope admin",
        )


def kept_headers(document: Document) -> dict[str, str]:
    """Return the headers of the answer that were kept, by name."""
    heads = document.body.get("headers") or {}
    return {str(name): str(heads[name]) for name in sorted(heads)}


@dataclass(frozen=True, slots=True)
class EvidenceNotes:
    """What a bundle says beside the revisions.

    Attributes
    ----------
    source : mapping
        Id, title, kind, owner and licence of the source.
    since : mapping
        What became of the item since it was read.
    registers : sequence
        Changes of a public register that were seen with it.
    notes : sequence
        Objections to its flag, and answers.
    """

    source: Mapping[str, str]
    since: Mapping[str, Any]
    registers: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[Mapping[str, Any]] = ()
    is_simulated: bool = False


def build_bundle(
    revisions: Sequence[StoredRevision], notes: EvidenceNotes, read_document: Callable[[str], Document | None]
) -> bytes:
    """Return the evidence of an item as a zip.

    Parameters
    ----------
    revisions : sequence of StoredRevision
        Its revisions, oldest first; at least one.
    read_document : callable
        Gives a raw document by id, None where it is not kept any more.
    """
    left_out = max(len(revisions) - MOST_REVISIONS, 0)
    revisions = [revisions[0], *revisions[1 + left_out :]]
    number_by_document = _number_documents(revisions)
    files = {
        "README.txt": _readme_text(is_simulated=notes.is_simulated).encode(),
        "item.json": _json_bytes(
            {
                "item": revisions[0].item.id,
                "source": notes.source,
                "is_simulated": notes.is_simulated,
                "revisions_left_out": left_out,
                "revisions": [_revision_row(revision, number_by_document) for revision in revisions],
                "since": notes.since,
            }
        ),
        "findings.json": _json_bytes([_findings_row(revision) for revision in revisions]),
        "registers.json": _json_bytes(notes.registers),
        "notes.json": _json_bytes(notes.notes),
        **_raw_files(number_by_document, read_document),
    }
    return _zip_files({**files, MANIFEST: _manifest(revisions[0].item.id, files)})


def _number_documents(revisions: Sequence[StoredRevision]) -> dict[str, str]:
    """Return the number of each raw document: the first revision's, then from the newest back."""
    order = [revisions[0], *reversed(revisions[1:])]
    ids = dict.fromkeys(
        revision.item.content.document for revision in order if revision.item.content.document
    )
    return {name: f"{place:03d}" for place, name in enumerate(ids, 1)}


def _revision_row(revision: StoredRevision, names: Mapping[str, str]) -> dict[str, Any]:
    content = revision.item.content
    return {
        "revision": revision.item.revision,
        "title": content.title,
        "text": content.text,
        "author": content.author,
        "address": content.url,
        "language": content.language,
        "published": _time_row(content.ts_published),
        "published_precision": content.precision,
        "seen": _time_row(revision.item.ts_seen),
        "stored": _time_row(revision.ts_wall),
        "read": _time_row(revision.ts_read),
        "is_withdrawn": revision.item.is_withdrawn,
        **({"is_generated": True} if revision.item.is_generated else {}),
        "raw": names.get(content.document, ""),
    }


def _findings_row(revision: StoredRevision) -> dict[str, Any]:
    by_step = {
        name: {"version": finding.version, "body": finding.body, "why": finding.why}
        for name, finding in revision.findings.items()
    }
    return {
        "revision": revision.item.revision,
        "found": by_step,
        "errors": revision.errors,
        "steps": revision.reading,
    }


def _raw_files(names: Mapping[str, str], read: Callable[[str], Document | None]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    bytes_left = LARGEST
    for name, number in names.items():
        document = read(name)
        row: dict[str, Any] = {"document": name}
        if document is None:
            row["missing"] = "it is not kept any more"
        else:
            raw = raw_of(document)
            row |= _document_row(document, raw)
            if len(raw.content) <= bytes_left:
                files[f"raw/{number}.bin"] = raw.content
                bytes_left -= len(raw.content)
            else:
                row["missing"] = f"raw answers of a bundle must have at most {LARGEST} bytes together"
        files[f"raw/{number}.json"] = _json_bytes(row)
    return files


def _document_row(document: Document, raw: RawContent) -> dict[str, Any]:
    return {
        "address": document.key,
        "fetched": _time_row(document.ts_known),
        "status": document.body.get("status"),
        "headers": kept_headers(document),
        "bytes": len(raw.content),
        "sha256": _hash(raw.content),
        "is_exact": raw.is_exact,
    }


def _time_row(ts_ms: int | None) -> dict[str, Any] | None:
    return None if ts_ms is None else {"ms": ts_ms, "utc": iso(ts_ms)}


def _manifest(item: str, files: Mapping[str, bytes]) -> bytes:
    rows = [{"name": name, "bytes": len(files[name]), "sha256": _hash(files[name])} for name in sorted(files)]
    return _json_bytes({"format": FORMAT, "item": item, "files": rows})


def _json_bytes(value: Any) -> bytes:
    # ASCII only: signs that turn the direction of writing, and others nobody sees, stay visible.
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _zip_files(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    # Stored, not packed: how a packer packs depends on its version.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MADE)
            entry.create_system, entry.external_attr = _UNIX, _PRIVATE
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _readme_text(*, is_simulated: bool) -> str:
    """Return what explains the files: who gets them may read either language."""
    texts = [_WORDS[language] for language in complete_languages()]
    notes = "\n" + "".join(text["simulated"] for text in texts) if is_simulated else ""
    return "\n".join(text["readme"] for text in texts) + notes
