"""The exchange is a second implementation: it could not copy from the first if it wanted to."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from tests.shared import ROOT

_CORE = ("core.exchange", "matchers.lockstep", "matchers.model", "matchers.path")


def test_importing_the_exchange_imports_nothing_of_what_it_checks() -> None:
    modules = ", ".join(f"vigie_sandbox.exchange.{name}" for name in _CORE)
    script = f"import sys, {modules}; print(*[name for name in sys.modules if name.startswith('vigie')])"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = answer.stdout.split()
    wings = {name.split(".")[1] for name in loaded if name.startswith("vigie.")}
    assert wings == {"domain", "version"}
    assert {name.partition(".")[0] for name in loaded} == {"vigie", "vigie_sandbox"}


def test_the_contract_of_imports_forbids_it() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (sandbox,) = [one for one in contracts if one.get("source_modules") == ["vigie_sandbox"]]
    assert sandbox["type"] == "forbidden"
    assert {"vigie.engine", "vigie.trading", "vigie.ports"} <= set(sandbox["forbidden_modules"])
    assert "ignore_imports" not in sandbox
