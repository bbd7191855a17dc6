"""A home of before whose account has two slots, one of which compares: `python -m tests.home_that_compares` makes it.

It was made once, by the program whose slots all waited for what any of them compares with. What that program decided
next on the same bars is kept beside it: the program of today decides the same.
"""

from __future__ import annotations

import json
import lzma
import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tests import houses
from tests.home_of_before import put_home
from tests.traded import hand
from tests.unit.services.trading.material import BEGUN, BUSY
from tests.unit.services.trading.test_features import NEWS_FILE
from vigie.data.frames import to_frame
from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.domain.setup import MARKET_TIME
from vigie.domain.time import DAY_MS
from vigie.ports.setups import SetupFilter
from vigie.services.app_context import AppContext
from vigie.services.bar_reading import load_bars
from vigie.services.needs import bound, provide
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.account_plan import folder_of, load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.decided_histories import DecidedHistories

FOLDER: Final = Path(__file__).with_name("data") / "home-that-compares"
_STRATEGY: Final = FOLDER / "good_news.txt"
_NEXT: Final = FOLDER / "next.json.xz"
FILE: Final = (
    f'{NEWS_FILE}\n[[slots]]\ninstruments = ["ETH"]\ntimeframe = "4h"\nstrategy = "ema_cross"\n{BUSY}\n'
)
# Until when the program of before traded, and until when it went on.
HALF: Final = BEGUN + 2 * DAY_MS
UNTIL: Final = BEGUN + 5 * DAY_MS


def open_home(home: Path) -> tuple[AppContext, TradeRun]:
    """Open the home as it was left; return it with the run of its account."""
    put_home(home, FOLDER)
    house = houses.house(home, clock=hand(HALF))
    fill_others(house)
    run = house.trades.run("main")
    assert run is not None
    return house, run


def fill_others(house: AppContext) -> None:
    """Store one more coin, what ether did a day before; and the strategy that compares with it."""
    for timeframe in ("1h", "4h"):
        ether = load_bars(house.data.bars, houses.VENUE, "ETH", timeframe)
        ada = replace(ether, instrument="ada-usdt-perp", ts=ether.ts + DAY_MS)
        house.data.bars.upsert(SeriesId(houses.VENUE, ada.instrument, timeframe), to_frame(ada))
    house.results.strategies.mkdir(parents=True, exist_ok=True)
    (house.results.strategies / "good_news.py").write_bytes(_STRATEGY.read_bytes())


def follow(house: AppContext) -> None:
    """Write the setups of the account as far as its log goes."""
    SetupFollower(provide(house, TradingStores), house.setups).follow_once()


def told(house: AppContext, run: TradeRun) -> dict[str, Any]:
    """Return what was decided: the log, what each entry was decided on, setups, and what was decided on last."""
    histories = bound(house, DecidedHistories)(load_plan(house.results, run.id), run)
    wanted = SetupFilter(["main"])
    setups = [
        {name: value for name, value in change.body.items() if name != MARKET_TIME}
        for newest in house.setups.newest(wanted, limit=10_000)
        for change in house.setups.of(newest.setup, ["main"])
    ]
    return {
        "steps": [[step.kind, step.ts, step.body] for step in house.trades.steps(run.id)],
        "entries": {
            event.subject: event.text["bars"]
            for event in house.audit.after(0, limit=10_000, kinds=["trade.intent"])
            if event.text is not None and "bars" in event.text
        },
        "setups": sorted(json.dumps(change, sort_keys=True) for change in setups),
        "last": [histories.fingerprint(number) for number in (0, 1)],
    }


def told_next() -> dict[str, Any]:
    """Return what the program of before told of the account after it went on."""
    kept: dict[str, Any] = json.loads(lzma.decompress(_NEXT.read_bytes()))
    return kept


def main() -> None:
    """Make the home, its strategy being there, and what comes next."""
    from tests.unit.services.trading.material import planned
    from tests.unit.services.trading.test_trading import go

    with tempfile.TemporaryDirectory() as folder:
        house = houses.house(Path(folder) / "home", clock=hand(BEGUN))
        fill_others(house)
        plan = planned(house, Path(folder), text=FILE)
        run = go(house, plan, HALF, [])
        follow(house)
        last = told(house, run)["last"]
        connection = sqlite3.connect(house.home / "vigie.sqlite")
        dump = "\n".join(connection.iterdump())
        connection.close()
        (FOLDER / "database.sql.xz").write_bytes(lzma.compress(dump.encode(), preset=9))
        (FOLDER / "plan.json").write_bytes((folder_of(house.results, run.id) / "plan.json").read_bytes())
        go(house, plan, UNTIL, [], begun=HALF)
        follow(house)
        text = json.dumps({"last_before": last, **told(house, run)}, ensure_ascii=False)
    _NEXT.write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    main()
