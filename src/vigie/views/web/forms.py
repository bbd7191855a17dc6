"""What a browser may post, and the proof that it came from a page of ours.

Each browser gets a random cookie; the token in a form is an HMAC of it under a secret of this home. A page of
somebody else can neither read the cookie nor make the token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from vigie.domain.errors import Forbidden, UsageError
from vigie.services.random_tokens import random_token
from vigie.services.text_encoding import decode_text

BROWSER: Final = "vigie_browser"
FIELD: Final = "csrf"
# Why a chosen file cannot be read: said beside the form, whose other fields stay.
REFUSED: Final = "refused"
# The encoding of a chosen file that is not UTF-8.
ENCODING: Final = "file_encoding"
# The name of a chosen file, so that a list of files can say it.
FILE_NAME: Final = "file_name"
_LONGEST_NAME: Final = 120
# Fields of files that are no texts.
IMAGE: Final = "image_"
HEADER: Final = "x-csrf-token"
MAX_FIELDS: Final = 200
# What an import of lists takes, in letters of one byte.
MAX_FILE: Final = 200_000


class CsrfTokens:
    """Makes and checks the tokens of forms."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, browser: str, session: str = "") -> str:
        """Return the token for a browser and its session."""
        text = f"{browser}\0{session}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def check(self, token: str, browser: str, session: str = "") -> None:
        """Raise `Forbidden` unless the token is the browser's own."""
        if not browser or not hmac.compare_digest(token.encode(), self.token(browser, session).encode()):
            raise Forbidden(
                "form_too_old_came_another",
                "this form is too old or came from another site; reload the page and send it again",
            )


def new_browser() -> str:
    """Return a random name for a browser that has none."""
    return random_token()


def own_path(text: str) -> str:
    """Return an address of this site to go on to; the first page where the text leads elsewhere."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_ours and text.isprintable() and " " not in text else "/"


def is_foreign(request: Request) -> bool:
    """Tell whether a browser says that another site made it send this."""
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    return bool(origin) and origin != f"{request.url.scheme}://{request.headers.get('host', '')}"


async def read_form(request: Request, file: str = "", max_fields: int = MAX_FIELDS) -> Mapping[str, str]:
    """Return the fields of a posted form; several values of one field are joined by commas.

    Parameters
    ----------
    file : str
        The one field that may hold a file of text; its content is the field's value, its name that of `FILE_NAME`.
        Of a file that is no short text, `REFUSED` says why; of one that is not UTF-8, `ENCODING` says as what it was
        read. Of a field whose name begins with `IMAGE` any bytes are
        taken, and its value is their base64.
    max_fields : int
        Most fields that are taken.

    Raises
    ------
    UsageError
        If there are too many fields, or files where none is taken.
    """
    async with request.form(max_files=1 if file else 0, max_fields=max_fields) as form:
        fields: dict[str, str] = {}
        refused = encoding = ""
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields[name] = f"{fields[name]},{value}" if name in fields else value
            elif name == file:
                content = await value.read(MAX_FILE + 1)
                if value.filename:
                    fields[FILE_NAME] = "".join(filter(str.isprintable, value.filename))[-_LONGEST_NAME:]
                try:
                    if name.startswith(IMAGE):
                        fields[name] = as_base64(content)
                    else:
                        fields[name], encoding = as_text(content)
                except UsageError as fault:
                    refused = str(fault)
            else:
                raise UsageError("files_not_taken_here", "files are not taken here")
    # Only a file puts them there.
    told = {REFUSED: refused, ENCODING: encoding}
    return {
        **{name: value for name, value in fields.items() if name not in told},
        **{name: value for name, value in told.items() if value},
    }


def as_base64(content: bytes) -> str:
    """Return the bytes of a file as base64.

    Raises
    ------
    UsageError
        If it is too long.
    """
    if len(content) > MAX_FILE:
        raise UsageError(
            "file_hold_most_bytes", "a file may hold at most {max_file} bytes", max_file=MAX_FILE
        )
    return base64.b64encode(content).decode()


def as_text(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and its encoding where that is not UTF-8.

    Raises
    ------
    UsageError
        If it is too long, or no text.
    """
    if len(content) > MAX_FILE:
        raise UsageError(
            "file_hold_most_bytes", "a file may hold at most {max_file} bytes", max_file=MAX_FILE
        )
    return decode_text(content)


def whole_number(text: str, most_digits: int) -> int | None:
    """Return a whole number that a browser sent; None for anything else and for more digits than it can have.

    Python refuses to read numbers of some thousand digits.
    """
    return int(text) if text.isdecimal() and len(text) <= most_digits else None
