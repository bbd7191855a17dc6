"""The workflow that runs the tests elsewhere: it says what the project says, and nothing in it can change or hang."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib

import pytest
import yaml

from tests.architecture.source_tree import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "test.yml"
TEXT = WORKFLOW.read_text(encoding="utf-8")
JOBS = yaml.safe_load(TEXT)["jobs"]
STEPS = [pytest.param(job, step, id=f"{name}: {step.get('name') or step['uses']}")
         for name, job in JOBS.items() for step in job["steps"]]  # fmt: skip
# What runs until somebody stops it.
ENDLESS = re.compile(r"\b(make\b[^\n;&|]*\bdemo|vigie (up|serve|work|collect|demo))\b(?! backtest)([^\n]*)")


def test_actions_are_pinned_to_a_commit_with_its_release_beside_it():
    used = re.findall(r"uses: (.*)", TEXT)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", one)] == []


def test_the_tests_run_on_three_systems_and_every_python_the_package_names():
    matrix = JOBS["test"]["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [word.rpartition(" ")[2] for word in project["classifiers"] if ":: Python :: 3." in word]
    assert matrix["python"] == named


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_a_job_may_only_read_and_ends_in_time(job):
    assert job["permissions"] == {"contents": "read"}
    assert 0 < job["timeout-minutes"] <= 45
    # Steps are written for bash, which Windows has but does not take by itself.
    assert job["runs-on"].startswith("ubuntu") or job["defaults"]["run"]["shell"] == "bash"


@pytest.mark.parametrize(("job", "step"), STEPS)
def test_a_step_is_a_script_that_bash_reads_with_targets_that_exist(job, step):
    script = step.get("run", "")
    assert bool(script) != ("uses" in step)
    plain = re.sub(r"\$\{\{[^}]*\}\}", "x", script)
    read = subprocess.run(["bash", "-n"], input=plain, capture_output=True, text=True, check=False)
    assert read.stderr == ""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    asked = re.findall(r"\bmake (?:\w+=\S+ )*([a-z]+)", script)
    assert [one for one in asked if one not in targets] == []
    given = set(re.findall(r"\$\{\{ matrix\.(\w+) \}\}", str(step)))
    assert given <= set(job.get("strategy", {}).get("matrix", {}))


def test_help_is_written_with_tools_that_every_system_has():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"\bsed\b.*\\[tn]", text) == []  # macOS writes a letter there
    # As from a shell, whatever runs the tests: a make within another one says where it is.
    given = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(
        ["make", "help"], cwd=ROOT, env=given, capture_output=True, text=True, check=True
    ).stdout
    told = dict(line.split(maxsplit=2)[1:] for line in said.splitlines())
    assert told == dict(re.findall(r"^([a-z]+):.*## (.*)$", text, re.M))


@pytest.mark.parametrize(("job", "step"), STEPS)
def test_what_never_ends_by_itself_runs_beside_the_step(job, step):
    waited_for = [
        match[0] for match in ENDLESS.finditer(step.get("run", "")) if "&" not in match[3].replace("&1", "")
    ]
    assert waited_for == []


@pytest.mark.parametrize(
    ("script", "hangs"),
    [
        ("make PYTHON=python demo", True),
        ("vigie up >log.txt 2>&1", True),
        ("make demo >demo.txt 2>&1 & demo=$!", False),
        ("vigie demo backtest --out r", False),
        ("make docs", False),
    ],
)
def test_a_planted_step_that_never_ends_is_found(script, hangs):
    found = [match for match in ENDLESS.finditer(script) if "&" not in match[3].replace("&1", "")]
    assert bool(found) == hangs


def test_the_script_that_runs_here_is_read_by_bash_and_ends_with_what_the_workflow_runs():
    script = ROOT / ".ci" / "run"
    assert subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False).stderr == ""
    assert "make test" in script.read_text(encoding="utf-8")
    assert any("make PYTHON=python test" in step.get("run", "") for step in JOBS["test"]["steps"])


def test_readers_are_told_of_every_target_of_make():
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    told = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    assert len(targets) > 12
    assert [target for target in targets if not re.search(rf"\bmake {target}\b", told)] == []
