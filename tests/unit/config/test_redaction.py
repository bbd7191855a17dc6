"""What of the settings is never shown to others: also what lies in a file of its own."""

from __future__ import annotations

import pytest

from vigie.config import hidden_values

ADDRESS = "postgresql://ann:" + "hunter2hunter2" + "@example.org/desk"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_secret_in_a_file_that_a_variable_names_is_hidden(tmp_path):
    file = tmp_path / "database"
    file.write_text(f"{ADDRESS}\n", "utf-8")
    found = hidden_values(tmp_path, {"DATABASE_URL_FILE": str(file)})
    assert {ADDRESS, "hunter2hunter2"} <= set(found)


@pytest.mark.parametrize("form", ["{}={}", "export {}={}", '{}="{}"', "{} = '{}'"])
def test_a_secret_in_a_file_that_a_file_of_settings_names_is_hidden(tmp_path, form):
    (tmp_path / "secret of bitget").write_text("hunter2hunter2\n", "utf-8")
    line = form.format("VIGIE_BITGET_SECRET_FILE", tmp_path / "secret of bitget")
    (tmp_path / ".env").write_text(f"# settings\n{line}\nVIGIE_PORT=8080\n", "utf-8")
    assert "hunter2hunter2" in hidden_values(tmp_path, {})


def test_files_of_others_and_files_that_cannot_be_read_are_left_alone(tmp_path):
    (tmp_path / "theirs").write_text("a long word of somebody", "utf-8")
    named = {"OTHER_FILE": str(tmp_path / "theirs"), "VIGIE_BITGET_KEY_FILE": str(tmp_path / "none")}
    assert "a long word of somebody" not in hidden_values(
        tmp_path, {**named, "MONGODB_URL_FILE": str(tmp_path)}
    )
