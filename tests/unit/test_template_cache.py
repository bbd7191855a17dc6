"""Templates are made into Python once, whoever draws them; where they cannot be kept they are drawn all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from vigie.template_cache import template_cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("vigie.compiled.cache_folder", lambda: tmp_path / "compiled" / "kernel")
    return tmp_path / "compiled" / "templates"


def _drawn(text: str, *, gone: Path | None = None) -> str:
    kept = template_cache()
    assert kept is not None
    if gone is not None:
        gone.rmdir()
    env = Environment(loader=DictLoader({"page.html": text}), bytecode_cache=kept, autoescape=True)
    return env.get_template("page.html").render(name="Ann")


def test_the_next_process_makes_no_template_anew(monkeypatch: pytest.MonkeyPatch):
    assert _drawn("for {{ name }}") == "for Ann"

    def compiled(*_args: object, **_options: object) -> None:
        raise AssertionError("made anew")

    monkeypatch.setattr(Environment, "compile", compiled)
    assert _drawn("for {{ name }}") == "for Ann"
    with pytest.raises(AssertionError, match="made anew"):
        _drawn("of {{ name }}")


def test_languages_share_the_code_of_a_template():
    first, second = template_cache(), template_cache()
    assert first is not None
    assert second is not None
    env = Environment(
        loader=DictLoader({"page.html": "to {{ name }}"}), bytecode_cache=first, autoescape=True
    )
    code = first.get_bucket(env, "page.html", None, "to {{ name }}").code
    assert code is None
    env.get_template("page.html")
    codes = [kept.get_bucket(env, "page.html", None, "to {{ name }}").code for kept in (first, second)]
    assert codes[0] is codes[1] is not None


def test_a_template_is_drawn_where_it_cannot_be_kept(folder: Path):
    assert _drawn("for {{ name }}", gone=folder) == "for Ann"
    assert not folder.exists()


def test_where_nothing_can_be_written_there_is_no_cache(folder: Path):
    folder.parent.write_text("", encoding="utf-8")
    assert template_cache() is None
