"""The record of a simulated market, whose clock is not the machine's: it verifies, and says what it is."""

from __future__ import annotations

import json
import runpy
from types import SimpleNamespace

import pytest

from tests import houses
from tests.houses import person
from tests.traded import DAYS
from tests.unit.services.trading.material import BEGUN
from vigie.config import SIMULATED_FILE
from vigie.domain.errors import Conflict
from vigie.domain.setup import seal_of
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.published.packing import PROGRAM, PublishSources, publish_record
from vigie.services.setups.verifying import verify_record
from vigie.services.trading.account_plans.trading_stores import TradingStores

NOW = BEGUN + DAYS * DAY_MS
# The machine's day is long before the market's.
HANDS = SimpleNamespace(
    market_now=lambda: NOW, wall_now=lambda: NOW - 400 * DAY_MS, market_speed=lambda: 60.0
)


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(PROGRAM))


@pytest.fixture(scope="module")
def simulated(traded_home, tmp_path_factory):
    home = tmp_path_factory.mktemp("simulated") / "home"
    houses.copied(traded_home, home, clock=HANDS)
    (home / SIMULATED_FILE).write_text('{"simulated": true}', "ascii")
    house = houses.house(home, clock=HANDS)
    SetupFollower(provide(house, TradingStores), house.setups).follow_once()
    return house


@pytest.fixture(scope="module", params=["en", "fr"])
def record(simulated, request):
    return publish_record(provide(simulated, PublishSources), ["main"], request.param)["record.zip"]


def with_changes(program, data, alter):
    """Return the record with its changes altered, sealed anew in a chain of the forger's own, and its sums."""
    files = program["unzipped"](data)
    rows = [json.loads(line) for line in files["changes.jsonl"].splitlines()]
    before, chain = "", ""
    for number, row in enumerate(rows):
        body = json.loads(row["body"])
        alter(number, body, row["record"])
        row["body"] = json.dumps(body)
        seal = seal_of(row["salt"], before, row["body"])
        chain = chain or seal[: program["CHAIN_NAME"]]
        row.update(before=before, seal=seal, chain=chain)
        row["record"]["subject"] = before = seal
        row["record"]["hash"] = program["hash_of"](row["record"])
    files["changes.jsonl"] = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    files[program["SUMS"]] = program["sums_of"](files).encode()
    return program["zip_bytes"](files)


def test_it_verifies_and_says_that_it_is_simulated_and_by_which_clocks(record, program):
    told = program["check"](record)
    assert "SIMULATED" in told[0]
    (reach,) = [one for one in told if "reaches to record" in one]
    assert "by the machine" in reach
    assert "in the simulated market" in reach
    assert "<strong>" in program["unzipped"](record)["index.html"].decode()


def test_ones_own_home_verifies_too(simulated):
    found = verify_record(simulated.audit, simulated.setups, provide(simulated, TradingStores), ["main"], {})
    assert (found.difference, found.sealed > 20) == ("", True)


def test_a_page_that_does_not_say_so_is_told(record, program):
    files = program["unzipped"](record)
    page = files["index.html"].decode()
    begin, end = page.index("<p><strong>"), page.index("</strong></p>")
    softened = (
        page[:begin] + page[end + len("</strong></p>") :],
        page[: begin + len("<p><strong>")] + "Record" + page[end:],
    )
    for altered in softened:
        files["index.html"] = altered.encode()
        files[program["SUMS"]] = program["sums_of"](files).encode()
        with pytest.raises(program["Difference"], match="whether the market is simulated"):
            program["check"](program["zip_bytes"](files))


def test_a_seal_is_never_older_than_what_it_seals_by_the_market_either(record, program):
    def too_early(number, body, _):
        if number == 3:
            body["ts_market"] = body["ts_known"] - 1

    with pytest.raises(program["Difference"], match="is older than what it seals"):
        program["check"](with_changes(program, record, too_early))


def test_the_times_of_one_record_are_all_of_one_kind(record, program):
    def real_in_part(number, body, record):
        if number == 3:
            del body["ts_market"]
            record["ts"] = NOW

    with pytest.raises(program["Difference"], match="some changes are of a simulated market"):
        program["check"](with_changes(program, record, real_in_part))


def test_whoever_calls_a_real_record_simulated_to_backdate_it_must_say_so(record, program):
    """Without the word on the page the altered changes are refused, with it the verdict says it first."""

    def real(_, body, record):
        del body["ts_market"]
        record["ts"] = NOW

    with pytest.raises(program["Difference"], match="whether the market is simulated"):
        program["check"](with_changes(program, record, real))


def test_a_real_home_seals_no_other_time_and_one_without_it_is_not_published_as_simulated(
    traded_home, tmp_path, program
):
    real = houses.copied(traded_home, tmp_path / "home", clock=HANDS)
    SetupFollower(provide(real, TradingStores), real.setups).follow_once()
    made = publish_record(provide(real, PublishSources), ["main"], "en")["record.zip"]
    with pytest.raises(program["Difference"], match="is older than what it seals"):
        program["check"](made)
    (tmp_path / "home" / SIMULATED_FILE).write_text('{"simulated": true}', "ascii")
    formerly = houses.house(tmp_path / "home", clock=HANDS)
    found = verify_record(formerly.audit, formerly.setups, provide(formerly, TradingStores), ["main"], {})
    assert found.difference == ""
    # Its page offers no file that could not be had.
    assert [run_operation(one, person("owner"), "setups.record", {}).is_publishable for one in (real, formerly)] == [
        True, False,
    ]  # fmt: skip
    page = houses.Browser(formerly).get("/signals").text
    assert "/signals/record.zip" not in page
    assert "sealed some of its changes otherwise" in page
    with pytest.raises(Conflict, match="without the time of the simulated market"):
        publish_record(provide(formerly, PublishSources), ["main"], "en")
