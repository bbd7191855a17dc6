"""The kill matrix is counted over its files, and a whole one that is too small fails."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.crash.deaths import LEAST, PARTS, Matrix, pytest_sessionfinish, told

EACH = -(-LEAST // len(PARTS))


def report(part, died, *, failed=False, when="call"):
    properties = []
    told(lambda name, value: properties.append((name, value)), part, died)
    return SimpleNamespace(when=when, failed=failed, user_properties=properties)


def counted(*reports):
    matrix = Matrix()
    for one in reports:
        matrix.pytest_runtest_logreport(one)
    return matrix


def ended(matrix, code=pytest.ExitCode.OK):
    manager = SimpleNamespace(get_plugin=lambda name: matrix)
    session = SimpleNamespace(config=SimpleNamespace(pluginmanager=manager), exitstatus=code)
    pytest_sessionfinish(session)
    return session.exitstatus


def test_a_whole_matrix_with_one_death_too_few_fails():
    whole = [report(part, {"venue.place after": EACH}) for part in PARTS]
    assert ended(counted(*whole)) == pytest.ExitCode.OK
    last = LEAST - EACH * (len(PARTS) - 1)
    assert ended(counted(*whole[1:], report(PARTS[0], {"venue.place after": last}))) == pytest.ExitCode.OK
    fewer = [*whole[1:], report(PARTS[0], {"venue.place after": last - 1})]
    assert ended(counted(*fewer)) == pytest.ExitCode.TESTS_FAILED
    assert ended(None) == pytest.ExitCode.OK, "a worker shows nothing and judges nothing"


def test_deaths_of_tests_that_failed_are_no_proof_and_setups_count_nothing():
    matrix = counted(
        report("kept", {"venue.place after": 3}),
        report("kept", {"venue.place after": 5}, failed=True),
        report("lost", {"venue.place after": 7}, when="teardown"),
    )
    assert matrix.total == 3


def test_a_part_of_the_matrix_is_counted_and_says_what_is_missing():
    matrix = counted(report("kept", {"venue.place after": 2, "book.commit before": 1}))
    assert not matrix.is_too_small
    assert ended(matrix) == pytest.ExitCode.OK
    assert list(matrix.lines()) == [
        "    1 kept       book.commit before",
        "    2 kept       venue.place after",
        f"    3 died in all (not run whole: {', '.join(PARTS[1:])})",
    ]
