"""A process of its own that sets a template with typst: data goes in as JSON, a PDF/UA-1 file comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from vigie.domain.errors import ConfigError

_PROCESS: Final = "vigie.adapters.printing.typst_process"
_MOST_SECONDS: Final = 60
_TOLD: Final = 400


def has_typst() -> bool:
    """Tell whether typst is installed; it is not loaded."""
    return find_spec("typst") is not None


def set_pages(template: str, folder: Path, data: Mapping[str, object]) -> bytes:
    """Return a PDF of a template beside this module.

    Parameters
    ----------
    template : str
        Name of its file.
    folder : Path
        Where the shipped fonts lie.
    data : mapping
        What the template reads; what can be written as JSON.

    Raises
    ------
    ConfigError
        If typst refuses, with what it said.
    """
    asked = {"template": template, "fonts": str(folder), "data": data}
    done = subprocess.run(
        [sys.executable, "-m", _PROCESS],
        input=json.dumps(asked, ensure_ascii=False).encode(),
        capture_output=True,
        timeout=_MOST_SECONDS,
        check=False,
    )
    if done.returncode:
        raise ConfigError(
            "report_not_printed",
            "typst could not print: {said}",
            said=done.stderr.decode(errors="replace")[-_TOLD:],
        )
    return done.stdout
