"""Pin and hash all requirement files anew: `python tools/lock.py [--upgrade]`.

No file may name an index, so that they install through any.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = ("pyproject.toml", "requirements/bootstrap.in")
SETS = {
    "bootstrap": ("requirements/bootstrap.in",),
    # With the venues and PDF files: the desk is live from its first start, and its letters have their PDF.
    "run": (*COMMON, "--extra", "live", "--extra", "pdf"),
    "all": (*COMMON, "--extra", "all"),
    "test": (*COMMON, "--extra", "all", "--group", "test", "--group", "docs"),
    "bench": ("requirements/bench.in",),
    # Makes the client that docs/web.md shows; in an environment of its own, for it holds another typer.
    "client": ("requirements/client.in",),
    # Only where the machine has no node.
    "node": ("requirements/node.in",),
}
OPTIONS = (
    "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
)  # fmt: skip


def main() -> int:
    """Write every set; 1 when one cannot be resolved."""
    uv = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    for name, inputs in SETS.items():
        print(f"vigie: pinning requirements/{name}.txt", flush=True)
        command = [
            str(uv),
            "pip",
            "compile",
            *OPTIONS,
            *sys.argv[1:],
            *inputs,
            "-o",
            f"requirements/{name}.txt",
        ]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
