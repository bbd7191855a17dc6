"""Rewrite the table in README.md from a real run: ``python benchmarks/readme.py``.

Takes the bars found through VIGIE_SHARED (default ``../shared``); uses a home folder of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- table: begin (benchmarks/readme.py rewrites this) -->"
END = "<!-- table: end -->"
SYMBOLS = "BTC,ETH,BNB,SOL,XRP,AVAX,DOGE"
STRATEGIES = "macd_cross,rsi_reversion,ema_cross,bollinger_squeeze,adx_trend"


# What README shows behind `vigie backtest`; paths are those of its reader.
INSTRUMENTS = "../shared/cases/instruments.csv"
RUN = [
    "--venue", "binance-perp", "--symbols", SYMBOLS, "--strategy", STRATEGIES, "--timeframe", "native",
    "--last", "1500", "--instruments", INSTRUMENTS, "--out", "runs/readme",
]  # fmt: skip


def printed(shared: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "VIGIE_HOME": str(Path(folder) / "home"), "NO_COLOR": "1", "TERM": "dumb"}
        vigie = [sys.executable, "-m", "vigie"]
        bars = shared / "data" / "market" / "binance-perp"
        subprocess.run(
            [*vigie, "data", "import", str(bars)], check=True, env=env, cwd=folder, capture_output=True
        )
        rules = str(shared / "cases" / "instruments.csv")
        run = [*vigie, "backtest", *(rules if word == INSTRUMENTS else word for word in RUN)]
        return subprocess.run(run, check=True, env=env, cwd=folder, capture_output=True, text=True).stdout


def main() -> None:
    shared = Path(os.environ.get("VIGIE_SHARED") or ROOT.parent / "shared")
    text = "\n".join(line.rstrip() for line in printed(shared).strip().splitlines())
    readme = ROOT / "README.md"
    whole = readme.read_text(encoding="utf-8")
    head, rest = whole.split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(f"{head}{BEGIN}\n```text\n{text}\n```\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
