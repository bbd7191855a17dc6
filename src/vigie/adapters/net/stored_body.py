"""An answer's body as a raw document keeps it: readable, and so that its bytes can be had again."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from vigie.domain.errors import DataError
from vigie.ports.documents import Document


def encode_body(body: bytes, *, is_exact: bool = False) -> dict[str, Any]:
    """Return a body as JSON or text, and where it is neither, so that its bytes come back as they were.

    Parameters
    ----------
    is_exact : bool
        Also JSON is kept as text: its values alone do not say how they were written.
    """
    if not is_exact:
        try:
            return {"body": json.loads(body)}
        except (ValueError, RecursionError):
            pass
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    # No database takes NUL in a text.
    if text.encode() == body and "\0" not in text:
        return {"body": text}
    readable = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    return {"body": readable, "base64": b64encode(body).decode()}


def decode_body(document: Document) -> bytes:
    """Return the bytes that a raw document was made from; of old ones, whose values alone were kept, written anew.

    Raises
    ------
    DataError
        If it keeps none.
    """
    encoded, body = document.body.get("base64"), document.body.get("body")
    try:
        if isinstance(encoded, str):
            return b64decode(encoded, validate=True)
        if isinstance(body, str):
            return body.encode()
    except ValueError as fault:
        raise DataError(
            "raw_document_cannot_unpacked",
            "the raw document {id} cannot be unpacked: {fault}",
            id=document.id,
            fault=fault,
        ) from fault
    if body is None:
        raise DataError("raw_document_no_body", "the raw document {id} has no body", id=document.id)
    return json.dumps(body).encode()
