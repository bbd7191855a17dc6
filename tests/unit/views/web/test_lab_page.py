"""The lab's pages: models are listed, ordered, shown with their folds, and moved by their gates, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.houses import VENUE, Browser, house, person
from tests.unit.services.learning_material import CHOSEN, letting_half_through, train
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_strategy import beyond_accounts, find_obstacle
from vigie.services.learning.training import find_fit
from vigie.services.operation_calls import run_operation
from vigie.services.running.work import Report, kinds
from vigie.trading.scaffold import templates
from vigie.views.web.language import UserLanguage

pytest.importorskip("sklearn")
OWNER = person("owner")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = house(tmp_path_factory.mktemp("lab"))
    train(home)
    with letting_half_through():
        train(home, "net", kind="network")
    return home


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Lab", "btc_", "candidate", "luck", "Train a model", "never trades", "Tradable")),
        (
            "fr",
            ("Labo", "btc_", "candidat", "hasard", "Entraîner un modèle", "ne trade jamais", "Négociable"),
        ),
    ],
)
def test_the_list_says_how_each_did(built, language, words):
    page = Browser(built, language=language).get("/lab").text
    for word in words:
        assert word in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Result out of sample",
                "cannot be told from luck",
                "Folds",
                "Years",
                "The newest fifth of time",
            ),
        ),
        ("fr", ("Résultat hors échantillon", "Blocs", "Années", "Le dernier cinquième du temps")),
    ],
)
def test_one_model_has_its_folds_years_and_columns(built, language, words):
    browser = Browser(built, language=language)
    page = browser.get("/lab/btc_day").text
    for word in (*words, *CHOSEN):
        assert word in page
    assert page.count('<th scope="row">') >= 4
    # What the card has: thresholds, seed, what was left out, files; and how much each column is missed.
    told = run_operation(built, OWNER, "models.get", {"name": "btc_day"})
    lang = UserLanguage(language)
    said = [*(file.sha256 for file in told.files), *told.data.values(), *told.code.values()]
    gained = f"{lang.fixed(told.brier_gain, 4)} [{lang.fixed(told.brier_low, 4)}; {lang.fixed(told.brier_high, 4)}]"
    for value in (*said, lang.fixed(told.usual, 4), gained):
        assert value in page
    table = page.partition('id="column-table"')[2].partition("</table>")[0]
    missed = run_operation(built, OWNER, "models.columns", {"name": "btc_day"}).rows
    for row in missed:
        assert f"<code>{row.name}</code>" in table
        assert re.search(rf"(?<!\d){abs(row.loss_added):.4f}"[:-1].replace(".", "[.,]"), table), row
    other = browser.get("/lab/net").text
    assert ("only its library scores it" if language == "en" else "seule sa bibliothèque calcule") in other
    # Of the first it is the odds, unless its market was not kept: models of before kept none.
    never = "no odds that it gives promise" if language == "en" else "aucune de ses cotes ne promet"
    assert never in page


def test_a_model_of_other_assets_that_kept_no_market_says_which_columns_accounts_lack(built):
    fit = find_fit(built.learned_models, "btc_day", None)
    card = LearnedCard.model_validate(fit.card)
    assert card.peers
    assert find_obstacle(card, fit) == "odds"
    former = card.model_copy(update={"peers": ()})
    assert (find_obstacle(former, fit), beyond_accounts(former)) == ("columns", ["cross.beta_168"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Predicted and observed",
                "The lowest tenth",
                "Overall rate",
                "Buy and hold",
                "the account made",
                "Perfect",
            ),
        ),
        (
            "fr",
            (
                "Prédit et observé",
                "Le dixième le plus bas",
                "frais compris",
                "Calibration parfaite",
                "Taux global",
            ),
        ),
    ],
)
def test_one_model_shows_its_calibration_and_its_account(built, language, words):
    browser = Browser(built, language=language)
    page = browser.get("/lab/btc_day").text
    for word in words:
        assert word in page
    for name in ("model-calibration", "model-equity"):
        picture = browser.get(f"/chart/{name}.svg?name=btc_day&version=1")
        assert picture.status_code == 200
        assert "btc_day/1" in picture.text
        assert f"/chart/{name}.png" in page


def test_a_model_of_before_accounts_were_recorded_says_so(built):
    fit = built.learned_models.fit("net", 1)
    evaluation = {name: value for name, value in fit.evaluation.items() if name != "equity"}
    built.learned_models.add(
        built.learned_models.experiment("net"), replace(fit, version=2, evaluation=evaluation)
    )
    browser = Browser(built)
    page = browser.get("/lab/net?version=2").text
    assert "trained before accounts were recorded" in page
    assert "/chart/model-equity" not in page
    assert browser.get("/chart/model-equity.svg?name=net&version=2").status_code == 404
    assert browser.get("/chart/models-compared.svg?models=net/2").status_code == 404


def test_a_training_is_ordered_and_a_form_that_cannot_be_comes_back_with_what_was_typed(built):
    browser = Browser(built)
    order = {
        "name": "eth_day",
        "instrument": "ETH",
        "venue": VENUE,
        "timeframe": "1h",
        "kind": "tree",
        "horizon": "24",
    }
    answer = browser.post("/lab/train", {**order, "folds": "4", "columns": "price.body"}, of="/lab")
    assert "/jobs/" in str(answer.url)
    (job,) = built.jobs.list()
    assert (job.kind, job.ask["name"]) == ("train", "eth_day")
    # It can be stopped there; the worker ends its process, whatever kind of job it is.
    built.jobs.take("w", ["train"], stale_ms=60_000)
    browser.post("/jobs/cancel", {"job": job.id}, of=f"/jobs/{job.id}")
    assert built.jobs.get(job.id).wants_cancel
    built.jobs.finish(job.id, "w", "cancelled", message="stopped as asked")
    browser.post("/lab/train", {**order, "folds": "4", "columns": "price.body"}, of="/lab")
    job = next(one for one in built.jobs.list() if one.state == "queued")
    # Its page leads to the model once it is done, and back to the form where it failed.
    page = browser.get(f"/jobs/{job.id}").text
    assert "/lab/eth_day" not in page
    built.jobs.take("w", ["train"], stale_ms=1)
    built.jobs.finish(job.id, "w", "done", answer={"model": "eth_day", "version": 1})
    assert 'href="/lab/eth_day?version=1"' in browser.get(f"/jobs/{job.id}").text
    browser.post("/lab/train", order, of="/lab")
    failed = built.jobs.take("w", ["train"], stale_ms=1)
    built.jobs.finish(failed.id, "w", "failed", message="no bars")
    page = browser.get(f"/jobs/{failed.id}").text
    assert "/backtests/new" not in page.partition("<main")[2].partition("</main")[0]
    assert ">Train a model</a>" in page
    wrong = browser.post("/lab/train", {**order, "name": "Ether Day"}, of="/lab")
    assert wrong.status_code == 400
    assert 'value="Ether Day"' in wrong.text
    # What is wrong is named as the form names it.
    for language, field in (("en", "Folds"), ("fr", "Blocs")):
        wrong = Browser(built, language=language).post("/lab/train", {**order, "folds": "1000"}, of="/lab")
        assert re.search(rf"{field}\s?: ", wrong.text.partition('role="alert"')[2])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Its markets were chosen today", "How it did on each market that it learned from", "one model learns")),
        ("fr", ("biais du survivant", "Son résultat sur chaque marché dont il a appris", "un seul modèle apprend")),
    ],
)  # fmt: skip
def test_a_model_of_several_markets_is_ordered_by_the_form_and_shows_each(built, language, words):
    browser, name = Browser(built, language=language), f"pool_{language}"
    order = {
        "name": name, "instrument": "BTC, ETH", "venue": VENUE, "timeframe": "1h", "kind": "tree", "horizon": "24",
        "folds": "4", "columns": "price.body,price.return_24",
    }  # fmt: skip
    assert "/jobs/" in str(browser.post("/lab/train", order, of="/lab").url)
    kind = kinds()["train"]
    job = next(job for job in built.jobs.list() if job.ask["name"] == name)
    report = Report(job.id, job.owner, lambda share, now, lines: None)
    answer = kind.do(built, kind.input_type.model_validate(job.ask), report)
    assert answer["markets"] == ["btc-usdt-perp", "eth-usdt-perp"]
    page = browser.get(f"/lab/{name}").text + browser.get("/lab").text
    for word in words:
        assert word in page
    for market in ("btc-usdt-perp", "eth-usdt-perp"):
        assert f">{market}<" in page
    refused = browser.post("/lab/train", {**order, "name": "twice", "instrument": "BTC,BTC"}, of="/lab")
    assert refused.status_code == 400
    assert 'value="BTC,BTC"' in refused.text


def test_a_model_moves_by_its_gates_only(built):
    browser = Browser(built)
    order = {"name": "btc_day", "version": "1", "what": "promote"}
    refused = browser.post("/lab/move", order, of="/lab/btc_day")
    assert refused.status_code == 400
    assert "btc_day 1 never trades" in refused.text
    wrong = browser.post("/lab/move", {"name": "btc_day", "version": "1", "what": "sell"}, of="/lab/btc_day")
    assert wrong.status_code == 400
    assert {one.stage for one in built.learned_models.models()} == {"candidate"}


def test_what_only_a_library_scores_is_led_to_the_shadow_and_no_further(built):
    browser = Browser(built)
    order = {"name": "net", "version": "1"}
    assert 'value="promote"' in browser.get("/lab/net?version=1").text
    risen = browser.post("/lab/move", {**order, "what": "promote"}, of="/lab/net").text
    assert "goes no further than the shadow" in risen
    assert 'value="promote"' not in risen
    back = browser.post("/lab/move", {**order, "what": "demote"}, of="/lab/net").text
    assert 'value="promote"' in back


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Compare models", "Brier score gained", "Accounts out of sample", "How each did in each part"),
        ),
        (
            "fr",
            (
                "Comparer des modèles",
                "Gain de score de Brier",
                "Comptes hors échantillon",
                "Résultat de chacun",
            ),
        ),
    ],
)
def test_up_to_four_models_stand_beside_each_other_by_the_address(built, language, words):
    browser = Browser(built, language=language)
    page = browser.get("/lab?a=btc_day/1&b=net/1").text
    for word in words:
        assert word in page
    assert page.count('<option value="btc_day/1" selected') == 1
    picture = browser.get("/chart/models-compared.svg?models=btc_day/1,net/1")
    assert {"btc_day/1", "net/1"} <= set(picture.text.replace("<", ">").split(">"))


@pytest.mark.parametrize("query", ["", "?a=btc_day/1", "?a=btc_day/1&b=btc_day/1", "?a=btc_day/1&b=gone/7"])
def test_one_model_alone_is_not_compared(built, query):
    page = Browser(built).get(f"/lab{query}")
    assert page.status_code == 200
    assert "Pick two to four" in page.text
    assert "How each did in each part of time" not in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Decision tree, direction of the next"),
        ("fr", "Arbre de décision, sens des"),
    ],
)
def test_a_strategy_that_is_a_model_is_described_in_the_language_of_the_visitor(built, language, said):
    strategies = built.results.strategies
    strategies.mkdir(parents=True, exist_ok=True)
    own, other = strategies / "model_btc_day.py", strategies / "model_of_nobody.py"
    for path in (own, other):
        text = templates.render_files(path.stem)[f"{path.stem}.py"]
        path.write_text(text.replace('"""', '"""Btc_day 1 in English. ', 1))
    try:
        browser = Browser(built, language=language)
        for address in ("/strategies", "/strategies/model_btc_day"):
            page = browser.get(address).text
            assert said in page
        # What no model of this home is says what its file says.
        assert "Btc_day 1 in English" in browser.get("/strategies/model_of_nobody").text
        assert browser.get("/strategies").text.count("Btc_day 1 in English") == 1
    finally:
        own.unlink()
        other.unlink()
