"""The published record: a plain Python checks it, any altered byte is told, and nothing personal is in it."""

from __future__ import annotations

import json
import random
import runpy
import subprocess
import sys
import zipfile

import pytest

from tests.houses import person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.published.packing import PROGRAM, PublishSources, publish_record
from vigie.services.trading.account_plans.trading_stores import TradingStores

OWNER = person("owner")


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


def test_nothing_personal_is_in_it(published):
    with zipfile.ZipFile(published / "record.zip") as packed:
        texts = {name: packed.read(name).decode() for name in packed.namelist() if name != "verify.py"}
    for name, text in texts.items():
        for word in ("main", OWNER.user, "account", '"run"', "capital", "equity", "pnl", "qty", "notional"):
            assert word not in text, (name, word)
    assert texts["index.html"] == (published / "index.html").read_text("utf-8")
    assert "<script" not in texts["index.html"]
    assert "http" not in texts["index.html"]
