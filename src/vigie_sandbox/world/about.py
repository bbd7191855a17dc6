"""What each coin is, in English and French."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from vigie_sandbox.world.catalogue import Coin


def describe_coin(coin: Coin) -> dict[str, str]:
    """Return the text on a coin by language."""
    texts = _load_texts()
    return {
        language: text.replace("{name}", coin.name)
        for language, text in texts.get(coin.id, texts["*"]).items()
    }


@cache
def _load_texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = json.loads(
        files("vigie_sandbox.world").joinpath("about.json").read_text(encoding="utf-8")
    )
    return texts
