"""The published record: a plain Python checks it, any altered byte is told, and nothing personal is in it."""

from __future__ import annotations

import hashlib
import json
import random
import runpy
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests.houses import person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.account import Costs, Sizing
from vigie.domain.errors import Conflict
from vigie.domain.time import DAY_MS
from vigie.intelligence.setups.record import EndedSetup, RecordCell, record_cells
from vigie.services.needs import provide
from vigie.services.setups import folding
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.published.packing import PROGRAM, PublishSources, publish_record
from vigie.services.setups.published.page import RecordCounts, record_page
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.trading import catalogue
from vigie.views.cli.alerts import app

OWNER = person("owner")
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def published(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("published") / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    files = publish_record(provide(built, PublishSources), ["main"], "en")
    folder = tmp_path_factory.mktemp("record")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(PROGRAM))


def checked(folder, *more, name="record.zip"):
    """Run the ZIP's own program with a Python that sees no package."""
    with zipfile.ZipFile(folder / "record.zip") as packed:
        packed.extract("verify.py", folder)
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder / name), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_plain_python_checks_it_and_says_what_it_cannot_know(published):
    done = checked(published)
    assert done.returncode == 0, done.stderr
    assert "all sealed" in done.stdout
    assert "no outside anchor" in done.stdout
    with zipfile.ZipFile(published / "record.zip") as packed:
        assert packed.testzip() is None
        terms = json.loads(packed.read("terms.json"))
        last = json.loads(packed.read("changes.jsonl").splitlines()[-1])["record"]
    assert len(terms["checked"]) > 5
    assert len(terms["checked"]) > 4 * len(terms["unchecked"])
    assert f"{len(terms['checked'])} outcomes follow" in done.stdout
    anchored = checked(published, "--anchor", f"{last['seq']}:{last['hash']}")
    assert "1 anchors agree" in anchored.stdout
    assert checked(published, "--anchor", f"{last['seq']}:{'0' * 64}").returncode == 1
    assert checked(published, "--anchor", "x").returncode == 2


def test_any_altered_byte_is_told(published, program):
    data = (published / "record.zip").read_bytes()
    program["check"](data)
    chance = random.Random(20)
    places = {0, 1, len(data) - 1, *(chance.randrange(len(data)) for _ in range(150))}
    for place in places:
        altered = bytearray(data)
        altered[place] ^= 1 + chance.randrange(255)
        with pytest.raises((program["Difference"], KeyError, ValueError, IndexError)):
            program["check"](bytes(altered))
    (published / "altered.zip").write_bytes(data[:-1] + b"\x01")
    done = checked(published, name="altered.zip")
    assert done.returncode == 1
    assert "different" in done.stderr


def packed_anew(program, published, alter):
    """Return the ZIP of somebody who alters the record and its sums alike."""
    files = program["unzipped"]((published / "record.zip").read_bytes())
    alter(files)
    files[program["SUMS"]] = program["sums_of"](files).encode()
    return program["zip_bytes"](files)


def test_who_alters_the_sums_too_is_told_by_seals_results_and_bars(published, program):
    def drop_first(files):
        files["changes.jsonl"] = b"\n".join(files["changes.jsonl"].splitlines()[1:]) + b"\n"

    def flatter(files):
        cells = json.loads(files["results.json"])
        cells[0]["trades"] += 1
        files["results.json"] = json.dumps(cells).encode()

    def other_bars(files):
        name = next(name for name in sorted(files) if name.startswith("bars/"))
        head, *rows = files[name].decode().splitlines()
        ts, open_, *rest = rows[0].split(",")
        rows[0] = ",".join([ts, str(float(open_) * 1.01), *rest])
        files[name] = "\n".join([head, *rows, ""]).encode()

    def won(files):
        files["changes.jsonl"] = files["changes.jsonl"].replace(b'\\"r\\":-', b'\\"r\\":')

    told = {}
    for alter in (drop_first, flatter, other_bars, won):
        with pytest.raises(program["Difference"]) as difference:
            program["check"](packed_anew(program, published, alter))
        told[alter.__name__] = str(difference.value)
    assert "a change is missing" in told["drop_first"]
    assert "trades is" in told["flatter"]
    assert "setup" in told["other_bars"]
    assert "not the one that was sealed" in told["won"]


