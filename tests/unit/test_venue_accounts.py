"""Where an account may be, and which key it is opened with: play money and real money never share an address."""

from urllib.parse import urlsplit

import pytest

from tests.clocks import QuickClock
from vigie.adapters.stores import venue_keys
from vigie.domain.errors import ConfigError, NotFound, UsageError
from vigie.ports.keys import KeyLabel, VenueKey
from vigie.wiring.venue_accounts import find_key, list_key_labels, open_account, open_keys, trading_manifest

pytest.importorskip("ccxt")

WORD = "correct horse battery"
NAMES = ("KEY", "SECRET", "PASSPHRASE", "URL", "MODE")
REAL = {
    "bitget": "https://api.bitget.com",
    "binance": "https://fapi.binance.com",
    "hyperliquid": "https://api.hyperliquid.xyz",
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for venue in REAL:
        for name in NAMES:
            monkeypatch.delenv(f"VIGIE_{venue.upper()}_{name}", raising=False)
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(venue_keys._SCRYPT_COST, "n", 1 << 10)
    return tmp_path / "home"


def a_key(exchange, mode):
    secret = "0x" + "11" * 32 if exchange == "hyperliquid" else "s"
    return VenueKey(KeyLabel(exchange, mode, "settings"), "0x" + "22" * 20, secret, "p")


def opened(exchange, mode, url=None):
    return open_account(a_key(exchange, mode), QuickClock(), url=url)


@pytest.mark.parametrize("exchange", ["binance", "hyperliquid"])
def test_a_demo_account_is_never_at_the_address_of_real_money(exchange, monkeypatch):
    with pytest.raises(UsageError, match="or on this machine, not at "):
        opened(exchange, "demo", REAL[exchange])
    monkeypatch.setenv(f"VIGIE_{exchange.upper()}_URL", REAL[exchange])
    with pytest.raises(UsageError, match=f"remove --url and VIGIE_{exchange.upper()}_URL"):
        opened(exchange, "demo")


@pytest.mark.parametrize("exchange", sorted(REAL))
@pytest.mark.parametrize("mode", ["demo", "live"])
@pytest.mark.parametrize(
    "address",
    [
        "https://mirror.example",
        "https://api.bitget.com.example",
        "https://api.bitget.com@mirror.example",
        "https://user@api.bitget.com",
        "https://127.0.0.1.example",
        "https://127.0.0.1@fapi.binance.com.example",
        "https://10.0.0.1",
    ],
)
def test_neither_mode_goes_through_somebody_elses_machine(exchange, mode, address):
    with pytest.raises(UsageError, match=f"a {mode} account of .* must trade at"):
        opened(exchange, mode, address)


@pytest.mark.parametrize("exchange", sorted(REAL))
def test_real_money_is_at_the_venues_own_address_only(exchange):
    opened(exchange, "live", REAL[exchange])
    for address in ("http://127.0.0.1:8792", "http://localhost:1", "http://[::1]:1"):
        with pytest.raises(UsageError, match="no real money"):
            opened(exchange, "live", address)
        opened(exchange, "demo", address)


@pytest.mark.parametrize("exchange", ["binance", "hyperliquid"])
def test_real_money_is_not_traded_at_the_address_of_demo_trading(exchange):
    demo = trading_manifest(exchange).test_url
    opened(exchange, "demo", demo)
    with pytest.raises(UsageError, match="a live account"):
        opened(exchange, "live", demo)


def test_without_an_address_a_demo_account_is_where_the_manifest_says():
    for exchange, kind in (("binance", "fapiPrivate"), ("hyperliquid", "private")):
        addresses = opened(exchange, "demo")._wire._client.urls["api"]
        assert urlsplit(addresses[kind]).hostname == urlsplit(trading_manifest(exchange).test_url).hostname
    # One address for both: the header of every request says that it is play money.
    bitget = opened("bitget", "demo", REAL["bitget"])._wire._client
    signed = bitget.sign("v2/mix/account/accounts", ["private", "mix"], "GET", {})
    assert signed["headers"]["PAPTRADING"] == "1"


def named(monkeypatch, exchange="binance", **values):
    for name, value in {"key": "k", "secret": "s", **values}.items():
        monkeypatch.setenv(f"VIGIE_{exchange.upper()}_{name.upper()}", value)


def never(is_new):
    raise AssertionError("the store was opened")


def test_a_key_of_the_settings_is_one_of_demo_trading_unless_they_say_otherwise(monkeypatch):
    named(monkeypatch)
    assert find_key("binance", "demo", None, never).label == KeyLabel("binance", "demo", "settings")
    with pytest.raises(UsageError) as told:
        find_key("binance", "live", None, never)
    assert "VIGIE_BINANCE_MODE=live" in str(told.value)
    assert "vigie keys add binance --mode live" in str(told.value)
    assert [(one.exchange, one.mode) for one in list_key_labels(None)] == [("binance", "demo")]


def test_a_key_of_real_money_in_the_settings_opens_no_demo_account(monkeypatch):
    named(monkeypatch, mode="live")
    assert find_key("binance", "live", None, never).label.mode == "live"
    with pytest.raises(UsageError, match="the key of binance in the settings is a live key, but"):
        find_key("binance", "demo", None, never)
    assert [(one.exchange, one.mode) for one in list_key_labels(None)] == [("binance", "live")]


def test_a_key_of_the_other_mode_in_the_settings_leaves_the_store_its_own(monkeypatch):
    store = open_keys(None, lambda _: WORD)
    store.put(VenueKey(KeyLabel("binance", "live", "store", 1), "real", "s"))
    named(monkeypatch)
    assert find_key("binance", "live", None, lambda _: WORD).key == "real"
    assert find_key("binance", "demo", None, never).key == "k"
    monkeypatch.delenv("VIGIE_BINANCE_KEY")
    monkeypatch.delenv("VIGIE_BINANCE_SECRET")
    with pytest.raises(NotFound):
        find_key("binance", "demo", None, never)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("VIGIE_BINANCE_MODE", "real", "VIGIE_BINANCE_MODE in the environment must be one of demo, live, was 'real'"),
        ("VIGIE_COINGECKO_MODE", "live", "VIGIE_COINGECKO_MODE in the environment is no setting"),
    ],
)  # fmt: skip
def test_a_mode_that_says_nothing_stops_the_start(monkeypatch, name, value, told):
    named(monkeypatch)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=told):
        find_key("binance", "demo", None, never)
