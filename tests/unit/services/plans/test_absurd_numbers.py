"""Numbers that no market and no account has: each is refused with a sentence, and nothing is kept of it."""

from __future__ import annotations

import json
import math

import pytest

from tests import houses
from tests.unit.services.outside.test_outside_operations import FILL
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of
from tests.unit.services.trading.material import BEGUN, FILE, planned
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.refusal import Refusal
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.process.trading import begin_run
from vigie.views.web.pages.run_file.words import from_shown

BTC = "binance-perp:btc-usdt-perp"
# Magnitudes without sense, and texts that some library reads as numbers.
SIZES = [1e30, 1e308, -1e308, 5e-324, 1e-300, -0.0, math.nan, math.inf, -math.inf]
TEXTS = ["1e30", "1e308", "1e999", "5e-324", "1e-400", "-0", "NaN", "inf", "-Infinity", "0x1", "0x1p3", "1_000",
         "١٢", "１２", "1e١", "½", "", "1 000 000 x", True]  # fmt: skip
ABSURD = [*SIZES, *TEXTS]
ZERO = (-0.0, "-0")
# `make test` has each field with every third of them, and each of them with some field; the rest is left to
# `make chaos`.
SHARE = 3


def given_but(*allowed) -> list:
    """Return what is absurd for a field that accepts some of it."""
    return [one for one in ABSURD if isinstance(one, bool) or one not in allowed]


def each(*fields: str, free: tuple = (), zero: tuple[str, ...] = ()):
    """Parametrise a test by field and value; `zero` are fields that are switched off by it."""
    pairs = [
        pytest.param(field, one, id=f"{field} {type(one).__name__} {one}", marks=left_out(first + place))
        for first, field in enumerate(fields)
        for place, one in enumerate(given_but(*free, *(ZERO if field in zero else ())))
    ]
    return pytest.mark.parametrize(("field", "given"), pairs)


def left_out(place: int) -> tuple:
    """Leave to `make chaos` what stands at a place, but for every third."""
    return (pytest.mark.chaos,) if place % SHARE else ()


