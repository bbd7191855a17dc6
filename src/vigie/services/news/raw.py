"""The bytes of a raw document, as they were fetched."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass

from vigie.domain.errors import Forbidden
from vigie.domain.person import Caller
from vigie.ports.documents import MAIL_SUFFIX, Document


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
