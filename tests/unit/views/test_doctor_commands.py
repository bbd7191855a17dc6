"""`vigie doctor` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nameserver import nameserver
from tests.unit.services.backtest_material import Vigie, command_line
from vigie.services import doctor


@pytest.fixture
def vigie(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Vigie:
    return command_line(monkeypatch, capsys)


def test_fit_machine_ends_with_0_and_every_warning_has_its_cure(vigie: Vigie, home: Path):
    said = vigie("doctor")
    assert said.code == 0, said.out
    assert "no bars are stored" in said.out
    assert "fix: vigie data import PATH" in said.out
    assert list(home.iterdir()) == []


def test_json_names_each_check_with_status_detail_and_cure(vigie: Vigie):
    record = json.loads(vigie("doctor", "--json").out)
    assert (record["fit"], record["warmed_s"]) == (True, None)
    assert {"python", "cores", "memory", "disk", "home", "data", "kernel cache"} <= {
        one["check"] for one in record["checks"]
    }
    assert all(set(one) == {"check", "status", "detail", "cure"} for one in record["checks"])


def test_home_that_cannot_be_written_ends_with_1(
    vigie: Vigie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "file" / "home"))
    said = vigie("doctor")
    assert said.code == 1
    assert "cannot be written" in said.out


def test_warming_says_how_long_it_took(vigie: Vigie, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "compile_all", lambda _clock: 2.5)
    assert vigie("doctor", "--warm").out.startswith("Compiled in 2.5 s.")
    assert json.loads(vigie("doctor", "--warm", "--json").out)["warmed_s"] == 2.5


def test_mail_records_are_looked_up_and_the_missing_ones_written_out(
    vigie: Vigie, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("VIGIE_SMTP_URL", "smtps://mail.example.net")
    monkeypatch.setenv("VIGIE_SMTP_FROM", "vigie@example.org")
    zone = {
        "example.org": ["v=spf1 include:_spf.example.net -all"],
        "_spf.example.net": ["v=spf1 ip4:192.0.2.1 -all"],
    }
    with nameserver(zone) as address:
        given = ("doctor", "--mail", "--dns", address, "--spf", "include:_spf.example.net")
        said, told = vigie(*given), json.loads(vigie(*given, "--json").out)
    assert said.code == 1
    assert '  fix: add: _dmarc.example.org. IN TXT "v=DMARC1; p=none"\n' in said.out
    assert told["fit"] is False
    assert [(one["name"], one["status"]) for one in told["checks"]] == [
        ("sender", "ok"), ("SPF", "ok"), ("DKIM", "warning"), ("DMARC", "fail"), ("one click", "warning"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--mail",), "VIGIE_SMTP_URL"),
        (("--spf", "mx"), "go with --mail"),
        (("--mail", "--warm"), "leave out --warm"),
        (("--mail", "--dns", "resolver.example.org"), "must be an IP address"),
    ],
)
def test_mail_checks_that_cannot_be_made_are_refused(
    vigie: Vigie, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], told: str
):
    if "--dns" in given:
        monkeypatch.setenv("VIGIE_SMTP_URL", "smtps://mail.example.net")
    said = vigie("doctor", *given)
    assert said.code != 0
    assert told in said.out + said.err
