"""An answer's body as a raw document keeps it: readable, and so that its bytes can be had again."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any


def kept_body(body: bytes, *, is_exact: bool = False) -> dict[str, Any]:
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
    shown = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    return {"body": shown, "base64": b64encode(body).decode()}
