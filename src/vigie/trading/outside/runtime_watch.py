"""What a strategy opens while it is judged in a process of its own: files, databases, the network, programs.

Takes nothing; gives a list that grows by one line for each thing that is neither Python's own nor code. What a
library opens without telling Python (the readers of polars, say) is not seen here, only by the scan of the source.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

from vigie.compiled import cache_folder
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal

_CODE_ENDINGS: Final = (".py", ".pyc", ".so", ".pth")
# Libraries that share work among threads ask the system how many there may be.
_SYSTEM_FILES: Final = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", os.devnull)
# Told by Python with what they lead to.
_FORBIDDEN_EVENTS: Final = {
    "sqlite3.connect": Refusal("opened_database", "opened a database"),
    "socket.__new__": Refusal("used_network", "used the network"),
    "socket.getaddrinfo": Refusal("used_network", "used the network"),
    "subprocess.Popen": Refusal("started_program", "started a program"),
    "os.exec": Refusal("started_program", "started a program"),
    "os.fork": Refusal("started_program", "started a program"),
    "os.posix_spawn": Refusal("started_program", "started a program"),
    "os.spawn": Refusal("started_program", "started a program"),
    "os.system": Refusal("started_program", "started a program"),
}
# Every part of Vigie that leads to stored data.
_DATA_MODULES: Final = (
    "vigie.adapters", "vigie.api", "vigie.api_research", "vigie.config", "vigie.data",
    "vigie.ports", "vigie.reading", "vigie.run_file", "vigie.services", "vigie.views",
    "vigie.wiring",
)  # fmt: skip


def watch_process() -> list[str]:
    """Watch this process from now on, for as long as it lives; return where what is met is written.

    What is met raises as well, so that nothing is read; a strategy may swallow that, not the line.

    Returns
    -------
    list of str
        Empty at first; each entry is a `Refusal` such as ``opened /tmp/prices.csv``.
    """
    violations: list[str] = []
    roots = tuple(f"{root}{os.sep}" for root in _allowed_roots())

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        violation = _describe_event(event, arguments, roots)
        if violation:
            violations.append(violation)
            raise UsageError(
                "strategy_during_check", "a strategy {violation} during its check", violation=violation
            )

    sys.addaudithook(hear)
    return violations


def _describe_event(event: str, arguments: tuple[Any, ...], roots: tuple[str, ...]) -> str:
    if event == "open":
        return _describe_open(arguments[0], roots)
    if event == "import":
        return (
            Refusal("loaded", "loaded {arguments}", arguments=arguments[0])
            if _reaches_data(str(arguments[0]))
            else ""
        )
    return _FORBIDDEN_EVENTS.get(event, "")


def _describe_open(path: Any, roots: tuple[str, ...]) -> str:
    if not isinstance(path, str | bytes):
        return ""
    name = os.path.realpath(os.fsdecode(path))
    is_code = name.endswith(_CODE_ENDINGS) or "__pycache__" in name
    return (
        ""
        if is_code or name in _SYSTEM_FILES or name.startswith(roots)
        else Refusal("opened", "opened {name}", name=name)
    )


def _reaches_data(module: str) -> bool:
    return any(module == name or module.startswith((f"{name}.", f"{name}_")) for name in _DATA_MODULES)


def _allowed_roots() -> set[str]:
    """Return where Python, its packages and compiled code lie."""
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    allowed = (sys.prefix, sys.base_prefix, *packages, "/usr", "/etc", "/sys", str(cache_folder()))
    return {os.path.realpath(path) for path in allowed}
