"""The text of a file: UTF-8, or as spreadsheets on Windows save it; what is no text is refused."""

from __future__ import annotations

import codecs
import re
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal

_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Workbooks, pictures and archives have them, no text has.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1f]")


def decode_text(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and its encoding where that is not UTF-8.

    Parameters
    ----------
    content : bytes
        The file.

    Raises
    ------
    UsageError
        If it is no text.
    """
    text, encoding = _decode(content)
    if text is None or _NO_TEXT.search(text):
        raise UsageError(
            "file_must_text",
            "the file is no text, but perhaps a workbook or a picture; save it as CSV and choose it again",
        )
    return text, encoding


def encoding_note(encoding: str) -> str:
    """Return what is told of a file that is not UTF-8; empty for others."""
    if not encoding:
        return ""
    return Refusal(
        "file_read_as",
        "The file was read as {encoding}: check letters with accents, and save it as UTF-8 if they are wrong.",
        encoding=encoding,
    )


def _decode(content: bytes) -> tuple[str | None, str]:
    if content.startswith(_WIDE):
        return _strictly(content, "utf-16"), "UTF-16"
    text = _strictly(content, "utf-8-sig")
    return (_strictly(content, "cp1252"), "Windows-1252") if text is None else (text, "")


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None
