"""A whole demonstration, as a person starts it, for what looks at it from outside: benchmarks, Lighthouse, scenes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STOP_S = 60


@contextmanager
def demonstration(home: Path, port: int) -> Iterator[str]:
    """Run `vigie demo` and give its link, which nobody has opened; its data lies beside `home`, in ``<home>-demo``."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "vigie", "demo", "--port", str(port)],
        env={**os.environ, "VIGIE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert demo.stdout is not None
        link = demo.stdout.readline().strip()
        if "/link/" not in link:
            raise SystemExit("the demonstration did not start")
        yield link
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(STOP_S)
