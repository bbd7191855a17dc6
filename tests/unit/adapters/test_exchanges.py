"""ccxt's classes one at a time: what is not asked for is not loaded, and nothing behaves otherwise."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, localcontext

import certifi
import pytest

from vigie.adapters.net.trust import source_ssl_context, web_ssl_context
from vigie.adapters.venues.ccxt_loader import exchange_class

pytest.importorskip("ccxt")

LIGHT = """
import sys
from vigie.adapters.venues.ccxt_loader import ccxt_errors, exchange_class
assert "ccxt" not in sys.modules
classes = [exchange_class(name, flavour) for name in ("bitget", "hyperliquid") for flavour in ("", "pro")]
assert [made().id for made in classes] == ["bitget", "bitget", "hyperliquid", "hyperliquid"]
assert exchange_class("bitget", "pro") is classes[1], "asked again, it is the class too"
assert issubclass(ccxt_errors().RequestTimeout, ccxt_errors().NetworkError)
assert "ccxt.kraken" not in sys.modules and "ccxt.async_support.kraken" not in sys.modules
import ccxt
assert ccxt.BadSymbol is ccxt_errors().BadSymbol
assert ccxt.kraken().id == "kraken"
assert not hasattr(ccxt, "nobody")
print("fine")
"""

CHANGED = """
import sys
import vigie.adapters.venues.ccxt_loader as exchanges
real, missing = exchanges.import_module, ["ccxt.base.exchange"]
def moved(name):
    if name in missing:
        missing.remove(name)
        raise ImportError(name)
    return real(name)
exchanges.import_module = moved
assert exchanges.exchange_class("bitget", "pro")().id == "bitget"
assert "ccxt.kraken" in sys.modules
print("fine")
"""

FOUND = """
from importlib.util import find_spec
from vigie.adapters.venues.ccxt_loader import exchange_class
exchange_class("bitget", "pro")
for name in ("ccxt", "ccxt.async_support", "ccxt.pro", "ccxt.kraken", "ccxt.pro.kraken"):
    assert find_spec(name).name == name, name
print("fine")
"""

WHOLE = """
import ccxt
from vigie.adapters.venues.ccxt_loader import exchange_class
assert exchange_class("bitget") is ccxt.bitget
print("fine")
"""

INHERITED = """
from vigie.adapters.venues.ccxt_loader import exchange_class
child = exchange_class("binanceusdm", "async_support")
assert issubclass(child, exchange_class("binance", "async_support"))
assert exchange_class("binance", "pro")().id == "binance", "of a class that another one loaded"
print("fine")
"""


@pytest.mark.parametrize(
    "script",
    [LIGHT, CHANGED, FOUND, WHOLE, INHERITED],
    ids=["light", "changed files", "found", "imported before", "inherited"],
)
def test_classes_are_loaded_one_at_a_time_or_else_all_together(script):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "fine\n", done.stderr


def test_clients_read_the_certificates_of_the_authorities_once_and_check_them_all_the_same():
    async def opened(flavour: str) -> ssl.SSLContext:
        client = exchange_class("bitget", flavour)()
        client.open()
        await client.close()
        return client.ssl_context

    first, second = (asyncio.run(opened(flavour)) for flavour in ("async_support", "pro"))
    assert first is second is web_ssl_context()
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert first.cert_store_stats()["x509_ca"] > 0


def test_sources_believe_whom_venues_do_unless_the_environment_names_others(monkeypatch):
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert source_ssl_context() is web_ssl_context()
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert source_ssl_context() is not web_ssl_context()


VENUES = [("bitget", ""), ("binanceusdm", "async_support"), ("hyperliquid", "pro")]


@pytest.mark.parametrize(("name", "flavour"), VENUES)
def test_a_venue_that_writes_a_price_leaves_the_rounding_of_everything_else_alone(name, flavour):
    exchange = exchange_class(name, flavour)()
    with localcontext() as context:
        context.rounding = ROUND_HALF_EVEN
        before = str(context)
        assert exchange.decimal_to_precision("0.125", 1, 2, 2, 5) == "0.13", "half up, as venues ask"
        assert str(context) == before
