"""The language model that the settings name, for the sentiment of news."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from vigie.adapters.clock import SystemClock
from vigie.config import is_simulated
from vigie.domain.errors import ConfigError
from vigie.ports.clock import Clock
from vigie.ports.sentiment_model import SentimentModel


def open_sentiment_model(
    home: str | Path | None = None, *, clock: Clock | None = None
) -> SentimentModel | None:
    """Return the language model that the settings name; None where they name none, or the market is simulated.

    Raises
    ------
    ConfigError
        If a model is named without its address.
    """
    settings = import_module("vigie.config.loading").load(home).settings
    if not settings.language_model or is_simulated(settings.home):
        return None
    address = settings.urls.get("language", "")
    if not address:
        raise ConfigError(
            "language_model_needs_address",
            "language_model needs an address: set urls.language or VIGIE_LANGUAGE_URL",
        )
    key = settings.keys.get("language")
    model: SentimentModel = import_module("vigie.adapters.language.endpoint").Endpoint(
        clock or SystemClock(),
        address,
        settings.language_model,
        key=key.key.get_secret_value() if key else "",
        is_inner=settings.language_inner,
        timeout_s=settings.language_timeout_s,
        per_minute=settings.language_per_minute,
    )
    return model
