"""A house with nobody in it, and a clock that a test sets."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from tests.databases import HandClock
from vigie.bootstrap import open_house
from vigie.services.house import House
from vigie.services.people.accounts import passwords


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the product does, with less work."""
    quick = PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)


@pytest.fixture
def house(home, clock: HandClock, quick_hashes: None) -> House:
    return open_house(home, clock=clock)
