"""The example plug-ins, built as wheels and unpacked as an installer does; nothing is fetched."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.shared import ROOT
from vigie.adapters.plugins.loading import PluginFinder

EXAMPLES = ROOT / "examples" / "plugins"


def install(target: Path, names: Sequence[str]) -> Path:
    """Build the wheels of example plug-ins and unpack them into a folder; return it."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        wheels = target.parent / f"wheels-{name}"
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)],
            cwd=EXAMPLES / name,
            check=True,
            capture_output=True,
        )
        (wheel,) = wheels.glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(target)
    return target


@contextmanager
def forgetting() -> Iterator[None]:
    """Forget, when the block ends, the plug-ins that were loaded in it: each process loads one once."""
    try:
        yield
    finally:
        finders = [finder for finder in sys.meta_path if isinstance(finder, PluginFinder)]
        for finder in finders:
            sys.meta_path.remove(finder)
        loaded = {finder.module for finder in finders}
        for name in [name for name in sys.modules if name.partition(".")[0] in loaded]:
            del sys.modules[name]
