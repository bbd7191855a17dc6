"""A sandbox exchange in another process, on bars of its own; nothing of the product is imported here."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from urllib.request import Request, urlopen

MINUTE = 60_000
FIRST = 1_767_225_600_000
# A quiet hour at 50,000, then a fall through 49,000 and a rest at 48,500.
QUIET, FALL = 60, 5
PRICES = [50_000.0] * QUIET + [50_000.0 - 300.0 * (i + 1) for i in range(FALL)] + [48_500.0] * 240


def bars():
    rows = ["timestamp,open,high,low,close,volume"]
    before = PRICES[0]
    for number, price in enumerate(PRICES):
        high, low = max(before, price) + 5.0, min(before, price) - 5.0
        rows.append(f"{FIRST + number * MINUTE},{before},{high},{low},{price},12.5")
        before = price
    return "\n".join(rows) + "\n"


@contextmanager
def started(folder, venue, symbol, *more, tick="1"):
    """Start a child process: give it, and address, key, secret, passphrase and the address of its control."""
    market, rules = folder / f"{symbol}-1m.csv", folder / "rules.csv"
    market.write_text(bars())
    rules.write_text(f"symbol,tick,lot,min_qty,min_notional\n{symbol},{tick},0.0001,0.0001,10\n")
    command = [sys.executable, "-m", "vigie", "sandbox", "exchange", "--venue", venue, "--bars", str(market)]
    command += ["--instruments", str(rules), "--opens", "2026-01-01T00:30:00Z", "--speed", "1"]
    command += ["--port", "0", "--control-port", "0", "--home", str(folder / "home"), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as child:
        try:
            yield child, [child.stdout.readline().strip() for _ in range(5)]
        finally:
            child.terminate()
            child.wait(timeout=20)


def spoken(kind, settings, conversation):
    """Have a conversation of a client that knows the markets, of forty seconds at the most; return what it came to."""

    async def run():
        client = kind(settings)
        try:
            await client.load_markets()
            return await asyncio.wait_for(conversation(client), 40)
        finally:
            await client.close()

    return asyncio.run(run())


def watched(client, symbol, seen):
    """Begin to keep, by the name of each, what the streams of orders and trades tell; return what to cancel."""

    async def keep(watch):
        while True:
            seen[watch.__name__] += [dict(one) for one in await watch(symbol)]

    return [asyncio.ensure_future(keep(one)) for one in (client.watch_orders, client.watch_my_trades)]


def control(exchange, path, **body):
    """Return what the control of an exchange answers."""
    request = Request(
        exchange[4] + "/control/" + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urlopen(request) as answer:
        return json.load(answer)
