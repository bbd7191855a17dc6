"""What the scan of a strategy's source finds, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vigie.trading import catalogue
from vigie.trading.outside import outside_uses, runtime_watch


def said(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "one.py"
    path.write_text(text, encoding="utf-8")
    return outside_uses(path)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import os, numpy", "imports os"),
        ("from pathlib import Path", "imports pathlib"),
        ("import pickle", "imports pickle"),
        ("import numpy.random as chance", "imports numpy.random"),
        ("import importlib.util", "imports importlib.util"),
        ("known = np.load('closes.npy')", "uses np.load"),
        ("np.save('closes.npy', known)", "uses np.save"),
        ("bars.close.tofile('x')", "calls .tofile()"),
        ("frame = pl.read_parquet('x')", "calls .read_parquet()"),
        ("whole = bars.close.base", "uses .base"),
        ("bars.close.setflags(write=True)", "calls .setflags()"),
        ("bars.close.flags.writeable = True", "uses .writeable"),
        ("globals()['x'] = 1", "calls globals()"),
        ("whole = getattr(bars.close, 'ba' + 'se')", "asks for an attribute whose name is not written out"),
        ("whole = getattr(bars.close, 'base')", "uses .base"),
        ("setattr(math, 'seen', 1)", "calls setattr()"),
        ("ask = getattr", "gives getattr another name"),
        ("ways = [open]", "gives open another name"),
        ("kept = math.sys.modules", "uses .sys"),
        ("object.__setattr__(bars, 'close', 1)", "uses .__setattr__"),
        ("math.seen = 1", "keeps math between calls"),
        ("import vigie", "imports vigie"),
        ("from vigie import bars as stored", "imports vigie.bars"),
        ("import vigie.quant.compare; whole = vigie.bars('BTC', '4h')", "uses vigie.bars"),
        ("from vigie.api import bars", "imports vigie.api"),
        ("from vigie.wiring.news import newsroom", "imports vigie.wiring.news"),
        ("import vigie.reading", "imports vigie.reading"),
        ("from vigie import data", "imports vigie.data"),
        ("from vigie.trading import ledger", "imports vigie.trading.ledger"),
        ("import linecache", "imports linecache"),
        ("import codecs", "imports codecs"),
        ("import duckdb", "imports duckdb"),
        ("import pyarrow.parquet as pq", "imports pyarrow.parquet"),
        ("from . import other", "imports ."),
        ("from math import *", "imports math.*"),
        ("whole = pl.read_ipc('x')", "calls .read_ipc()"),
        ("whole = pl.scan_ndjson('x')", "calls .scan_ndjson()"),
        ("ask = pl.read_ndjson", "uses pl.read_ndjson"),
        ("import polars as p; ask = p.read_ndjson", "uses p.read_ndjson"),
        ("from polars import read_ipc", "imports polars.read_ipc"),
        ("from polars import SQLContext", "imports polars.SQLContext"),
        ("whole = pl.sql('select * from x')", "calls .sql()"),
        ("from numpy import load as ask", "imports numpy.load"),
        ("import numpy as n; ask = n.load", "uses n.load"),
        ("ask = np.lib.npyio.load", "uses np.lib.npyio"),
        ("import statistics; chance = statistics.random.random()", "uses statistics.random"),
        ("import json; ask = json.codecs.open", "uses json.codecs"),
        ("from vigie.domain.time import re; other = re.copyreg", "uses re.copyreg"),
        ("other = np; ask = other.fromfile", "uses other.fromfile"),
        ("from datetime import datetime; ask = datetime.now", "uses datetime.now"),
        ("ask = getattr(pl, 'read_ipc')", "uses polars.read_ipc"),
        ("whole = getattr(np, 'load')('x')", "uses numpy.load"),
        ("from operator import methodcaller", "imports operator.methodcaller"),
    ],
)
def test_what_reads_the_outside_is_found_with_its_line(tmp_path: Path, line: str, found: str):
    assert f"line 2: {found}" in said(tmp_path, f"import math\n{line}\n")


def test_a_pattern_that_asks_for_what_lies_behind_is_found(tmp_path: Path):
    text = "match bars.close:\n    case np.ndarray(base=behind): ...\n"
    assert said(tmp_path, text) == ["line 2: uses .base"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("SEEN[1] = bars", "SEEN"),
        ("SEEN.update(a=bars)", "SEEN"),
        ("SEEN[0].append(bars)", "SEEN"),
        ("global LAST; LAST = bars", "LAST"),
        ("SEEN.kept = bars", "SEEN"),
        ("del SEEN[1]", "SEEN"),
        ("np._whole = bars", "np"),
        ("np.lib._whole[0] = bars", "np"),
        ("np.ma.seen.append(bars)", "np"),
        ("other = np; other._whole = bars", "other"),
        ("Bars.whole = bars", "Bars"),
        ("criteria.whole = bars", "criteria"),
        ("Params.seen.append(bars)", "Params"),
        ("def inner(x, seen=[]): seen.append(x)", "seen"),
        ("def inner(x, *, seen={}): seen[1] = x", "seen"),
    ],
)
def test_what_is_kept_between_calls_is_found(tmp_path: Path, body: str, name: str):
    lines = (
        "import numpy as np; from vigie.domain.bar import Bars; SEEN = {}",
        "class Params: seen = []",
        "LAST = None",
        "def criteria(bars, params):",
        f"    {body}",
    )
    assert said(tmp_path, "\n".join(lines)) == [f"line 5: keeps {name} between calls"]


def test_names_of_the_function_itself_may_be_written_to(tmp_path: Path):
    lines = ("out = bars.close.copy()", "out[0] = WIDTHS[1]", "HERE = []", "HERE.append(out)")
    text = "WIDTHS = [1, 2]\n\ndef criteria(bars, params):\n    " + "\n    ".join(lines)
    assert said(tmp_path, text) == []


@pytest.mark.parametrize(
    "body",
    [
        "out = np.append(bars.open, np.ma.append(bars.open, 1.0))",
        "atr = atr(bars).copy(); atr[0] = 1.0",
        "open = bars.open; up = np.maximum(open, params.os)",
        "width = getattr(params, 'width', 3)",
        "def step(state, width=3, way=-1): state.high = width",
    ],
)
def test_what_only_looks_like_it_is_let_pass(tmp_path: Path, body: str):
    imports = "import numpy as np\nfrom vigie.quant.indicators.atr import atr"
    assert said(tmp_path, f"{imports}\n\ndef criteria(bars, params):\n    {body}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "import math, statistics, typing, numpy.typing as npt",
        "import polars as pl; slow = pl.DataFrame({'close': bars.close}).select(pl.col('close').rolling_mean(9))",
        "from numpy.lib.stride_tricks import sliding_window_view",
        "windows = np.lib.stride_tricks.sliding_window_view(bars.close, 9)",
        "import numba; step = numba.njit(cache=True)",
        "from collections.abc import Sequence",
        "from functools import partial, reduce; import itertools",
        "from scipy.signal import lfilter; import pandas as pd; slow = pd.Series(bars.close).rolling(9).mean()",
        "from vigie.quant import compare, rolling; from vigie.quant.indicators.ema import ema",
        "from vigie.trading.strategies.ema_cross import Params",
        "from datetime import UTC, datetime; day = datetime.fromtimestamp(0, UTC)",
        "import vigie.quant.compare; up = vigie.quant.compare.above(bars.close, bars.open)",
    ],
)
def test_what_calculates_may_be_imported(tmp_path: Path, line: str):
    assert said(tmp_path, f"import numpy as np\n{line}\n") == []


@pytest.mark.parametrize(
    ("path", "is_met"),
    [
        ("/proc/stat", False),
        ("/proc/1/mem", True),
        (np.__file__, False),
        ("bars/closes.parquet", True),
        (b"vigie.sqlite", True),
        (3, False),
    ],
)
def test_what_libraries_ask_of_the_system_is_none_of_a_strategys_reading(path: object, is_met: bool):
    assert bool(runtime_watch._describe_open(path, ("/usr/",))) is is_met


@pytest.mark.parametrize("path", catalogue.available().values(), ids=lambda path: path.stem)
def test_shipped_strategies_read_bars_and_parameters_only(path: Path):
    assert outside_uses(path) == []
