"""The bytes of a raw document, as they were fetched."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass

from vigie.domain.errors import Forbidden
from vigie.domain.person import Caller
from vigie.ports.documents import LETTER, Document


@dataclass(frozen=True, slots=True)
class Raw:
    """What a source answered.

    Attributes
    ----------
    is_exact : bool
        These are its bytes; else only its values were kept, and they were written again.
    """

    content: bytes
    is_exact: bool


def raw_of(document: Document) -> Raw:
    """Return what a document was made from."""
    packed, held = document.body.get("base64"), document.body.get("body")
    if isinstance(packed, str):
        return Raw(b64decode(packed), True)
    if isinstance(held, str):
        return Raw(held.encode(), True)
    # By name, since databases keep values in orders of their own.
    return Raw(json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True).encode(), False)


def refuse_strangers(document: Document, caller: Caller) -> None:
    """Refuse a raw letter to who does not administer the house: it says to whom it was sent, and holds their links.

    Raises
    ------
    Forbidden
        If it is one, and they do not.
    """
    if document.kind.endswith(LETTER) and not caller.may("admin"):
        raise Forbidden("a raw letter holds whose mailbox it came to; it needs the scope admin")


def heads_of(document: Document) -> dict[str, str]:
    """Return the headers of the answer that were kept, by name."""
    heads = document.body.get("headers") or {}
    return {str(name): str(heads[name]) for name in sorted(heads)}
