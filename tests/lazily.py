"""Packages that few tests need: loaded by those, not by every process that only reads which tests there are."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Lazy:
    """A module that is loaded when something of it is asked for first."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, word: str) -> Any:
        return getattr(import_module(self._name), word)
