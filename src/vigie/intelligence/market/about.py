"""What the watched assets are, in each language.

Takes the id of an asset; gives its text in each language, nothing for those that have none.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from vigie.catalogue import NamedTexts, complete_languages


def describe_asset(asset: str) -> dict[str, str]:
    """Return what is shipped about an asset, by language; empty where nothing is."""
    return {
        language: texts[asset] for language in complete_languages() if asset in (texts := _texts()[language])
    }


@cache
def _texts() -> NamedTexts:
    english = tomllib.loads(Path(__file__).with_name("about.toml").read_text(encoding="utf-8"))
    return NamedTexts("asset", english)
