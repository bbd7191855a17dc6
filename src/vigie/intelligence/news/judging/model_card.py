"""The card of the model of sentiment: what it was fitted to, how often it is right, and how other recipes would do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_model_card() -> Mapping[str, Any]:
    """Return what was measured of the shipped model of sentiment, by the command that docs/news-figures.md names."""
    text = files("vigie.intelligence.news.judging").joinpath("data", "card.json").read_text(encoding="utf-8")
    measured: Mapping[str, Any] = json.loads(text)["sentiment"]
    return measured
