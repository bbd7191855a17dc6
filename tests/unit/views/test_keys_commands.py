"""`vigie keys` and `vigie venue test` against a simulated exchange: what is kept, what is shown, what is refused."""

import json
import re

import pytest
from typer.testing import CliRunner

from tests.contracts.trading_exchanges import BINANCE, HYPERLIQUID, served, walking
from vigie.adapters.stores import venue_keys
from vigie.domain.errors import AuthError, ConfigError, Forbidden, NotFound, UsageError
from vigie.views.cli.main import app
from vigie.wiring.trader import open_trader_context

pytest.importorskip("ccxt")
pytest.importorskip("cryptography")

WORD = "correct horse battery"
runner = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("KEY", "SECRET", "PASSPHRASE", "URL", "MODE"):
        for venue in ("BITGET", "BINANCE", "HYPERLIQUID"):
            monkeypatch.delenv(f"VIGIE_{venue}_{name}", raising=False)
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(venue_keys._SCRYPT_COST, "n", 1 << 10)
    return tmp_path / "home"


@pytest.fixture
def exchange():
    with served(walking()) as running:
        yield running


def secrets_of(exchange):
    return [exchange.key.key, exchange.key.secret, exchange.key.passphrase]


def run(*words, lines=()):
    """Return what a command printed; what it raised is raised here."""
    done = runner.invoke(app, list(words), input="\n".join(lines))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def add(exchange, *more, word=WORD):
    return run(
        "keys", "add", "bitget", "--stdin", "--url", exchange.url, *more, lines=[*secrets_of(exchange), word]
    )


def test_a_key_is_added_listed_and_removed_without_being_shown(exchange, home):
    shown = add(exchange).output
    listed = run("keys", "list").output
    (told,) = json.loads(run("keys", "list", "--json").output)
    assert (told["exchange"], told["mode"], told["place"]) == ("bitget", "demo", "store")
    assert "0 min" in listed
    kept = (home / "secrets" / "venue-keys.json").read_text()
    assert [one for one in secrets_of(exchange) if one in shown + listed + kept] == []
    assert "delete it at the venue too" in run("keys", "remove", "bitget").output
    assert json.loads(run("keys", "list", "--json").output) == []
    with pytest.raises(NotFound):
        run("keys", "remove", "bitget")


def test_a_key_that_may_withdraw_is_refused_and_not_kept(exchange, home):
    exchange.do("rights", authorities=["coow", "coor", "wwow"])
    with pytest.raises(Forbidden, match="which Vigie never needs; create one at the venue"):
        add(exchange)
    assert not (home / "secrets" / "venue-keys.json").exists()


def test_a_key_that_the_venue_does_not_know_is_refused_with_what_to_give(exchange):
    with pytest.raises(AuthError, match=r"40009.*nothing was kept. Give .*passphrase.* of mode demo"):
        run(
            "keys", "add", "bitget", "--stdin", "--url", exchange.url,
            lines=[exchange.key.key, "wrong", exchange.key.passphrase, WORD],
        )  # fmt: skip


def test_an_account_can_be_tried_again_in_a_home_that_was_practised_in(exchange, home):
    add(exchange)
    open_trader_context("bitget", home, url=exchange.url)
    tried = run("venue", "test", "bitget", "--stdin", "--url", exchange.url, "--json", lines=[WORD])
    assert {one["state"] for one in json.loads(tried.output)} == {"passed"}


def test_a_key_that_only_reads_is_refused(exchange):
    exchange.do("rights", authorities=["coor"])
    with pytest.raises(Forbidden, match="this key cannot read and trade futures at"):
        add(exchange)


def test_a_key_that_the_venue_does_not_know_is_not_kept(exchange, home):
    exchange.do("key", code="40037")
    with pytest.raises(AuthError) as caught:
        add(exchange)
    assert [one for one in secrets_of(exchange) if one in str(caught.value)] == []
    assert not (home / "secrets" / "venue-keys.json").exists()


def test_nothing_is_asked_where_there_is_no_terminal():
    with pytest.raises(UsageError, match="add --stdin"):
        run("keys", "add", "bitget")


def test_a_live_key_is_not_tried_at_an_address_on_this_machine(exchange):
    with pytest.raises(UsageError, match="no real money"):
        add(exchange, "--mode", "live")


def test_a_venue_that_cannot_be_traded_is_named():
    with pytest.raises(UsageError, match=r"must be one of .*bitget"):
        run("keys", "add", "kraken", "--stdin")


def test_the_trial_passes_every_step_and_leaves_nothing_open(exchange):
    add(exchange)
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    steps = json.loads(done.output)
    assert [(one["name"], one["state"]) for one in steps] == [
        (name, "passed")
        for name in (
            "clock", "signature", "key rights", "balance", "instrument", "fees", "set-up", "minimum order",
            "stop placed", "stop cancelled", "position closed",
        )
    ]  # fmt: skip
    state = exchange.state()
    assert state["positions"] == []
    assert [one["state"] for one in state["plans"]] == ["cancelled"]
    assert len(state["trades"]) == 2


def test_the_trial_with_a_key_of_the_environment_reads_no_store(exchange, monkeypatch):
    for name, value in zip(("KEY", "SECRET", "PASSPHRASE"), secrets_of(exchange), strict=True):
        monkeypatch.setenv(f"VIGIE_BITGET_{name}", value)
    output = run("venue", "test", "bitget", "--url", exchange.url).output
    assert output.count("passed") == 11
    assert [one["place"] for one in json.loads(run("keys", "list", "--json").output)] == ["settings"]
    assert [one for one in secrets_of(exchange) if one in output] == []
    monkeypatch.delenv("VIGIE_BITGET_SECRET")
    with pytest.raises(UsageError, match="the settings contain only part of a key of bitget;"):
        run("venue", "test", "bitget", "--url", exchange.url)


