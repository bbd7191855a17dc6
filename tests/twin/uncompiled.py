"""Runs all cases on the kernel and prints what differs; meant for ``NUMBA_DISABLE_JIT=1 python -m``."""

from __future__ import annotations

import json
import sys

import numba

from tests.twin.cases import differences, own_cases
from tests.twin.kernel_adapter import account_run, kernel_run
from tests.twin.shared_cases import shared_case, shared_cases, shared_differences


def main() -> None:
    """Print, as JSON, the differences of every case, shared and own, on both loops."""
    if not numba.config.DISABLE_JIT:
        raise SystemExit("compilation must be off, set NUMBA_DISABLE_JIT=1")
    said: dict[str, dict[str, list[str]]] = {"shared": {}, "own": {}}
    for raw in shared_cases():
        case = shared_case(raw)
        said["shared"][case.name] = [
            line
            for run in (kernel_run, account_run)
            for line in shared_differences(raw, run(case.slots, case.settings, None))
        ]
    for case in own_cases():
        said["own"][case.name] = [
            line
            for run in (kernel_run, account_run)
            for line in differences(case, run(case.slots, case.settings, case.protections))
        ]
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
