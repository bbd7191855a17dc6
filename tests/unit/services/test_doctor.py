"""What the doctor finds, and the cure."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.data.material import FakeClock, make_bars, make_desk
from tests.unit.services.strategy_material import write
from vigie.data.frames import to_frame
from vigie.domain.errors import StorageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services import doctor
from vigie.services.doctor import GIGABYTE, MEGABYTE, Machine, examine, is_fit, read_machine

SOUND = Machine((3, 12, 4), 4, 16 * GIGABYTE, 8 * GIGABYTE)


def found(tmp_path: Path, check: str, *, machine: Machine = SOUND, home: Path | None = None, **more: object):
    folder = home or tmp_path / "home"
    desk = more.pop("desk", None) or make_desk(folder)
    cache = more.pop("cache", tmp_path / "cache" / "kernel-1")
    (one,) = [d for d in examine(desk, folder, machine=machine, cache=cache, **more) if d.check == check]
    return one


def test_checks_come_in_the_order_a_person_would_look(tmp_path: Path):
    checks = [
        one.check for one in examine(make_desk(tmp_path), tmp_path, machine=SOUND, cache=tmp_path / "c")
    ]
    assert checks == [
        "python", "cores", "memory", "disk", "home", "data", "kernel cache", "strategies",
        "ccxt", "optuna", "distributed", "apprise",
    ]  # fmt: skip


def test_this_machine_can_be_read():
    machine = read_machine()
    assert machine.python == sys.version_info[:3]
    assert machine.cores >= 1
    assert 0 < machine.memory_free_bytes <= machine.memory_bytes


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 10, 9), "fail"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "warning")],
)
def test_python_is_one_of_those_tested(tmp_path, version, status):
    one = found(tmp_path, "python", machine=replace(SOUND, python=version))
    assert one.status == status
    assert ("Python 3.11 to 3.13" in one.cure) == (status != "ok")


@pytest.mark.parametrize(("cores", "status"), [(1, "warning"), (2, "ok")])
def test_one_core_is_few(tmp_path, cores, status):
    assert found(tmp_path, "cores", machine=replace(SOUND, cores=cores)).status == status


@pytest.mark.parametrize(
    ("free", "status"), [(255 * MEGABYTE, "fail"), (256 * MEGABYTE, "warning"), (GIGABYTE, "ok")]
)
def test_little_memory_is_said(tmp_path, free, status):
    one = found(tmp_path, "memory", machine=replace(SOUND, memory_free_bytes=free))
    assert one.status == status
    assert "of 16.0 GB" in one.detail
    assert bool(one.cure) == (status != "ok")


@pytest.mark.parametrize(
    ("free", "status"), [(99 * MEGABYTE, "fail"), (100 * MEGABYTE, "warning"), (GIGABYTE, "ok")]
)
def test_little_room_on_the_disk_of_the_home_is_said(tmp_path, monkeypatch, free, status):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    one = found(tmp_path, "disk", home=tmp_path / "not" / "there" / "yet")
    assert one.status == status
    assert ("VIGIE_HOME" in one.cure) == (status != "ok")


def test_home_is_probed_and_left_as_it_was(tmp_path: Path):
    home = tmp_path / "not" / "there"
    assert found(tmp_path, "home", home=home) == doctor.Diagnosis(
        "home", "ok", f"{home}, created when first needed"
    )
    assert not home.parent.exists()
    (tmp_path / "there").mkdir()
    assert found(tmp_path, "home", home=tmp_path / "there").detail == str(tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []


def test_home_that_cannot_be_written_fails_with_the_cure(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    one = found(tmp_path, "home", home=tmp_path / "file" / "home", desk=make_desk(tmp_path))
    assert one.status == "fail"
    assert "VIGIE_HOME" in one.cure


def desk_with(home: Path, age_ms: int):
    bars = make_bars(48)
    desk = make_desk(home, now=int(bars.ts[-1]) + bars.span_ms + age_ms)
    desk.bars.upsert(SeriesId("binance-perp", bars.instrument, "1h"), to_frame(bars))
    older = make_bars(20, instrument="eth-usdt-perp")
    desk.bars.upsert(SeriesId("binance-perp", older.instrument, "1h"), to_frame(older))
    return desk


@pytest.mark.parametrize(
    ("age_ms", "status", "said"), [(3 * HOUR_MS, "ok", "3.0 h old"), (10 * DAY_MS, "warning", "10 d old")]
)
def test_data_is_counted_and_its_newest_bar_has_an_age(tmp_path, age_ms, status, said):
    one = found(tmp_path, "data", desk=desk_with(tmp_path / "home", age_ms))
    assert one.status == status
    assert one.detail.startswith("2 series, ")
    assert said in one.detail


def test_no_data_and_damaged_data_name_the_cure(tmp_path: Path, monkeypatch):
    empty = found(tmp_path, "data")
    assert (empty.status, empty.detail) == ("warning", "no bars are stored")
    assert "vigie data import PATH" in empty.cure
    desk = desk_with(tmp_path / "home", 0)
    Path(desk.bars.holdings()[0].files[0]).write_bytes(b"no longer bars")
    damaged = found(tmp_path, "data", desk=desk)
    assert damaged.status == "fail"
    assert "vigie data check" in damaged.cure
    with pytest.raises(StorageError):
        desk.bars.read(desk.bars.holdings()[0].series)


def test_kernel_cache_of_these_sources_is_told_from_others(tmp_path: Path):
    cache = tmp_path / "cache" / "kernel-now"
    cold = found(tmp_path, "kernel cache", cache=cache)
    assert (cold.status, cold.detail) == ("warning", f"0 functions compiled in {cache}")
    assert "vigie doctor --warm" in cold.cure
    for folder, names in (
        (cache, ("isolated.run_isolated-1.py311.nbi", "x.f-2.py311.nbi")),
        (cache.with_name("kernel-old"), ("y.nbi",)),
    ):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_bytes(b"0" * MEGABYTE)
    half = found(tmp_path, "kernel cache", cache=cache)
    assert half.status == "warning"
    assert half.detail.startswith("2 functions compiled")
    (cache / "portfolio.run_portfolio-3.py311.nbi").write_bytes(b"0" * MEGABYTE)
    warm = found(tmp_path, "kernel cache", cache=cache)
    assert (warm.status, warm.cure) == ("ok", "")
    assert (
        warm.detail
        == f"3 functions of these sources, 3.0 MB in {cache}; 1 of other versions next to it, 1.0 MB"
    )


def test_kernel_cache_that_cannot_be_written_fails(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda _path, _mode: False)
    one = found(tmp_path, "kernel cache")
    assert one.status == "fail"
    assert "VIGIE_CACHE_DIR" in one.cure


def test_own_strategies_are_counted_and_broken_ones_named(tmp_path: Path):
    own = tmp_path / "own"
    write(own, "mine")
    assert found(tmp_path, "strategies", own=own).detail.endswith(" built-in, 1 own")
    path = write(own, "broken", ("TIMEFRAME =", "FRAME ="))
    one = found(tmp_path, "strategies", own=own)
    assert (one.status, one.cure) == ("warning", f"vigie strategy check {path}")
    assert "must define TIMEFRAME" in one.detail


def test_extra_that_is_missing_is_no_failure_and_says_how_to_get_it(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(doctor.util, "find_spec", lambda _name: None)
    for check, extra in (("ccxt", "live"), ("optuna", "ml"), ("distributed", "dask"), ("apprise", "apprise")):
        one = found(tmp_path, check)
        assert (one.status, one.detail) == ("warning", "not installed")
        assert f"vigie[{extra}]" in one.cure


def test_every_finding_that_is_not_well_has_a_cure_and_only_failures_make_unfit(tmp_path: Path):
    poor = Machine((3, 14, 0), 1, GIGABYTE, 300 * MEGABYTE)
    warned = examine(make_desk(tmp_path), tmp_path, machine=poor, cache=tmp_path / "c")
    assert all(bool(one.cure) == (one.status != "ok") for one in warned)
    assert is_fit(warned)
    assert not is_fit(examine(make_desk(tmp_path), tmp_path, machine=replace(poor, memory_free_bytes=0)))


def test_warming_runs_both_modes_and_says_how_long_on_the_wall(monkeypatch):
    modes = []
    real = doctor.execute

    def run(plans, account):
        modes.append((account.mode, account.protections is not None))
        return real(plans, account)

    class Clock(FakeClock):
        def wall_now(self) -> int:
            self.now += 1_500
            return self.now

    monkeypatch.setattr(doctor, "execute", run)
    monkeypatch.setattr(doctor, "simulated_market", lambda seed, bars: market(seed, bars))
    assert doctor.compile_all(Clock()) == 1.5
    assert modes == [("isolated", False), ("isolated", True), ("portfolio", True)]


def market(seed: int, bars: int):
    from vigie_sandbox.market import simulate_market

    return simulate_market(seed, ["BTC"], 1_704_067_200_000, bars * 24, "1h")
