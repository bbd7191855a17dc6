"""The trading venues under contract, each a simulated exchange of its kind on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.trading_exchanges import VENUES, Running, Words, served, walking


@pytest.fixture(params=VENUES, ids=[one.venue for one in VENUES])
def exchange(request: pytest.FixtureRequest) -> Iterator[Running]:
    with served(walking(request.param)) as running:
        yield running


@pytest.fixture
def words(exchange: Running) -> Words:
    return exchange.words
