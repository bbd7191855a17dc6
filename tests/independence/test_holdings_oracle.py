"""The reference of the holdings contract meets every case of the contract."""

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.independence.holdings_oracle import run

pytestmark = pytest.mark.shared

SHARED = Path(os.environ.get("VIGIE_SHARED") or Path(__file__).resolve().parents[3] / "shared")
RETURNS = {"return", "annual", "rate", "period", "roots"}


def _is_near(got, wanted):
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(_is_near, got, wanted))
    if got is None or wanted is None:
        return got == wanted
    return abs(Decimal(got) - Decimal(wanted)) <= Decimal("1e-9")


def _differences(got, wanted, where=""):
    """What of the expectation is not met; keys that are not given are free."""
    if isinstance(wanted, dict):
        found = []
        for key, value in wanted.items():
            if key not in got:
                found.append(f"{where}/{key}: missing")
            elif key in RETURNS:
                if not _is_near(got[key], value):
                    found.append(f"{where}/{key}: {got[key]} instead of {value}")
            else:
                found += _differences(got[key], value, f"{where}/{key}")
        return found
    return [] if got == wanted else [f"{where}: {got} instead of {wanted}"]


def test_every_case_of_the_contract_is_met():
    path = SHARED / "cases" / "holdings.json"
    if not path.exists():
        pytest.skip(f"cases of the contract not found at {path}; set VIGIE_SHARED")
    cases = json.loads(path.read_text(encoding="utf-8"))
    assert cases, "the contract has no cases"
    failed = []
    for case in cases:
        failed += [f"{case['name']}{one}" for one in _differences(run(case), case["expect"])]
    assert not failed, "\n".join(failed)