def test_the_trial_shows_what_the_account_pays(exchange):
    add(exchange)
    exchange.do("contract", taker="0.00037", maker="0.00011")
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    words = {one["name"]: one["words"] for one in json.loads(done.output)}
    assert words["fees"] == "0.0370% taker, 0.0110% maker, by the account's level"
    assert words["instrument"] == "BTCUSDT is traded"


def test_the_trial_says_that_an_instrument_is_halted_and_orders_nothing(exchange):
    add(exchange)
    exchange.do("halt")
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    states = {one["name"]: (one["state"], one["words"]) for one in json.loads(done.output)}
    assert states["instrument"][0] == "failed"
    assert "btc-usdt-perp (BTCUSDT) is halted at the venue" in states["instrument"][1]
    assert states["minimum order"][0] == "skipped"
    assert exchange.state()["orders"] == []


def test_a_wrong_password_opens_no_key(exchange):
    add(exchange)
    with pytest.raises(ConfigError, match="password is wrong"):
        run("venue", "test", "bitget", "--url", exchange.url, "--stdin", lines=["another password"])


def test_a_step_that_fails_is_named_and_those_after_it_are_not_tried(exchange):
    add(exchange)
    exchange.do("rights", authorities=["coow", "coor", "wwow"])
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    states = {one["name"]: one["state"] for one in json.loads(done.output)}
    assert done.exit_code == 1
    assert (states["balance"], states["key rights"], states["minimum order"]) == (
        "passed",
        "failed",
        "skipped",
    )
    assert exchange.state()["orders"] == []


def test_a_position_of_somebody_else_is_left_alone(exchange):
    add(exchange)
    exchange.do("foreign_order", size="0.01", client_id="mine")
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    failed = [one for one in json.loads(done.output) if one["state"] == "failed"]
    assert [one["name"] for one in failed] == ["set-up"]
    assert len(exchange.state()["positions"]) == 1


def test_what_the_trial_bought_is_closed_also_where_its_stop_is_refused(exchange):
    add(exchange)
    exchange.fault("level-refused")
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    states = {one["name"]: one["state"] for one in json.loads(done.output)}
    assert (states["stop placed"], states["stop cancelled"]) == ("failed", "skipped")
    assert states["position closed"] == "passed"
    assert exchange.state()["positions"] == []


def test_a_clock_that_is_off_is_said_with_the_cure(exchange):
    add(exchange)
    exchange.fault("clock-skew", skew_ms=5_000)
    done = run("venue", "test", "bitget", "--url", exchange.url, "--stdin", "--json", lines=[WORD])
    first = json.loads(done.output)[0]
    assert first["state"] == "failed"
    assert re.fullmatch(r"this machine's clock is -[45]\.\d s .* network time \(NTP\)", first["words"])


@pytest.fixture
def hyperliquid():
    with served(walking(HYPERLIQUID)) as running:
        yield running


def test_an_agent_wallet_is_kept_and_tried_without_a_passphrase(hyperliquid, home):
    key, url = hyperliquid.key, hyperliquid.url
    shown = run(
        "keys", "add", "hyperliquid", "--stdin", "--url", url, lines=[key.key, key.secret, WORD]
    ).output
    done = run("venue", "test", "hyperliquid", "--url", url, "--stdin", "--json", lines=[WORD])
    steps = json.loads(done.output)
    assert [one["words"] for one in steps if one["state"] != "passed"] == []
    assert len(steps) == 11
    assert hyperliquid.state()["positions"] == []
    assert key.secret[2:] not in shown + done.output + (home / "secrets" / "venue-keys.json").read_text()


def test_the_key_of_the_account_itself_is_refused_since_it_may_withdraw(hyperliquid, home):
    key, url = hyperliquid.key, hyperliquid.url
    with pytest.raises(Forbidden, match="which Vigie never needs; create one at the venue"):
        run("keys", "add", "hyperliquid", "--stdin", "--url", url, lines=[key.key, key.main, WORD])
    assert not (home / "secrets" / "venue-keys.json").exists()


def test_an_agent_wallet_of_the_environment_has_two_parts(hyperliquid, monkeypatch):
    monkeypatch.setenv("VIGIE_HYPERLIQUID_KEY", hyperliquid.key.key)
    with pytest.raises(UsageError, match="the settings contain only part of a key of"):
        run("venue", "test", "hyperliquid", "--url", hyperliquid.url)
    monkeypatch.setenv("VIGIE_HYPERLIQUID_SECRET", hyperliquid.key.secret)
    assert run("venue", "test", "hyperliquid", "--url", hyperliquid.url).output.count("passed") == 11


def test_a_binance_key_has_two_parts_and_its_account_is_tried(home):
    with served(walking(BINANCE)) as running:
        key, url = running.key, running.url
        shown = run(
            "keys", "add", "binance", "--stdin", "--url", url, lines=[key.key, key.secret, WORD]
        ).output
        done = run("venue", "test", "binance", "--url", url, "--stdin", "--json", lines=[WORD])
        steps = json.loads(done.output)
        assert [one["words"] for one in steps if one["state"] != "passed"] == []
        assert len(steps) == 11
        assert running.state()["positions"] == []
    assert key.secret not in shown + done.output + (home / "secrets" / "venue-keys.json").read_text()
