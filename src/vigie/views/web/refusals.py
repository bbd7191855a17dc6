"""What operations refuse, in the visitor's language: a sentence with its values, matched to one in French.

Operations speak English: programs read them. Where no sentence fits, the English one is shown rather than none.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from vigie.views.web.language import Tongue

_HERE: Final = Path(__file__).parent / "locales"
# A refusal quotes what was given, however long that is; no sentence of ours is longer than this.
LONGEST: Final = 2_000
# Texts of pydantic and ours begin with the field's name.
_FIELD: Final = re.compile(r"^([a-z_.0-9]+): (.+)$", re.DOTALL)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    read = tomllib.loads((_HERE / "refusals.fr.toml").read_text(encoding="utf-8"))
    return tuple((_pattern(english), french) for english, french in read["sentences"].items())


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    written = [re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+?)" for place, part in enumerate(parts)]
    return re.compile("".join(written), re.DOTALL)


def said(tongue: Tongue, refusal: str) -> str:
    """Return a refusal in the language of a visitor."""
    if tongue.language == "en" or len(refusal) > LONGEST:
        return refusal
    whole = _one(tongue, refusal)
    if whole != refusal:
        return whole
    return "; ".join(_one(tongue, part) for part in refusal.split("; "))


def _value(tongue: Tongue, name: str, text: str) -> str:
    # A sentence inside a sentence: what was tried three times and failed.
    return _one(tongue, text, is_inner=True) if name.startswith("said_") else text


def _one(tongue: Tongue, text: str, *, is_inner: bool = False) -> str:
    for pattern, french in _patterns():
        found = pattern.fullmatch(text)
        if found:
            values = found.groupdict()
            return french.format(**{name: _value(tongue, name, text) for name, text in values.items()})
    field = None if is_inner else _FIELD.match(text)
    if field:
        inner = _one(tongue, field[2], is_inner=True)
        return f"{field[1]} : {inner}" if inner != field[2] else text
    return tongue.text(text)
