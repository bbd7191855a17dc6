"""The product and the reference reckon random cases of the holdings contract alike, figure by figure."""

import json
from decimal import Decimal

import pytest

import vigie
from tests.independence.holdings_cases import THEMES, make_case, smallest
from tests.independence.holdings_oracle import run

# `make test` has the first of each theme; those after them are left to `make chaos`.
SEEDS = [range(7), pytest.param(range(7, 20), marks=pytest.mark.chaos)]
RETURNS = {"return", "annual", "rate", "period", "roots"}
NEAR = Decimal("1e-9")


def _is_near(ours, theirs):
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_is_near, ours, theirs))
    if ours is None or theirs is None:
        return ours == theirs
    one, other = Decimal(ours), Decimal(theirs)
    return abs(one - other) <= NEAR * max(Decimal(1), abs(one))


def differences(ours, theirs, where=""):
    """Every figure of the contract on which two results differ; what a rule leaves open is not compared."""
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        key = where.rpartition("/")[2]
        same = _is_near(ours, theirs) if key in RETURNS else ours == theirs
        return [] if same else [f"{where}: reference {ours}, product {theirs}"]
    found = []
    for key in sorted(ours):
        # The list of roots is given where there are several; the day, where a price is missing.
        is_free = (key == "roots" and ours["code"] != "several_roots") or (
            key == "day" and ours["code"] != "no_price"
        )
        if key in theirs and not is_free:
            found += differences(ours[key], theirs[key], f"{where}/{key}")
        elif not is_free:
            found.append(f"{where}/{key}: missing in the product")
    return found


def _without_open_questions(case, result):
    """The result without what two readers of the contract read otherwise; `docs/holdings.md` lists these places."""
    told = json.loads(json.dumps(result))
    is_scale = bool(case["settings"].get("fr", {}).get("scale"))
    for country, years in ((name, told[name]) for name in ("fr", "de") if name in told):
        # Whether a figure goes on after the last year that is in a country's file, and what stands before the first.
        first = 2019 if country == "fr" else 2009
        told[country] = {name: year for name, year in years.items() if first <= int(name) <= 2026}
        for year in told[country].values():
            # In which year a missing cost is told, whether the gap of a transfer is one; gaps beside missing prices.
            left_out = {"missing_cost", "gap"} if "no_price" in year["flags"] else {"missing_cost"}
            year["flags"] = sorted(set(year["flags"]) - left_out)
            if country == "fr" and is_scale:
                # Whether a year without tax has tax 0 where the option for the scale leaves it unknown.
                year.pop("ir", None)
    if "notes" in told:
        # Whether a gift without a value flows at the day's price, or at its value, which is the same.
        gifts = {event.get("id") for event in case["events"] if event.get("kind") == "gift"}
        told["notes"] = [
            note for note in told["notes"] if note[1] != "flow_at_market" or note[0] not in gifts
        ]
    if "lots" in told:
        told["lots"] = _merged(told["lots"])
    return told


def _merged(lots):
    """Lots with pieces of one at one place put together: the contract does not say whether they are two."""
    merged = {}
    for lot, asset, place, day, quantity, cost in lots:
        before = merged.get((lot, asset, place, day))
        if before is not None:
            quantity = _plain(Decimal(before[4]) + Decimal(quantity))
            cost = None if cost is None or before[5] is None else _plain(Decimal(before[5]) + Decimal(cost))
        merged[lot, asset, place, day] = [lot, asset, place, day, quantity, cost]
    return list(merged.values())


def _plain(number):
    return f"{number.normalize():f}"


def _settled(case):
    """The case without what the contract does not settle.

    Coin fees of what leaves without gain in Germany: whether they are disposals. Money fees of a purchase whose cost is
    unknown: whether they are added to the day's price that flows in place of it. What a giver paid in another currency:
    whether the rate is that of the gift or of the giver's purchase.
    """
    simple = json.loads(json.dumps(case))
    notes = run({**simple, "ask": {"notes": True}})["notes"]
    without_cost = {event for event, code in notes if code == "missing_cost"}
    for event in simple["events"]:
        paid = event.get("donor_cost")
        if isinstance(paid, str):
            event["donor_cost"] = {"amount": paid, "cur": "EUR"}
        elif isinstance(paid, dict) and "cur" in paid:
            paid["cur"] = "EUR"
        fee = event.get("fee")
        if not isinstance(fee, dict):
            continue
        is_coin = "asset" in fee
        if event.get("kind") in ("fee", "loss") if is_coin else event.get("id") in without_cost:
            del event["fee"]
    return simple


def compared(holdings, case):
    """Differences of one case; a crash of the product is one."""
    case = _settled(case)
    try:
        theirs = holdings(json.loads(json.dumps(case)))
    except Exception as error:
        return [f"crash: {type(error).__name__}: {error}"]
    return differences(_without_open_questions(case, run(case)), _without_open_questions(case, theirs))


@pytest.mark.parametrize("seeds", SEEDS, ids=str)
@pytest.mark.parametrize("theme", THEMES)
def test_product_and_reference_agree_on_random_cases(theme, seeds):
    for seed in seeds:
        case = make_case(seed, theme)
        if compared(vigie.holdings, case):
            small = smallest(case, lambda tried: bool(compared(vigie.holdings, tried)))
            pytest.fail("\n".join([f"seed {seed}", json.dumps(small), *compared(vigie.holdings, small)]))


def test_a_wrong_figure_is_found():
    case = make_case(1, "germany")
    right = run(case)
    wrong = json.loads(json.dumps(right))
    year = max(wrong["de"])
    wrong["de"][year]["limit"] = "1"
    wrong["xirr"] = right["xirr"] | {"code": "guessed"}
    found = differences(right, wrong)
    assert len(found) == 2
    assert found[0].startswith(f"/de/{year}/limit")
    assert found[1].startswith("/xirr/code")


@pytest.mark.parametrize("count", [12, pytest.param(40, marks=pytest.mark.chaos)])
def test_a_case_is_the_same_for_the_same_seed_and_themes_reach_what_they_are_for(count):
    assert make_case(3) == make_case(3)
    results = [
        run(make_case(seed, theme)) for theme in ("roots", "refused", "france") for seed in range(count)
    ]
    codes = {one["xirr"]["code"] for one in results} | {code for one in results for _, code in one["refused"]}
    assert {"several_roots", "no_root", "bad_number", "bad_time", "future", "duplicate_id"} <= codes
    years = [year for one in results for year in one["fr"].values() if year["sales"]]
    assert {True, False, None} <= {year["exempt"] for year in years}
