"""Installing: once, the widest set that was asked for, with cause and cure when it fails; skips in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.conftest import skip_is_allowed

sys.path.insert(0, str(ROOT / "tools"))

import install
import run_tests


class FakePrograms:
    """Stands for pip and uv: remembers what was called, fails where it is told to."""

    def __init__(self, broken=()):
        self.calls = []
        self.broken = broken

    def __call__(self, *command):
        words = [str(part) for part in command]
        self.calls.append(words)
        if any(word in " ".join(words) for word in self.broken):
            raise install.InstallFailed("it broke:\nno index", install.NO_INDEX)
        return "3.13.0\n"

    def names(self):
        """Return what was installed, in order."""
        return [word for words in self.calls for word in words if word.endswith(".txt")]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with requirement files and an environment that works."""
    for name in ("bootstrap", "run", "all", "test", "bench"):
        path = tmp_path / "requirements" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{name}==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    for place in (".venv", ".test-venv", ".bench-venv"):
        python = install.interpreter(tmp_path / place)
        python.parent.mkdir(parents=True)
        python.write_text("", encoding="utf-8")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "REQUIREMENTS", tmp_path / "requirements")
    return tmp_path


def installed(monkeypatch, *names, broken=()):
    """Install sets one after the other; return the requirement files that were used."""
    programs = FakePrograms(broken)
    monkeypatch.setattr(install, "run", programs)
    for name in names:
        install.install(name)
    return [name.rpartition("requirements")[2][1:] for name in programs.names()]


def test_a_second_run_installs_nothing(checkout, monkeypatch):
    assert installed(monkeypatch, "run", "run") == ["bootstrap.txt", "run.txt"]


def test_a_changed_requirement_file_is_installed_again(checkout, monkeypatch):
    installed(monkeypatch, "run")
    (checkout / "requirements" / "run.txt").write_text("run==2\n", encoding="utf-8")
    assert installed(monkeypatch, "run") == ["bootstrap.txt", "run.txt"]


def test_the_demo_keeps_what_the_wider_installation_brought(checkout, monkeypatch):
    assert installed(monkeypatch, "all", "run") == ["bootstrap.txt", "all.txt"]


@pytest.mark.parametrize(("place", "is_made"), [(".test-venv", True), (".venv", False)])
def test_an_environment_of_another_python_is_made_again_for_tests_alone(
    checkout, monkeypatch, place, is_made
):
    made = []
    monkeypatch.setattr(install, "run", FakePrograms())
    monkeypatch.setattr(install.venv, "create", lambda found, **_: made.append(found))
    (checkout / place / "pyvenv.cfg").write_text(f"home = {checkout / 'other'}\n", encoding="utf-8")
    assert install.make_environment(checkout / place) == "3.13.0"
    assert made == ([checkout / place] if is_made else [])


