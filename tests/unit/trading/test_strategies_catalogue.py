"""Which strategies there are, and which files are refused with the part that is missing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.unit.services.strategy_material import SOUND, write
from vigie.domain.errors import UsageError
from vigie.trading import catalogue


def test_own_strategies_stand_beside_the_shipped_ones_in_alphabetical_order(tmp_path: Path):
    write(tmp_path, "aaa")
    write(tmp_path, "_draft")
    write(tmp_path, "test_aaa")
    names = list(catalogue.available(tmp_path))
    assert names[0] == "aaa"
    assert names == sorted(names)
    assert len(names) == len(catalogue.available()) + 1


def test_own_strategy_wins_over_a_shipped_one_of_the_same_name(tmp_path: Path):
    path = write(tmp_path, "ema_cross")
    assert catalogue.load("ema_cross", tmp_path).path == str(path)
    assert catalogue.load("ema_cross").timeframe == "4h"


def test_edited_file_is_loaded_anew(tmp_path: Path):
    first = catalogue.load_file(write(tmp_path))
    second = catalogue.load_file(write(tmp_path, "idea", ('TIMEFRAME = "1h"', 'TIMEFRAME = "4h"')))
    assert (first.timeframe, second.timeframe) == ("1h", "4h")


def test_file_asked_for_anew_forgets_what_it_remembered(tmp_path: Path):
    path = write(tmp_path, "idea", ("def warmup", "CALLS = []\n\n\ndef warmup"))
    kept = catalogue.load_file(path)
    kept.criteria.__globals__["CALLS"].append(1)
    assert catalogue.load_file(path, fresh=True).criteria.__globals__["CALLS"] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("TIMEFRAME =", "FRAME =", "must define TIMEFRAME"),
        ('TIMEFRAME = "1h"', 'TIMEFRAME = "3h"', "TIMEFRAME of idea must be one of"),
        ("def warmup", "def warm", "must define warmup"),
        ("def criteria", "def judge", "must define criteria"),
        ("@dataclass(frozen=True, slots=True)", "@dataclass", "must be a frozen dataclass"),
        ("@dataclass(frozen=True, slots=True)\n", "", "must be a frozen dataclass"),
        ("param(20, low=2, high=200)", "20", r"idea.window must be declared with param"),
        ("TIMEFRAME =", "1 / 0\nTIMEFRAME =", "ZeroDivisionError"),
        ("import numpy as np", "import numpy as np\nraise SystemExit", "SystemExit"),
        ("def criteria", "def criteria(:", "SyntaxError"),
        ("import numpy as np", "import no_such_package", "ModuleNotFoundError"),
    ],
)
def test_file_without_a_part_of_the_contract_is_refused_with_the_part(tmp_path: Path, old, new, said):
    with pytest.raises(UsageError, match=said):
        catalogue.load_file(write(tmp_path, "idea", (old, new)))


def test_file_without_parameters_is_refused(tmp_path: Path):
    path = tmp_path / "idea.py"
    path.write_text(SOUND + "\n\ndel Params\n", encoding="utf-8")
    with pytest.raises(UsageError, match="strategy idea must define Params"):
        catalogue.load_file(path)


def test_function_that_is_none_is_refused(tmp_path: Path):
    path = tmp_path / "idea.py"
    path.write_text(SOUND + "\n\nwarmup = 20\n", encoding="utf-8")
    with pytest.raises(UsageError, match="warmup of strategy idea must be a function"):
        catalogue.load_file(path)


def test_defaults_that_the_strategy_itself_refuses_are_refused(tmp_path: Path):
    post = '    def __post_init__(self):\n        raise UsageError("never")\n'
    path = write(tmp_path, "idea", ("high=200)\n", f"high=200)\n\n{post}"))
    with pytest.raises(UsageError, match="defaults of idea must be accepted"):
        catalogue.load_file(path)


def test_absent_file_and_unknown_name_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="does not"):
        catalogue.load_file(tmp_path / "none.py")
    with pytest.raises(UsageError, match="strategy must be one of adx_trend"):
        catalogue.load("none")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("many", "must be a number"),
        (None, "must be a number"),
        (math.inf, "must be a number"),
        (20.5, "must be a whole number"),
        (1, r"must be 2\.\.500, was 1"),
        ("501", r"must be 2\.\.500, was 501"),
    ],
)
def test_parameter_of_a_wrong_kind_or_out_of_bounds_is_refused(value, said):
    with pytest.raises(UsageError, match=said):
        catalogue.load("ema_cross").with_params({"fast": value})


def test_unknown_parameter_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="must be one of fast slow, was 'span'"):
        catalogue.load("ema_cross").with_params({"span": 3})


def test_parameters_are_read_from_text_and_keep_their_type():
    params = catalogue.load("rsi_reversion").with_params({"window": " 21 ", "oversold": "25"})
    assert (params.window, params.oversold, params.leave) == (21, 25.0, 60.0)
    assert isinstance(params.window, int)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ema_cross", {"fast": 60}),
        ("macd_cross", {"fast": 30}),
        ("adx_trend", {"weak": 30}),
        ("donchian_breakout", {"leave": 30}),
        ("funding_carry", {"normal_bps": 4}),
        ("quiet_pullback", {"fast": 300}),
        ("zscore_reversion", {"far": 0.1, "leave": -1}),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(name, given):
    with pytest.raises(UsageError, match=rf"{name}\.\w+ must be"):
        catalogue.load(name).with_params(given)


def test_exit_before_the_entry_is_refused_where_the_bounds_allow_it():
    params = catalogue.load("rsi_reversion").params
    with pytest.raises(UsageError, match="leave must be above oversold"):
        params(oversold=49.0, leave=49.0)
