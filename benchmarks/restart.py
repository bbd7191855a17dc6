"""How long a killed trading process takes to be ready again: kill -9, the same command, the line ``ready``.

``python -m benchmarks.restart`` trades at the simulated exchange in demo mode, in a home of its own, kills the process
as often as ``--times`` says and prints the seconds from each kill to ``ready``. Linux only: elsewhere nobody can prove
that the killed process is dead, and its right to trade is waited for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

GOAL_S: Final = 10.0
READY: Final = "ready: "
FILE: Final = """
[account]
mode = "portfolio"
capital = 5_000

[venue]
id = "bitget-perp"
mode = "demo"

[[slots]]
instruments = ["BTC", "ETH", "SOL"]
timeframe = "15m"
strategy = "macd_cross"
"""


@contextmanager
def process(*words: str, home: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of Vigie until the block ends."""
    environ = {**os.environ, "VIGIE_HOME": str(home), **settings}
    one = subprocess.Popen(
        [sys.executable, "-u", "-m", "vigie", *words], env=environ, cwd=home, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield one
    finally:
        one.kill()
        one.wait()


def until(told: IO[str] | None, word: str) -> str:
    """Read lines until one begins with a word, and return it."""
    seen = []
    for line in told or ():
        seen.append(line)
        if line.startswith(word):
            return line
    raise SystemExit(f"{word!r} was never said:\n{''.join(seen)}")


def main() -> None:
    """Kill and start again, and print how long each took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=5)
    times = asked.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        file = home / "run.toml"
        file.write_text(FILE, encoding="utf-8")
        opened = ("sandbox", "exchange", "--port", "0", "--control-port", "0")
        with process(*opened, home=home) as exchange:
            address, *key, _ = (until(exchange.stdout, "").strip() for _ in range(5))
            names = (f"VIGIE_BITGET_{name}" for name in ("KEY", "SECRET", "PASSPHRASE"))
            keys = dict(zip(names, key, strict=True))
            words = ("trade", "run", str(file), "--url", address)
            took = []
            for number in range(times + 1):
                begun = time.monotonic()
                with process(*words, home=home, **keys) as trader:
                    until(trader.stdout, READY)
                    if number:
                        took.append(time.monotonic() - begun)
                        print(f"{took[-1]:.1f} s", flush=True)
    slowest = max(took)
    print(f"median {statistics.median(took):.1f} s, slowest {slowest:.1f} s, goal {GOAL_S:g} s")
    raise SystemExit(0 if slowest <= GOAL_S else 1)


if __name__ == "__main__":
    main()
