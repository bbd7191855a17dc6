"""The first run compiles the figures in a second process; later runs start none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from vigie.compiled import cache_folder
from vigie.services import first_run


def test_an_empty_cache_is_a_first_run_and_a_kept_function_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("VIGIE_CACHE_DIR", str(tmp_path))
    assert first_run.is_first()
    kept = cache_folder() / "quant" / "some.nbi"
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert not first_run.is_first()


def test_nothing_is_started_when_functions_are_kept(monkeypatch: pytest.MonkeyPatch):
    def started(*words: object, **more: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(first_run, "is_first", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", started)
    with first_run.compiling_beside():
        pass


def test_the_second_process_is_gone_when_the_run_ends_however_it_ends(monkeypatch: pytest.MonkeyPatch):
    begun: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def kept(*words: object, **more: object) -> subprocess.Popen[bytes]:
        begun.append(popen(*words, **more))
        return begun[-1]

    monkeypatch.setattr(first_run, "is_first", lambda: True)
    monkeypatch.setattr(subprocess, "Popen", kept)
    with pytest.raises(ValueError, match="stop"), first_run.compiling_beside():
        raise ValueError("stop")
    assert [one.returncode is not None for one in begun] == [True]


def test_what_it_compiles_is_what_a_run_needs():
    first_run.compile_figures()
