"""What Bitget's codes say happened: the committed table, and what is not in it."""

import pytest

from vigie.adapters.venues.bitget.codes import FLAT, NO_SUCH_ORDER, UNCHANGED, meaning_of
from vigie.adapters.venues.envelope import Said, failed_order, failed_read
from vigie.domain.errors import AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError

TABLE = {
    "auth": "40037 40006 40012 40011 40036 40009 40014 40018 40038",
    "clock": "40004 40005 40008",
    "ambiguous": "40010 40015 40725 40910 45001",
    "throttled": "429",
    "halted": "40200 40308 41114 43115 45043",
    "gone": "40309 40102 40845 41113 40822 40085",
    "duplicate": "40786 45034 43118 50060 25212 40708",
    "absent": "40109 40768 43001 43025 22001 45057",
    "rejected": "45110 41103 22034 45111 45115 45113 45112 45120 40762 43012 40711 40712 40754 40800 45002 22002 "
    "40757 45006 40804 40891 40774 45109 40814 45054 40104 40893 45044 45045 45047 45117 40920 40917 45122 40829 "
    "40837 40915 45061 45065 40889 40890 40723 45118",
}


@pytest.mark.parametrize(
    ("code", "meaning"), [(code, meaning) for meaning, codes in TABLE.items() for code in codes.split()]
)
def test_every_known_code_has_one_meaning(code, meaning):
    assert meaning_of(code, "", 400) == meaning


@pytest.mark.parametrize("code", ["", "99999", "50001", "00000"])
def test_a_code_that_nobody_knows_is_ambiguous(code):
    assert meaning_of(code, "something", 400) == "ambiguous"


@pytest.mark.parametrize("code", ["45110", "40037", "40786"])
def test_a_server_that_failed_proves_nothing_whatever_it_says(code):
    assert meaning_of(code, "", 502) == "ambiguous"


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Parameter verification exception size checkBDScale error value=0.00001 checkScale=4", "rejected"),
        ("Parameter verification exception price", "rejected"),
        ("Parameter verification exception", "ambiguous"),
    ],
)
def test_a_scale_error_that_names_no_parameter_is_an_hour_of_releases(words, meaning):
    assert meaning_of("40808", words, 400) == meaning


def test_an_unknown_code_for_a_duplicate_is_read_by_its_words():
    assert meaning_of("47777", "Duplicate clientOid", 400) == "duplicate"


def test_the_named_sets_are_within_the_table():
    assert {meaning_of(code, "", 400) for code in FLAT | UNCHANGED} == {"rejected"}
    assert {meaning_of(code, "", 400) for code in NO_SUCH_ORDER} == {"absent"}


@pytest.mark.parametrize(
    ("meaning", "read", "order"),
    [
        ("rejected", ConnectorError, OrderRejected),
        ("absent", ConnectorError, OrderRejected),
        ("ambiguous", TransientError, OutcomeUnknown),
        ("duplicate", ConnectorError, OutcomeUnknown),
        ("auth", AuthError, AuthError),
        ("throttled", TransientError, TransientError),
        ("clock", TransientError, TransientError),
        ("halted", TransientError, ConnectorError),
        ("gone", ConnectorError, ConnectorError),
    ],
)
def test_a_meaning_says_what_happens_next(meaning, read, order):
    said = Said(400, "40000", "words", 2.0)
    assert type(failed_read(said, meaning, "Bitget")) is read
    assert type(failed_order(said, meaning, "Bitget")) is order
    assert "40000: words" in str(failed_order(said, meaning, "Bitget"))
