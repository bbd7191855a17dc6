"""The cases of the contract of holdings: each is run, and every key that it expects is met."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

import vigie
from tests.shared import shared_dir

RETURNS = {"return", "annual", "rate", "period", "roots"}
NEAR = Decimal("1E-9")


def cases():
    """Return the cases by name; one that says that they are absent, where they are."""
    try:
        path = shared_dir("cases", "holdings.json")
    except pytest.skip.Exception as absent:
        return [pytest.param(None, marks=pytest.mark.skip(str(absent)), id="absent")]
    return [pytest.param(case, id=case["name"]) for case in json.loads(path.read_text(encoding="utf-8"))]


def is_met(expected, found, key=""):
    """Tell whether what was found has all that is expected: returns nearly, all else exactly."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and is_met(one, found[name], name) for name, one in expected.items()
        )
    if key in RETURNS and isinstance(expected, list):
        return len(expected) == len(found) and all(map(is_near, expected, found))
    if key in RETURNS and expected is not None and found is not None:
        return is_near(expected, found)
    return expected == found


def is_near(expected, found):
    """Tell whether two returns are within 1e-9."""
    return abs(Decimal(expected) - Decimal(found)) <= NEAR


@pytest.mark.parametrize("case", cases())
def test_a_case_is_met(case):
    found = vigie.holdings(case)
    assert set(found) == set(case["ask"])
    assert is_met(case["expect"], found), f"{case['why']}\nexpected {case['expect']}\nfound {found}"


def test_what_is_not_met_is_seen():
    assert is_met({"twr": {"return": "0.2"}}, {"twr": {"return": "0.2000000001", "code": None}})
    assert not is_met({"twr": {"return": "0.2"}}, {"twr": {"return": "0.20000001"}})
    assert not is_met({"xirr": {"roots": ["0.1"]}}, {"xirr": {"roots": []}})
    assert not is_met({"realised": "500"}, {"realised": "500.0"})
    assert not is_met({"gains": []}, {})
