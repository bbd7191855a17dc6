"""Reading what a person typed: lists, `STRATEGY.PARAM=VALUE`, on and off."""

from __future__ import annotations

from typing import Any

from vigie.domain.errors import UsageError


def split_words(text: str | None) -> list[str]:
    """Split ``A,B`` into words; nothing gives an empty list."""
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def parse_settings(pairs: list[str] | None) -> dict[str, dict[str, Any]]:
    """Read ``STRATEGY.PARAM=VALUE`` pairs into parameters by strategy.

    Raises
    ------
    UsageError
        If a pair has another form.
    """
    by_strategy: dict[str, dict[str, Any]] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        strategy, dot, param = name.partition(".")
        if not (equals and dot and strategy and param and value):
            raise UsageError(f"--set must look like ema_cross.fast=10, was {pair!r}")
        by_strategy.setdefault(strategy.strip(), {})[param.strip()] = value
    return by_strategy


def parse_switch(name: str, text: str | None) -> bool | None:
    """Read ``on`` or ``off``; nothing gives None."""
    if text is None:
        return None
    if text.lower() not in ("on", "off"):
        raise UsageError(f"{name} must be on or off, was {text!r}")
    return text.lower() == "on"