@pytest.mark.parametrize("place", [".test-venv", ".venv"])
def test_an_environment_of_this_python_stays(checkout, monkeypatch, place):
    monkeypatch.setattr(install, "run", FakePrograms())
    home = Path(sys._base_executable).parent
    (checkout / place / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3\n", encoding="utf-8")
    # One that is made would say so: this folder holds no Python that could make it.
    monkeypatch.setattr(install.venv, "create", lambda found, **_: pytest.fail(f"{found} was made again"))
    assert install.make_environment(checkout / place) == "3.13.0"


def test_tests_take_nothing_from_the_environment_of_a_desk_that_runs(checkout, monkeypatch):
    installed(monkeypatch, "run")
    desk = checkout / ".venv"
    before = {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()}
    programs = FakePrograms()
    monkeypatch.setattr(install, "run", programs)
    install.install("test")
    assert (checkout / ".test-venv" / install.STAMP).exists()
    assert {path: path.read_bytes() for path in desk.rglob("*") if path.is_file()} == before
    assert [words for words in programs.calls if any(str(desk) in word for word in words)] == []
    assert any(str(checkout / ".test-venv") in word for words in programs.calls for word in words)


def test_no_target_of_make_that_runs_tests_uses_the_environment_of_the_desk():
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = [line.strip() for line in make.splitlines() if line.startswith("\t")]
    assert make.count("\nPY := .test-venv/") == 1
    assert {line for line in recipes if "$(BIN)" in line} == {
        "@$(BIN)/vigie demo", '@echo "vigie: ready; try $(BIN)/vigie --help"'
    }  # fmt: skip


def test_what_an_earlier_version_installed_for_tests_is_kept_for_the_desk(checkout, monkeypatch):
    monkeypatch.setitem(install.PLACES, "test", ".venv")
    assert installed(monkeypatch, "test", "run", "all") == ["bootstrap.txt", "test.txt"]


def test_benchmarks_have_an_environment_of_their_own_without_vigie(checkout, monkeypatch):
    installed(monkeypatch, "bench")
    assert (checkout / ".bench-venv" / install.STAMP).exists()
    assert not (checkout / ".venv" / install.STAMP).exists()


def test_pip_takes_over_where_uv_finds_no_index(checkout, monkeypatch, capsys):
    assert installed(monkeypatch, "run", broken=("pip sync",)) == ["bootstrap.txt", "run.txt", "run.txt"]
    assert "trying pip" in capsys.readouterr().out


def test_a_failed_installation_is_not_taken_for_done(checkout, monkeypatch):
    with pytest.raises(install.InstallFailed):
        installed(monkeypatch, "run", broken=("run.txt",))
    assert not (checkout / ".venv" / install.STAMP).exists()


@pytest.mark.parametrize(
    ("printed", "cure"),
    [("OSError: [Errno 28] No space left on device", "make room"), ("Could not fetch URL", "package index"),
     ("THESE PACKAGES DO NOT MATCH THE HASHES", "unmodified mirror"), ("Permission denied: x", "owns this folder")],
)  # fmt: skip
def test_a_failure_says_cause_and_cure(printed, cure):
    with pytest.raises(install.InstallFailed) as failure:
        install.run(sys.executable, "-c", f"import sys; sys.exit({printed!r})")
    assert printed in str(failure.value)
    assert cure in failure.value.cure


def test_installers_run_without_what_would_spoil_them(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "kept")
    assert "PYTHONDONTWRITEBYTECODE" not in install.environment()
    assert install.environment()["PIP_INDEX_URL"] == "kept"


@pytest.mark.skipif(os.name == "nt", reason="only on POSIX: a search path of two programs")
def test_no_python_is_refused_with_a_cure(tmp_path):
    shell = subprocess.run(["/bin/sh", "-c", "command -v sh"], capture_output=True, text=True, check=True)
    (tmp_path / "sh").symlink_to(shell.stdout.strip())
    cat = subprocess.run(["/bin/sh", "-c", "command -v cat"], capture_output=True, text=True, check=True)
    (tmp_path / "cat").symlink_to(cat.stdout.strip())
    command = ["/bin/sh", str(ROOT / "tools" / "find-python.sh")]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "apt-get install python3 python3-venv" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: a search path with the system's programs")
@pytest.mark.parametrize("named", [False, True])
def test_the_systems_python_comes_first_of_its_version_unless_another_is_named(tmp_path, named):
    script = ROOT / "tools" / "find-python.sh"
    names = script.read_text(encoding="utf-8").partition("${PYTHON:-} ")[2].partition(";")[0].split()
    looks = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    systems = [
        place
        for place in map(Path("/usr/bin").joinpath, names)
        if place.exists()
        and subprocess.run([place, "-c", looks], capture_output=True, check=False).returncode == 0
    ]
    other = tmp_path / (systems[0].name if systems else "python3")
    other.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    other.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"} | ({"PYTHON": other.name} if named else {})
    done = subprocess.run(["/bin/sh", str(script)], env=environ, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == ([other] if named else [*systems, other])[0]


def test_the_closing_line_counts_passed_and_failed():
    tally = run_tests.Tally(passed=12, failed=1, skipped=2)
    assert tally.line(61.4) == "12 passed, 1 failed, 2 skipped in 61 s"


def test_a_check_beside_others_counts_and_says_what_it_found_at_their_end(capfd):
    tally = run_tests.Tally()
    for title, code in (("one", "print('as it should be')"), ("two", "raise SystemExit('a fault')")):
        with run_tests.beside(tally, title, "-c", code):
            print(f"beside {title}", flush=True)
    assert (tally.passed, tally.failed, tally.lost) == (1, 1, ["two"])
    said = capfd.readouterr().out
    assert said.index("beside one") < said.index("as it should be") < said.index("--- one: ok")
    assert said.index("beside two") < said.index("a fault") < said.index("--- two: failed (1)")


def test_results_of_pytest_are_counted(tmp_path):
    report = tmp_path / "tests.xml"
    report.write_text(
        '<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>',
        encoding="utf-8",
    )
    assert run_tests.counted(report) == (3, 2, 2)
    assert run_tests.counted(tmp_path / "none.xml") == (0, 0, 0)


@pytest.mark.parametrize(
    ("environ", "reason", "allowed"),
    [
        ({}, "anything", True),
        ({"CI": "true"}, "real data not found at /data; set VIGIE_SHARED", False),
        (
            {"CI": "true", "VIGIE_ALLOWED_SKIPS": "shared"},
            "real data not found at /data; set VIGIE_SHARED",
            True,
        ),
        ({"CI": "true", "VIGIE_ALLOWED_SKIPS": "shared"}, "Chromium is missing", False),
        ({"CI": "true", "VIGIE_ALLOWED_SKIPS": "shared, browser"}, "axe-core is missing; run npm ci", True),
        ({"CI": "true"}, "only on Windows", True),
        ({"CI": "true"}, "some day", False),
    ],
)
def test_skips_fail_in_ci_unless_their_group_is_named(environ, reason, allowed):
    assert skip_is_allowed(reason, environ) is allowed