names = pytest.mark.parametrize(
    "given",
    [
        pytest.param(one, id=f"{type(one).__name__} {one}", marks=left_out(place))
        for place, one in enumerate(ABSURD)
    ],
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("absurd")
    house = at(houses.house(folder / "home"), BEGUN)
    bound(house, begin_run)(planned(house, folder, text=PLANS), "owner")
    file = house.home / "accounts" / "owner" / "first.toml"
    file.parent.mkdir(parents=True)
    file.write_text(FILE)
    house = alive(house)
    return house, close_of(house, "btc-usdt-perp", BEGUN)


def kept(house) -> str:
    """Everything that is kept of a person's plans, fills, addresses, versions of run files and limits."""
    owner = "owner"
    _, settings = house.accounts.settings(owner)
    _, limits = house.accounts.settings(f"{owner}/trading/main")
    return repr(
        [
            house.plans.versions(owner), house.outside.fills(owner), house.outside.addresses(owner), settings,
            limits, house.run_files.versions(owner, "first"), sorted((house.home / "accounts").rglob("*.toml")),
            house.audit.newest(),
        ]
    )  # fmt: skip


def assert_refused(house, name: str, values: dict) -> None:
    before = kept(house)
    with pytest.raises((UsageError, Conflict)) as caught:
        run_operation(house, OWNER, name, values)
    said = str(caught.value)
    assert isinstance(caught.value.args[0], Refusal)
    assert 10 < len(said) < 400
    assert not {"Traceback", "pydantic", "Decimal", "ValueError"} & set(said.split())
    assert kept(house) == before


PLAN_FIELDS = [
    "stop",
    "target",
    "low",
    "high",
    "bars",
    "capital",
    "leverage",
    "further_targets",
    "limit_entries",
]


@each(*PLAN_FIELDS)
def test_a_plan_takes_none_of_them(made, field, given):
    house, price = made
    plan = {
        "place": BTC, "side": "long", "low": price * 0.99, "high": price * 1.01, "stop": price * 0.97,
        "target": price * 1.06,
    }  # fmt: skip
    values = {**plan, field: [given] if field in ("further_targets", "limit_entries") else given}
    for name in ("plans.preview", "plans.make"):
        assert_refused(house, name, values)


@each("stop", "target", "worst_loss", "entry", zero=("worst_loss",))
def test_an_order_takes_none_of_them(made, field, given):
    house, price = made
    ticket = {"place": BTC, "account": "main", "side": "long", "stop": price * 0.97, "target": price * 1.06}
    assert_refused(house, "plans.place", {**ticket, "worst_loss": -500.0, field: given})


@names
def test_a_suggestion_takes_none_of_them(made, given):
    assert_refused(made[0], "plans.suggest", {"place": BTC, "price": given})


@each("price", "quantity")
def test_a_fill_takes_none_of_them(made, field, given):
    assert_refused(made[0], "outside.add", {**FILL, field: str(given) if isinstance(given, float) else given})


@each("fee", free=(*ZERO, ""))
def test_a_fee_is_none_of_them(made, field, given):
    assert_refused(made[0], "outside.add", {**FILL, field: str(given) if isinstance(given, float) else given})


@names
def test_an_address_is_none_of_them(made, given):
    for address in (str(given), f"0x{given}"):
        assert_refused(made[0], "outside.add_address", {"address": address})


SETTINGS = ("capital", "risk_fraction", "leverage", "stop_atr", "target_atr", "max_bars")
LIMITS = (
    "max_positions", "daily_loss_fraction", "stop_guard_window_hours", "cooldown_bars", "slot_drawdown_fraction",
)  # fmt: skip
# Zero switches them off.
OFF = (
    "stop_atr",
    "target_atr",
    "max_bars",
    "stop_guard_window_hours",
    "cooldown_bars",
    "slot_drawdown_fraction",
)


def assert_no_change(house, change: dict) -> None:
    for name, more in (("trading.preview_run_file", {}), ("trading.change_run_file", {"base": 0})):
        assert_refused(house, name, {"account": "first", **change, **more})


@each(*SETTINGS, zero=OFF)
def test_a_setting_of_an_account_is_none_of_them(made, field, given):
    assert_no_change(made[0], {"settings": {field: given}})


@each(*LIMITS, zero=OFF)
def test_a_limit_of_an_account_is_none_of_them(made, field, given):
    assert_no_change(made[0], {"protections": {field: given}})


@each("fast")
def test_a_parameter_of_a_strategy_is_none_of_them(made, field, given):
    slot = {
        "origin": 0, "instruments": ["BTC", "ETH", "SOL"], "strategy": "ema_cross", "timeframe": "1h",
        "params": {field: given},
    }  # fmt: skip
    assert_no_change(made[0], {"slots": [slot]})


@each("max_positions", "daily_loss_fraction")
def test_ones_own_limits_take_none_of_them(made, field, given):
    assert_refused(made[0], "trading.tighten", {"account": "main", field: given})


@names
def test_a_paper_account_begins_with_none_of_them(made, given):
    values = {"name": "absurd", "place": BTC, "strategy": "ema_cross", "capital": given}
    assert_refused(made[0], "trading.prepare_paper", values)


@pytest.mark.parametrize("text", ["1_0", "١٢", "１２", "0x1", "1e999999999", "1e-999999999", "nan"])
def test_a_per_cent_field_hands_on_what_is_no_number(text):
    assert from_shown("risk_fraction", text) == text


def test_levels_at_the_ends_of_what_is_accepted_make_whole_answers(made):
    house, price = made
    ends = [(1e-15, price, price, 1e12), (1e-15, 1e-14, 1e-14, 1e-13), (9e11, 9.5e11, 9.6e11, 1e12)]
    for stop, low, high, target in ends:
        values = {"place": BTC, "side": "long", "stop": stop, "low": low, "high": high, "target": target}
        told = run_operation(house, OWNER, "plans.preview", values)
        json.dumps(json.loads(told.model_dump_json()), allow_nan=False)
        assert told.by_hand.refusal or math.isfinite(told.by_hand.worst_loss)
