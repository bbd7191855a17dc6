"""Houses of tests on a server: each on a database of its own, which goes with who made it, connections and all."""

from __future__ import annotations

import os
from typing import Final

import pytest
from sqlalchemy import text

from tests import houses
from tests.databases import NO_SERVER, VARIABLE, Homes, Server, chosen
from vigie.services.needs import bound
from vigie.services.running import retention

# As it was before the tests of this file.
GIVEN: Final = os.environ.get(VARIABLE)


@pytest.fixture
def server(pg_server: Server | None) -> Server:
    if pg_server is None:
        pytest.skip(NO_SERVER)
    return pg_server


def names(server: Server) -> set[str]:
    with server.engine.connect() as connection:
        return set(connection.execute(text("SELECT datname FROM pg_database")).scalars())


def test_a_house_is_on_the_server_alone_there_and_leaves_nothing(server, tmp_path, monkeypatch):
    homes, before = Homes(server), names(server)
    monkeypatch.setattr(houses, "DATABASES", homes)
    with homes.passing():
        one = houses.house(tmp_path / "one", with_bars=False)
        other = houses.house(tmp_path / "other", with_bars=False)
        one.jobs.put("backtest", {}, owner="owner")
        assert len(names(server) - before) == 2
        # Opened again, it is the same one.
        assert len(houses.house(tmp_path / "one").jobs.list(owner="owner", limit=5)) == 1
        assert other.jobs.list(owner="owner", limit=5) == []
        assert houses.Browser(one).get("/jobs").status_code == 200
        # What it takes there is told, though no file of it lies in the home.
        assert next(row.size for row in bound(one, retention.list_sizes)() if row.what == "database") > 0
    assert names(server) == before


def test_a_copy_of_a_house_has_its_rows_and_a_life_of_its_own(server, tmp_path, monkeypatch):
    homes = Homes(server)
    monkeypatch.setattr(houses, "DATABASES", homes)
    # The outer one gives back the address that programs read: other tests lie elsewhere.
    with homes.passing():
        with homes.passing():
            made = houses.house(tmp_path / "made", with_bars=False)
            made.jobs.put("backtest", {}, owner="owner")
            copy = houses.copied(tmp_path / "made", tmp_path / "copy")
            copy.jobs.put("backtest", {}, owner="owner")
            assert len(copy.jobs.list(owner="owner", limit=5)) == 2
        # What is copied again and again stays for the next copy.
        again = houses.copied(tmp_path / "made", tmp_path / "again")
        assert len(again.jobs.list(owner="owner", limit=5)) == 1
        server.drop(homes.address(tmp_path / "made"))


def test_no_address_stays_behind():
    assert os.environ.get(VARIABLE) == GIVEN


def test_a_kind_of_database_that_is_none_is_refused():
    assert chosen({}) == "sqlite"
    assert chosen({"VIGIE_TEST_DATABASE": "postgresql"}) == "postgresql"
    with pytest.raises(pytest.UsageError, match="sqlite postgresql, was mysql"):
        chosen({"VIGIE_TEST_DATABASE": "mysql"})
