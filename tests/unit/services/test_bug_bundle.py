"""The zip for a bug report: complete, equal when made again, and silent about secrets and persons."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import Vigie, command_line, store_bars
from vigie import config
from vigie.services.bug_bundle import Privacy

SECRETS = {
    "VIGIE_BITGET_SECRET": "bg-5fd2e1c0aa77",
    "VIGIE_BITGET_KEY": "0123456789abcdef",
    "DATABASE_URL": "postgresql://desk:hunter%2Btwo@host/vigie",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEJr",
    "SIGNING_KEY": "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----",
}
IN_FILES = {"vigie.toml": "toml-passphrase-1", ".env": "dotenv-api-token-2"}
PERSON = "alicia"


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Vigie:
    """The command line of a person with secrets, in a folder below their own."""
    person = tmp_path / PERSON
    (person / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(person))
    monkeypatch.setenv("USER", PERSON)
    monkeypatch.setenv("VIGIE_HOME", str(person / "desk"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(person / "work")
    monkeypatch.setattr(config.redaction.platform, "node", lambda: "alicias-laptop")
    return command_line(monkeypatch, capsys)


@pytest.fixture
def desk(vigie: Vigie, tmp_path: Path) -> Path:
    """Her home folder: bars, files of settings, a log that says too much."""
    home = tmp_path / PERSON / "desk"
    store_bars(home)
    (home / "vigie.toml").write_text(f'[mail]\npassphrase = "{IN_FILES["vigie.toml"]}"\n')
    (home.parent / "work" / ".env").write_text(f"export MAIL_TOKEN={IN_FILES['.env']}\n")
    lines = [f"line {n}" for n in range(1_000)]
    lines += [f"failed with {value}" for value in (*SECRETS.values(), *IN_FILES.values())]
    lines += ["password hunter+two refused", f"{PERSON}@alicias-laptop: no {home}/bars", f"C:/Users/{PERSON}"]
    (home / "logs").mkdir()
    (home / "logs" / f"{PERSON}.log").write_text("\n".join(lines) + "\n")
    return home


def unzipped(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_bundle_holds_answers_versions_settings_data_and_the_last_lines_of_logs(vigie: Vigie, desk: Path):
    done = vigie("doctor", "--bundle")
    assert done.code == 0, done.err
    assert "For a bug report: vigie-bug-report.zip" in done.out
    files = unzipped(Path("vigie-bug-report.zip"))
    assert set(files) == {
        "README.txt", "data.json", "doctor.json", "logs/USER.log", "settings.json", "versions.json",
    }  # fmt: skip
    assert {"python", "data", "home"} <= {one["check"] for one in json.loads(files["doctor.json"])}
    assert {"vigie", "python", "system", "packages"} <= set(json.loads(files["versions.json"]))
    settings = json.loads(files["settings.json"])
    assert settings["home"] == "~/desk"
    assert settings["variables"]["VIGIE_HOME"] == "~/desk"
    assert settings["variables"]["VIGIE_BITGET_SECRET"] == "(set, hidden)"
    assert settings["files"] == ["~/work/.env", "~/desk/vigie.toml"]
    data = json.loads(files["data.json"])
    assert len(data) == 21
    assert data[0]["series"].startswith("simulated-perp/")
    log = files["logs/USER.log"].splitlines()
    assert 190 < len(log) <= 200, "a secret of several lines becomes one"
    assert "line 999" in log
    assert "line 700" not in log


def test_nothing_secret_or_personal_is_in_the_zip(vigie: Vigie, desk: Path, tmp_path: Path):
    assert vigie("doctor", "--bundle", "--out", tmp_path / "r.zip").code == 0
    text = "\n".join([*unzipped(tmp_path / "r.zip"), *unzipped(tmp_path / "r.zip").values()])
    planted = [
        *SECRETS.values(),
        *IN_FILES.values(),
        "hunter",
        "MIIEvQIBADANBg",
        PERSON,
        "alicias-laptop",
        str(tmp_path),
    ]
    assert [one for one in planted if one.lower() in text.lower()] == []
    assert text.count("***") >= len(SECRETS) + len(IN_FILES)
    assert "no ~/desk/bars" in text


def test_equal_reports_are_equal_files_and_a_folder_takes_the_usual_name(vigie: Vigie, tmp_path: Path):
    privacy = Privacy(config.hidden_values(tmp_path), config.personal_names())
    assert privacy.clean_value({"a": [f"x {SECRETS['SIGNING_KEY']}", 1, None]}) == {"a": ["x ***", 1, None]}
    assert vigie("doctor", "--bundle", "--out", tmp_path).code == 0
    assert set(unzipped(tmp_path / "vigie-bug-report.zip")) >= {"doctor.json"}


def test_bundle_as_json_names_the_file(vigie: Vigie):
    record = json.loads(vigie("doctor", "--bundle", "--json").out)
    assert record["bundle"] == "vigie-bug-report.zip"
    assert "bundle" not in json.loads(vigie("doctor", "--json").out)


def test_bundle_is_written_where_something_fails(
    vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "file" / "home"))
    assert vigie("doctor", "--bundle").code == 1
    assert "cannot be written" in unzipped(Path("vigie-bug-report.zip"))["doctor.json"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--bundle", "--out", "report.txt"),
            "--out must be a folder or a file that ends in .zip, was report.txt",
        ),
        (("--out", "report.zip"), "--out goes with --bundle"),
    ],
)
def test_out_that_cannot_be_is_refused(vigie: Vigie, words: tuple[str, ...], said: str):
    done = vigie("doctor", *words)
    assert (done.code, done.err) == (2, f"error: {said}\n")
    assert list(Path().iterdir()) == []


def test_home_of_a_container_names_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/")
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert Privacy((), config.personal_names()).clean("/bars/BTC") == "/bars/BTC"
