"""The page of a strategy answers at once; what must be compiled first is drawn when it is there."""

from __future__ import annotations

import threading

import pytest

from tests.houses import Browser, house, until
from vigie.domain.errors import UsageError
from vigie.services.judging import strategies
from vigie.trading.scaffold import templates

OWN = "slow_one"


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


@pytest.fixture
def held(monkeypatch):
    """Let judging wait until a test says so, as the first compiling does."""
    gate, judge, begun = threading.Event(), strategies.judge, []

    def slow(*given, **more):
        begun.append(given)
        assert gate.wait(60)
        return judge(*given, **more)

    monkeypatch.setattr(strategies, "judge", slow)
    yield gate, begun
    gate.set()


@pytest.mark.parametrize(
    ("language", "waiting", "condition"),
    [
        ("en", "are being read for the first time", "required ·"),
        ("fr", "Ses critères sont lus pour la première fois\u00a0: son", "obligatoire ·"),
    ],
)
def test_the_page_does_not_wait_for_what_is_compiled(built, held, language, waiting, condition):
    gate, begun = held
    browser = Browser(built, language=language)
    for _ in range(2):
        page = browser.get("/strategies/macd_cross")
        assert page.status_code == 200
        assert waiting in page.text
        # Asked again by the page itself, or by a link where no scripts run.
        assert (
            'hx-get="/strategies/macd_cross" hx-trigger="load delay:1s" hx-select="#described"' in page.text
        )
        assert 'class="no-js-only" href="/strategies/macd_cross#criteria"' in page.text
        # Title, parameters and text of its file are there.
        assert "<code>fast</code>" in page.text
        assert "def criteria(" in page.text
        assert condition not in page.text.partition('id="criteria"')[2].partition("</section>")[0]
    # Two visits compile once.
    assert len(begun) == 1
    told = browser.call("strategies.get", name="macd_cross", wait=False).json()
    assert (told["is_judged"], told["criteria"]) == (False, [])
    assert browser.call("strategies.parameters", name="macd_cross").json()["rows"]
    gate.set()
    whole = browser.call("strategies.get", name="macd_cross").json()
    assert whole["is_judged"]
    assert whole["criteria"]
    page = browser.get("/strategies/macd_cross").text
    assert waiting not in page
    assert "hx-trigger" not in page.partition('id="described"')[2].partition(">")[0]
    assert condition in page.partition('id="criteria"')[2].partition("</section>")[0]


def test_a_file_that_is_edited_is_described_anew_and_one_that_fails_is_told_and_tried_again(
    built, monkeypatch
):
    own = built.results.strategies
    own.mkdir(parents=True)
    text = next(text for name, text in templates.render_files(OWN).items() if name == f"{OWN}.py")
    (own / f"{OWN}.py").write_text(text)
    browser = Browser(built)
    first = browser.call("strategies.get", name=OWN).json()
    assert first["criteria"]
    assert built.descriptions.get_page(OWN, own) is built.descriptions.get_page(OWN, own)
    judge = strategies.judge

    def broken(*given, **more):
        raise UsageError("criteria of slow_one must be a tuple")

    monkeypatch.setattr(strategies, "judge", broken)
    (own / f"{OWN}.py").write_text(text + "\n# edited\n")
    answer = browser.call("strategies.get", name=OWN)
    assert (answer.status_code, "must be a tuple" in answer.text) == (400, True)
    monkeypatch.setattr(strategies, "judge", judge)
    again = until(lambda: browser.call("strategies.get", name=OWN).json())
    assert again["source"].endswith("# edited\n")
    assert again["criteria"] == first["criteria"]
    assert browser.call("strategies.get", name="nothing_like_it").status_code == 404
    assert browser.call("strategies.parameters", name="nothing_like_it").status_code == 404
