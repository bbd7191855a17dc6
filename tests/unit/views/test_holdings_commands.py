"""`vigie holdings` as a person meets it in a terminal."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.backtest_material import command_line
from vigie.config.paths import SIMULATED_FILE
from vigie.services.operation_calls import run_operation
from vigie.views.cli.holding_figures import print_worth
from vigie.views.cli.owner_home import opened_owner


@pytest.fixture
def run(home, monkeypatch, capsys):
    houses.fill(home)
    return command_line(monkeypatch, capsys)


def test_a_line_is_added_listed_told_and_undone(run):
    assert "nothing yet" in run("holdings", "list").out
    added = run(
        "holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000", "--place", "Ledger"
    )
    assert "added Bitcoin (bitcoin)" in added.out
    batch = re.search(r"h[0-9a-f]{16}", added.out)[0]
    run("holdings", "add", "BTC", "0.2", "--day", "2025-03-01", "--amount", "12000", "--sold")
    listed = run("holdings", "list").out
    assert "20,000.00 EUR" in listed
    assert "1 Feb 2025" in listed
    assert "Ledger" in listed
    gains = run("holdings", "gains", "--method", "average", "--currency", "eur").out
    assert "12,000.00" in gains
    assert "known gains by average: " in gains
    told = run("holdings", "worth").out
    # Bars of the tests' market end long before this machine's day.
    assert "without a price, left out: bitcoin" in told
    assert "time-weighted return: not known: a coin has no price on " in told
    assert "undone: 1" in run("holdings", "undo", batch).out
    assert "it was undone before" in run("holdings", "undo", batch).out
    rows = json.loads(run("holdings", "list", "--json").out)["rows"]
    assert [(row["kind"], row["quantity"], row["codes"]) for row in rows] == [("sell", "0.2", "gap")]


def test_the_limit_of_a_share_is_changed_and_a_wrong_one_refused(run):
    assert "share limit: 30%" in run("holdings", "set", "--share-limit", "30").out
    refused = run("holdings", "set", "--share-limit", "0")
    assert refused.code != 0
    assert "share_limit" in refused.err


def test_gains_follow_the_own_method(run):
    assert "average, each place alone" in run("holdings", "set", "--method", "average").out
    assert "known gains by average: " in run("holdings", "gains").out
    assert "known gains by lifo: " in run("holdings", "gains", "--method", "lifo").out


def test_figures_are_told_in_french_with_money_to_the_cent(run):
    run("holdings", "add", "bitcoin", "0.3", "--day", "2025-02-01", "--amount", "10000")
    run("holdings", "add", "bitcoin", "0.1", "--day", "2025-03-01", "--amount", "26000.005", "--sold")
    french = ("--language", "fr")
    gains = " ".join(run("holdings", "gains", "--currency", "eur", *french).out.split())
    assert "jour crypto nature quantité produit coût plus-value" in gains
    assert re.search(r"Bitcoin vente 0,1 26 000,0[01] 3 333,33 22 666,6[78]", gains), gains
    assert "plus-values connues (premier entré, premier sorti) : 22 666,6" in gains
    worth = " ".join(run("holdings", "worth", "--currency", "eur", *french).out.split())
    assert "plus-value latente" in worth
    assert "réalisé : 22 666,6" in worth
    assert "inconnu : un cryptoactif n’a pas de prix le" in worth
    tax = run("holdings", "tax", "--year", "2025", *french).out
    table = tax[tax.index("3AN") - 2_000 :]
    assert re.search(r"ligne\s+quoi\s+EUR\s+jour\s+quantité\s+sûreté\s+saisie", tax)
    assert not re.search(r"\d[.,]\d{3,}\s", table.replace("0,3", "").replace("0,1", "")), "money to the cent"
    assert "quantity" not in tax


def test_a_years_tax_file_is_told_part_by_part(run):
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000")
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-03-01", "--amount", "26000", "--sold")
    told = run("holdings", "tax", "--country", "FR", "--year", "2025").out
    assert re.search(r"3AN\s.*\s6,000\s", told)
    assert told.index("Read first") < told.index("Sums and boxes") < told.index("Sales, line by line")
    assert "Nothing is missing." in told
    once = ("holdings", "tax", "--year", "2025", "--opening-220", "12000")
    assert "Acquisition prices carried from before" in run(*once).out
    assert "entered by you on" not in run("holdings", "tax", "--year", "2025").out
    assert "entered by you on" in run(*once, "--keep").out
    assert "12,000.00" in run("holdings", "tax", "--year", "2025").out
    assert "must be an amount such as 1500" in " ".join(run(*once[:-1], "1e30").err.split())
    refused = run("holdings", "tax", "--country", "FR", "--year", "2018")
    assert refused.code != 0
    assert "there are no rules of FR for 2018 here" in " ".join(refused.err.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("euro", "5"), "euro is state money"),
        (("bitcoin", "5", "--sold"), "a sale needs the money that was received"),
        (("bitcoin", "1e5"), "quantity must be a number above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(run, words, said):
    refused = run("holdings", "add", *words)
    assert refused.code != 0
    assert said in " ".join(refused.err.split())
    assert "nothing yet" in run("holdings", "list").out


def test_in_a_simulated_home_no_line_is_added_by_the_day_of_the_machine(run, home, monkeypatch):
    monkeypatch.delenv("VIGIE_WORLD_URL", raising=False)
    (home / SIMULATED_FILE).write_text("{}")
    said = run("holdings", "add", "bitcoin", "1")
    assert said.code != 0
    assert "contains a simulated market; run `vigie demo`" in said.err


def test_a_file_without_a_currency_is_refused_with_that_and_taken_with_one_for_all(run, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("when,what,coin,n,paid\n2025-02-01,buy,BTC,1,100\n")
    maps = ("time=when", "kind=what", "coin=coin", "quantity=n", "amount=paid")
    words = ["holdings", "import", str(file), *(word for one in maps for word in ("--map", one))]
    said = " ".join(run(*words, "--dry-run").out.split())
    assert "the row gives an amount, '100', but no currency" in said
    assert "no coin" not in said
    assert "added 1 lines" in run(*words, "--money", "EUR").out


def test_a_file_of_windows_is_read_and_said_and_a_picture_is_refused(run, tmp_path):
    file = tmp_path / "own.csv"
    file.write_bytes("when,what,coin,n,à\n2025-02-01,dépôt,BTC,1,Safe\n".encode("cp1252"))
    maps = ("time=when", "kind=what", "coin=coin", "quantity=n", "place=à")
    words = ["holdings", "import", str(file), *(word for one in maps for word in ("--map", one))]
    done = run(*words)
    assert "added 1 lines" in done.out
    assert "read as Windows-1252" in " ".join(done.err.split())
    file.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert "the file is no text" in " ".join(run(*words).err.split())


def test_a_file_is_tried_imported_and_undone(run, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("when,what,coin,how many,paid\n2025-02-01,buy,BTC,0.5,20000\n2025-02-02,buy,NOPE,1,5\n")
    words = ("holdings", "import", str(file), "--place", "Safe")
    for pair in ("time=when", "kind=what", "coin=coin", "quantity=how many", "amount=paid"):
        words += ("--map", pair)
    bad = run(*words, "--dry-run").out
    assert "cannot be read: row 2, column paid" in bad, "money needs its currency"
    file.write_text(
        file.read_text().replace("paid", "paid,cur").replace("20000", "20000,EUR").replace(",5\n", ",5,EUR\n")
    )
    words += ("--map", "currency=cur")
    assert "would add 2 lines at Safe" in run(*words, "--dry-run").out
    assert "which coin is NOPE? no coin has it; answer: --coin NOPE=ID" in run(*words, "--dry-run").out
    refused = run(*words)
    assert "say which coin is meant by NOPE" in " ".join(refused.err.split())
    done = run(*words, "--coin", "NOPE=solana").out
    assert "added 2 lines at Safe" in done
    assert "undone: 2" in run("holdings", "undo", re.search(r"h[0-9a-f]{16}", done)[0]).out
    assert "there is no file" in " ".join(run("holdings", "import", str(tmp_path / "no.csv")).err.split())


def test_a_proposed_transfer_is_listed_joined_and_refused(run, tmp_path):
    assert "no transfer is proposed" in run("holdings", "transfers").out
    head = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"
    file = tmp_path / "rows.csv"
    for place, row in (("Kraken", "10:00:00,0.5,BTC,,,,,"), ("Safe", "11:00:00,,,0.4998,BTC,,,")):
        file.write_text(f"{head}2025-03-01 {row}\n")
        run("holdings", "import", str(file), "--place", place)
    told = run("holdings", "transfers").out
    assert "0.5 bitcoin left Kraken on 1 Mar 2025 10:00 UTC, 0.4998 arrived at Safe" in " ".join(told.split())
    both = re.match(r"\S+:\S+", told)[0]
    joined = run("holdings", "transfers", "--join", both).out
    assert "joined: 1, left: 0" in joined
    listed = " ".join(run("holdings", "transfers", "--joined").out.split())
    assert "0.4998 bitcoin from Kraken to Safe; undo: vigie holdings undo h" in listed
    run("holdings", "undo", re.search(r"h[0-9a-f]{16}", joined)[0])
    assert "undo: vigie holdings undo h" in run("holdings", "transfers", "--refuse", both).out
    assert "joined: 0, left: 0" in run("holdings", "transfers", "--join-all").out
    wrong = run("holdings", "transfers", "--join", "this")
    assert "--join must be LEFT:ARRIVED" in " ".join(wrong.err.split())


def test_without_a_trading_account_there_is_none_to_include(run):
    assert "there is no trading account" in run("holdings", "accounts").out
    refused = run("holdings", "accounts", "--include", "main")
    assert "you have no trading account" in " ".join(refused.err.split())


def test_a_link_is_made_listed_and_ended(run):
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000")
    link, told = run("holdings", "share").out.splitlines()
    assert re.fullmatch(r"http\S+/portfolio/shared/[\w-]{22}", link)
    named = told.partition(":")[0]
    assert named in run("holdings", "share", "--list").out
    assert "shows nothing any more" in run("holdings", "share", "--revoke", named).out
    assert run("holdings", "share", "--list").out == ""
    assert run("holdings", "share", "--revoke", named).code != 0


class Esplora(BaseHTTPRequestHandler):
    """A host on loopback with a quarter of a Bitcoin at every address."""

    def do_GET(self):
        self.server.asked.append(self.path)
        sums = {"funded_txo_sum": 25_000_000, "spent_txo_sum": 0, "tx_count": 1}
        body = json.dumps({"chain_stats": sums, "mempool_stats": {**sums, "tx_count": 0}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def test_an_address_is_taken_from_a_file_shown_to_the_host_that_was_agreed_to_and_removed(
    run, tmp_path, monkeypatch
):
    address = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
    file = tmp_path / "address.txt"
    file.write_text(f"{address}\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), Esplora) as server:
        server.asked = []
        Thread(target=server.serve_forever, daemon=True).start()
        host = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("VIGIE_ESPLORA_URL", f"{host}/api")
        assert "no address is kept" in run("holdings", "addresses").out
        added = run("holdings", "addresses", "--add", str(file), "--name", "Safe").out
        assert f"{host} would see it: not agreed" in " ".join(added.split())
        named = added.partition(":")[0]
        refused = run("holdings", "addresses", "--read", named)
        assert refused.code != 0
        assert server.asked == []
        assert "may see it" in run("holdings", "addresses", "--agree", named, "--host", host).out
        told = " ".join(run("holdings", "addresses", "--read", named).out.split())
        server.shutdown()
    assert "Bitcoin: 0.25 BTC at Safe, 0 in your lines there, difference 0.25" in told
    assert server.asked == [f"/api/address/{address}"]
    assert "no address is kept" in run("holdings", "addresses", "--remove", named).out
    wrong = run("holdings", "addresses", "--add", address, "--name", "Safe")
    assert "there is no such file" in " ".join(wrong.err.split())
    assert address not in wrong.err + wrong.out


def test_what_a_platform_reported_is_kept_and_set_beside_the_lines(run, tmp_path):
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000", "--place", "Kraken")
    file = tmp_path / "statement.csv"
    head = "coin,what,units,amount,currency,transactions\n"
    file.write_text(f"{head}BTC,CryptoFiatIn,0.5,20100,EUR,1\nBTC,sold,1,1,EUR,1\n")
    words = (
        "holdings",
        "reported",
        str(file),
        "--year",
        "2025",
        "--place",
        "Kraken",
        "--map",
        "category=what",
    )
    assert "cannot be read: row 3, column what" in run(*words, "--dry-run").out
    assert "the first is row 3" in " ".join(run(*words).err.split())
    file.write_text(file.read_text().partition("BTC,sold")[0])
    assert "2025: kept 1 rows" in run(*words).out
    assert "1 there already" in run(*words).out
    told = run("holdings", "reconcile", "--year", "2025").out
    assert "Bitcoin, Bought with money: different" in told
    assert "may value at another moment" in " ".join(told.split())
    assert "1 Feb 2025 buy 0.5 20,000.00" in told
    statement = re.search(r"r[0-9a-f]{16}", told)[0]
    assert (
        "2025: no platform's statement is kept"
        in run("holdings", "reconcile", "--year", "2025", "--remove", statement).out
    )


def test_a_terminal_speaks_the_language_of_its_home(run):
    run("holdings", "add", "bitcoin", "0.5", "--day", "2025-02-01", "--amount", "20000", "--place", "Kraken")
    run("holdings", "add", "bitcoin", "0.1", "--day", "2025-02-02", "--kind", "gift", "--way", "out")
    product = ("--product", "Orvane Bitcoin", "--security", "--amount", "100")
    run("holdings", "add", "bitcoin", "0.01", "--day", "2025-02-03", *product)
    run("holdings", "transfers")
    run_operation(*opened_owner(None, is_dated=False), "settings.change", {"language": "fr"})
    listed = run("holdings", "list").out
    for word in ("jour", "quantité", "achat", "don fait", "0,5", "Orvane Bitcoin"):
        assert word in listed, listed
    assert "product/" not in listed
    assert "pas de prix" in run("holdings", "worth").out
    assert (
        "2025\N{NO-BREAK SPACE}: aucun relevé de plateforme"
        in run("holdings", "reconcile", "--year", "2025").out
    )
    refused = " ".join(run("holdings", "add", "euro", "5").err.split())
    assert "state money" not in refused
    added = run("holdings", "add", "ETH", "1").out
    assert "ajouté (ethereum)" in added
    batch = re.search(r"h[0-9a-f]{16}", added)[0]
    assert "lignes annulées\N{NO-BREAK SPACE}: 1" in run("holdings", "undo", batch).out
    assert "buy" in run("holdings", "list", "--language", "en").out
    assert json.loads(run("holdings", "list", "--json").out)["rows"][0]["kind"] == "buy"


def test_worth_says_how_many_lines_wait_for_their_coin(capsys):
    told = SimpleNamespace(
        lines=1, currency="eur", worth=0.0, is_assumed=False, put_in=None, gain=None, realised=0.0,
        in_bitcoin=None, time_weighted=None, money_weighted=None, shares=[], no_price=[], open_lines=2, notes=[],
    )  # fmt: skip
    print_worth(told, SimpleNamespace(rows=[]), "en")
    said = capsys.readouterr().out
    assert "lines not counted, because their coin is to be chosen on the page Portfolio: 2" in said
