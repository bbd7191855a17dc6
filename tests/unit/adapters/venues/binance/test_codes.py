"""What Binance's codes say happened: the committed table, and what is not in it."""

import pytest

from vigie.adapters.venues.binance import codes
from vigie.adapters.venues.binance.codes import meaning_of

TABLE = {
    "auth": "-1022 -2014 -2015",
    "clock": "-1021 -5028",
    "throttled": "-1003 -1015",
    "halted": "-1016 -4108 -4140",
    "gone": "-1121 -4141 -4168",
    "duplicate": "-4116",
    "absent": "-2011 -2013",
    "ambiguous": "-1000 -1001 -1006 -1007",
    "rejected": "-1102 -1111 -2019 -2021 -2022 -4003 -4005 -4014 -4015 -4028 -4046 -4048 -4059 -4061 -4068 -4120 "
    "-4130 -4164 -4509 -5022",
}


@pytest.mark.parametrize(
    ("code", "meaning"), [(code, meaning) for meaning, known in TABLE.items() for code in known.split()]
)
def test_every_known_code_has_one_meaning(code, meaning):
    assert meaning_of(code, "", 400) == meaning


def test_no_code_has_two_meanings():
    every = [code for known in codes._BY_MEANING.values() for code in known.split()]
    assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize("code", ["", "-99999", "-9", "200", "0"])
def test_a_code_that_nobody_knows_is_ambiguous(code):
    assert meaning_of(code, "something", 400) == "ambiguous"


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        ("-2019", 500, "ambiguous"),
        ("-4116", 503, "ambiguous"),
        ("-1007", 408, "ambiguous"),
        ("", 502, "ambiguous"),
        # Said by the venue to have done nothing.
        ("-1008", 503, "throttled"),
        ("", 403, "throttled"),
        ("", 418, "throttled"),
        ("-1003", 429, "throttled"),
        ("", 451, "gone"),
    ],
)
def test_a_server_that_failed_proves_nothing_and_a_door_that_is_shut_does(code, status, meaning):
    assert meaning_of(code, "words", status) == meaning


def test_an_unknown_code_that_speaks_of_a_duplicate_is_read_back():
    assert meaning_of("-4999", "Client order id is duplicated", 400) == "duplicate"
