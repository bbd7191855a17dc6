"""A house with nobody in it, and a clock that a test sets."""

from __future__ import annotations

import pytest

from tests.databases import HandClock
from vigie.bootstrap import open_app_context
from vigie.services.app_context import AppContext


@pytest.fixture
def house(ready_home, clock: HandClock) -> AppContext:
    return open_app_context(ready_home, clock=clock)