def rows_of(files):
    return [json.loads(line) for line in files["changes.jsonl"].splitlines()]


def sealed_anew(program, rows):
    """Return rows as whoever makes a chain of their own seals them."""
    before, chain = "", program["seal_of"](rows[0]["salt"], "", rows[0]["body"])[:12]
    for row in rows:
        record = row["record"]
        row["chain"], row["before"] = chain, before
        before = row["seal"] = record["subject"] = program["seal_of"](row["salt"], before, row["body"])
        record["hash"] = program["hash_of"](record)
    return rows


def put(files, rows):
    files["changes.jsonl"] = "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def edited(name, change):
    def alter(files):
        value = json.loads(files[name])
        change(value)
        files[name] = json.dumps(value).encode()

    return alter


def inner_bars_left_out(files):
    name = max((name for name in files if name.startswith("bars/")), key=lambda name: len(files[name]))
    head, *rows = files[name].decode().splitlines()
    files[name] = "\n".join([head, rows[0], rows[-1], ""]).encode()


def nothing_checked(files):
    for name in [name for name in files if name.startswith("bars/")]:
        del files[name]
    files["terms.json"] = b'{"checked": {}, "unchecked": {}}'


def on_rows(change):
    def alter(files):
        rows = rows_of(files)
        for row in rows:
            change(row["record"])
            row["record"]["hash"] = runpy.run_path(str(PROGRAM))["hash_of"](row["record"])
        put(files, rows)

    return alter


def on_page(old, new):
    def alter(files):
        assert old.encode() in files["index.html"]
        files["index.html"] = files["index.html"].replace(old.encode(), new.encode())

    return alter


def doubled_name(files):
    files["results.json"] = files["results.json"].replace(b'"void"', b'"void": 9, "void"')


def every_term(**values):
    return edited("terms.json", lambda terms: [of.update(values) for of in terms["checked"].values()])


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (lambda files: files.update({"index.html": b"<h1>Mean R 9.99</h1>"}), "the page"),
        (lambda files: files.update({"verify.py": b"print('all sealed')"}), "not this program"),
        (on_page("<table>", "<TABLE><TR><TD>9.99</TD></TR></TABLE><table>"), "the page"),
        (on_page("<tbody>", '<tbody><tr class="x"><td>All</td><td>9.99</td></tr>'), "the page"),
        (on_page("</h1>", "</h1><SCRIPT>document.title=9.99</SCRIPT>"), "the page"),
        (on_page("td,th{text-align:right}", 'td::after{content:"9.99"}'), "the page"),
        (on_page("macd_cross", "ema_cross"), "other figures"),
        (lambda files: files.update({"results.html": b"<h1>Mean R 9.99</h1>"}), "more than those"),
        (doubled_name, "twice"),
        (edited("results.json", lambda cells: cells.reverse()), "stand by how many"),
        (edited("results.json", lambda cells: cells[0].update(profit="300 %")), "other things"),
        (edited("results.json", lambda cells: cells[0].update(weeks=500)), "weeks is"),
        (edited("results.json", lambda cells: cells[0].update(is_better=True)), "of too few"),
        (edited("results.json", lambda cells: cells[0].update(low=4.0, high=9.0)), "all"),
        (edited("results.json", lambda cells: cells[0].update(void=7)), "void is"),
        (every_term(taker=float("nan")), "NaN is nothing"),
        (every_term(tick=1e12), "any outcome pass"),
        (every_term(slippage=0.5), "any outcome pass"),
        (inner_bars_left_out, "one after the other"),
        (nothing_checked, "not those that ended with an R"),
        (on_rows(lambda record: record.update(kind="x")), "seals no setup"),
        (on_rows(lambda record: record.update(before="zzz")), "is none"),
        (on_rows(lambda record: record.update(ts=1)), "older than what it seals"),
        (on_rows(lambda record: record.update(ts=10**40)), "a time that cannot be"),
        (on_rows(lambda record: record.update(ts=1e300)), "a time that cannot be"),
    ],
)  # fmt: skip
def test_forged_parts_are_told(published, program, alter, told):
    with pytest.raises(program["Difference"], match=told):
        program["check"](packed_anew(program, published, alter))


