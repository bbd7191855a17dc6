"""A house with nobody in it, and a clock that a test sets."""

from __future__ import annotations

import pytest

from tests.databases import HandClock
from vigie.services.app_context import AppContext
from vigie.wiring.app_context import open_app_context


@pytest.fixture
def house(ready_home, clock: HandClock) -> AppContext:
    return open_app_context(ready_home, clock=clock)