def test_a_made_up_chain_of_winners_is_told_by_the_true_one(published, program):
    def fabricate(files):
        true, made = rows_of(files), rows_of(files)
        for row in made:
            body = json.loads(row["body"])
            if (body["r"] or 0.0) < 0.0:
                row["body"] = json.dumps({**body, "r": 2.0})
            row["record"]["seq"] += 100_000
            row["salt"] = "0" * 32
        put(files, [*sealed_anew(program, made), *true])

    with pytest.raises(program["Difference"], match="otherwise in another chain"):
        program["check"](packed_anew(program, published, fabricate))


def test_what_no_anchor_holds_does_not_count_in_place_of_what_one_holds(published, program):
    """A chain that stands first, in which losers ended otherwise a day later, is no second account."""
    true = rows_of(program["unzipped"]((published / "record.zip").read_bytes()))
    last = true[-1]["record"]

    def fabricate(files):
        made = rows_of(files)
        for row in made:
            body = json.loads(row["body"])
            if (body["r"] or 0.0) < 0.0:
                later = {name: body[name] + DAY_MS for name in ("ts_bar", "ts_known")}
                row["body"] = json.dumps({**body, "r": 2.0, **later})
            row["record"]["seq"] += 100_000
            row["record"]["ts"] += DAY_MS
            row["salt"] = "0" * 32
        put(files, [*sealed_anew(program, made), *true])

    with pytest.raises(program["Difference"], match="no anchor holds"):
        program["check"](packed_anew(program, published, fabricate), [f"{last['seq']}:{last['hash']}"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_program_knows_each_name_on_the_page(program, language):
    ended = [
        EndedSetup(f"s{n}{regime}", "trade", "a<b", "btc", regime, horizon, BEGUN + n * DAY_MS, n % 3 - 1.0)
        for n, horizon in enumerate(["day", "week", "longer", ""] * 10)
        for regime in ("rising_calm", "rising_volatile", "falling_calm", "falling_volatile", "")
    ]
    cells = [asdict(cell) for cell in record_cells(ended)]
    assert len({(cell["grouping"], cell["value"]) for cell in cells}) == 12
    cells[1]["is_better"] = True
    page = record_page([RecordCell(**cell) for cell in cells], RecordCounts(1, 1, 0), language)
    program["check_page"](page, cells)


def test_it_says_how_far_it_reaches_and_what_holds_it(published, program):
    data = (published / "record.zip").read_bytes()
    rows = rows_of(program["unzipped"](data))
    first, last = rows[0]["record"], rows[-1]["record"]
    told = program["check"](data, [f"{first['seq']}:{first['hash']}"])
    (reach,) = [sentence for sentence in told if "reaches to record" in sentence]
    assert f"reaches to record {last['seq']}, " in reach
    assert f"anchored up to record {first['seq']}" in reach
    assert any("setups still open" in sentence for sentence in told)
    # The whole log was read at once here, long after its closes: the chain's own times say so.
    ended = len(program["lives_of"](rows)[0])
    assert f"{ended} setups were sealed only after their outcome" in "\n".join(told)
    assert f"by the times of the chain: {ended}." in (published / "index.html").read_text()
    assert any("NO ANCHOR" in sentence for sentence in program["check"](data))


def test_an_interval_is_drawn_anew_with_other_random_numbers(program):
    chance = random.Random(7)
    ended = [
        EndedSetup(f"s{n}", "trade", "ab"[n % 2], "btc", "", "day", BEGUN + n * DAY_MS, chance.gauss(1.0 - n % 2, 1.0))
        for n in range(160)
    ]  # fmt: skip
    cells = [asdict(cell) for cell in record_cells(ended)]
    assert any(cell["is_better"] for cell in cells)
    plain = [
        {**{name: getattr(one, name) for name in ("kind", "strategy", "instrument", "regime", "horizon", "r")},
         "all": "", "week": (one.ts_known - 4 * DAY_MS) // (7 * DAY_MS)}
        for one in ended
    ]  # fmt: skip
    program["check_results"](plain, cells)
    for altered in ({"low": cells[0]["low"] + 0.2}, {"is_better": True}):
        with pytest.raises(program["Difference"]):
            program["check_results"](plain, [{**cells[0], **altered}, *cells[1:]])


def test_the_luckiest_of_many_is_not_better_over_all_of_them_together(program):
    chance = random.Random(3)
    ended = [
        EndedSetup(f"s{n}", "trade", f"s{n % 16}", "btc", "", "day", BEGUN + n * DAY_MS // 4, chance.gauss(0.0, 1.0))
        for n in range(16 * 30)
    ]  # fmt: skip
    cells = [asdict(cell) for cell in record_cells(ended)]
    assert not any(cell["is_better"] for cell in cells)
    luckiest = max(
        (cell for cell in cells if cell["grouping"] == "strategy"), key=lambda cell: cell["mean_r"]
    )
    plain = [
        {**{name: getattr(one, name) for name in ("kind", "strategy", "instrument", "regime", "horizon", "r")},
         "all": "", "week": (one.ts_known - 4 * DAY_MS) // (7 * DAY_MS)}
        for one in ended
    ]  # fmt: skip
    program["check_results"](plain, cells)
    lucky = [one for one in plain if one["strategy"] == luckiest["value"]]
    assert program["drawn_p"](plain, lucky) < 0.05
    luckiest["is_better"] = True
    with pytest.raises(program["Difference"], match="over all cells together"):
        program["check_results"](plain, cells)


def test_a_strategy_called_as_a_word_of_the_page_keeps_its_name():
    ended = [EndedSetup("s", "trade", "check", "btc", "", "day", BEGUN, 1.0)]
    assert "<td>Strategy: check</td>" in record_page(record_cells(ended), RecordCounts(1, 1, 0), "en")


def test_the_documented_program_is_the_one_that_is_published():
    digest = hashlib.sha256(PROGRAM.read_bytes()).hexdigest()
    assert digest in (ROOT / "docs" / "record.md").read_text("utf-8")
    assert digest in CliRunner().invoke(app, ["program", "--digest"]).stdout


def test_a_record_is_checked_by_ones_own_program(published):
    done = CliRunner().invoke(app, ["verify", "--published", str(published / "record.zip")])
    assert (done.exit_code, "all sealed" in done.stdout) == (0, True)
    (published / "forged.zip").write_bytes((published / "record.zip").read_bytes()[:-1] + b"\x01")
    assert CliRunner().invoke(app, ["verify", "--published", str(published / "forged.zip")]).exit_code == 1


def test_a_wrong_call_is_told_in_one_sentence_with_what_is_accepted(published, program, capsys):
    record, good = str(published / "record.zip"), f"7:{'0' * 64}"
    wrong = {
        (str(published / "gone.zip"),): ("gone.zip", "cannot be read", "record.zip"),
        (str(published),): (str(published), "cannot be read"),
        (record, "--anchor"): ("NUMBER:HEAD", "was ''"),
        (record, "--anchor", "7:abc"): ("NUMBER:HEAD", "64 digits", "'7:abc'"),
        (record, "--anchor", good, "--anchor", "\u0667:" + "0" * 64): ("NUMBER:HEAD",),
        (): ("record.zip", "was ''"),
        (record, record): ("one file",),
        ("--deep", record): ("one file", "--deep"),
    }
    for words, wanted in wrong.items():
        assert program["main"](list(words)) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert [text for text in wanted if text not in said.err] == []
    assert program["main"](["--help"]) == 0
    assert "python verify.py RECORD.zip" in capsys.readouterr().out
    missing = CliRunner().invoke(app, ["verify", "--published", str(published / "gone.zip")])
    assert (missing.exit_code, missing.exception.code) == (2, 2)


@pytest.mark.parametrize("begun", [b"PK\x03\x04nonsense", b"PK\x03\x04", b"", b"PK\x03\x04" + b"\xff" * 40])
def test_a_file_that_is_cut_off_or_no_zip_is_told_in_our_words(published, program, capsys, begun):
    (published / "cut.zip").write_bytes(begun)
    assert program["main"]([str(published / "cut.zip")]) == 1
    assert capsys.readouterr().err == "different: the ZIP is not as it was published\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [("results.json", b"[" * 100_000), ("results.json", b"1" + b"0" * 4_000), ("terms.json", b"[]")],
)
def test_a_file_that_no_record_has_is_told_in_a_sentence(published, program, capsys, tmp_path, name, content):
    path = tmp_path / "forged.zip"
    path.write_bytes(packed_anew(program, published, lambda files: files.update({name: content})))
    assert program["main"]([str(path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("different: ")
    assert "Traceback" not in told


def test_an_outcome_of_endless_time_takes_no_memory(program):
    life = [
        {"state": state, "setup": "s", "side": "long", "slot": "btc/1m/x", "stop": 90.0, "target": 120.0,
         "entry": 100.0, "ts_bar": ts, "cause": "stop", "r": -1.0}
        for state, ts in (("confirmed", 0), ("played_out", 10**14 * 60_000))
    ]  # fmt: skip
    terms = {"taker": 0.0, "slippage": 0.0, "tick": 0.0}
    with pytest.raises(program["MissingBars"]):
        program["check_outcome"](life, terms, [(60_000, 100.0, 101.0, 99.0, 100.0)])


def test_nothing_personal_is_in_it(published):
    with zipfile.ZipFile(published / "record.zip") as packed:
        texts = {name: packed.read(name).decode() for name in packed.namelist() if name != "verify.py"}
    for name, text in texts.items():
        for word in ("main", OWNER.user, "account", '"run"', "capital", "equity", "pnl", "qty", "notional"):
            assert word not in text, (name, word)
    assert texts["index.html"] == (published / "index.html").read_text("utf-8")
    assert "<script" not in texts["index.html"]
    assert "http" not in texts["index.html"]


def test_a_digest_tells_no_capital_and_one_of_before_is_not_published_unasked(
    traded_home, tmp_path, monkeypatch
):
    digest = folding.strategy_digest
    monkeypatch.setattr(folding, "strategy_digest", lambda plan, **_: digest(plan, has_capital=True))
    built, _ = house_of(traded_home, tmp_path / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    sources = provide(built, PublishSources)
    with pytest.raises(Conflict, match="--reveal-capital"):
        publish_record(sources, ["main"], "en")
    assert publish_record(sources, ["main"], "en", reveals_capital=True)["record.zip"]


def test_whoever_knows_all_but_the_capital_does_not_find_it_in_a_digest():
    strategy = catalogue.load("ema_cross")
    planned = {"strategy": strategy, "params": strategy.defaults(), "costs": Costs()}

    def digest(*, has_capital=False, **sizing):
        plan = SimpleNamespace(**planned, account=SimpleNamespace(sizing=Sizing(**sizing)))
        return folding.strategy_digest(plan, has_capital=has_capital)

    sums = (1_000.0, 10_000.0, 123_456.0)
    assert len({digest(capital=one) for one in sums}) == 1
    assert len({digest(capital=one, has_capital=True) for one in sums}) == len(sums)
    assert digest(stop_atr=2.5) != digest()


def test_no_r_tells_the_quantity_that_was_rounded_in_it(published):
    """Amounts are booked in whole 1e-8: of a full R, one quantity alone gives each bit, and that gives the capital."""
    with zipfile.ZipFile(published / "record.zip") as packed:
        changes = packed.read("changes.jsonl").splitlines()
    rs = [r for one in changes if (r := json.loads(json.loads(one)["body"])["r"]) is not None]
    assert len(rs) > 5
    assert rs == [round(r, 4) for r in rs]
