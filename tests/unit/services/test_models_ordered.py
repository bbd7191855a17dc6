"""Operations of models and the job that trains one: as a page or a program orders it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import houses
from tests.houses import person
from tests.unit.services.learning_material import CHOSEN, train, training_home
from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.research.learning.fold_choices import FoldChoices
from vigie.services.learning import prepared_rows
from vigie.services.learning.evaluation_request import stated_choices
from vigie.services.learning.training import train_model
from vigie.services.operation_calls import run_operation
from vigie.services.running.work import Report, kinds
from vigie.services.running.work.train import TrainOrder, training_request

pytest.importorskip("sklearn")
ORDER = {"name": "btc_day", "instrument": "BTC", "kind": "tree", "columns": ",".join(CHOSEN), "folds": 4}


@pytest.fixture(scope="module")
def ordered(tmp_path_factory):
    """A home in which a training was ordered and done by the job's kind."""
    house = houses.house(tmp_path_factory.mktemp("ordered"))
    job = run_operation(house, person("trader"), "models.train", ORDER)
    kind, told = kinds()[job.kind], []
    stored = house.jobs.get(job.id)
    report = Report(stored.id, stored.owner, lambda share, now, lines: told.append((share, now)))
    answer = kind.do(house, kind.input_type.model_validate(stored.ask), report)
    return house, job, told, answer


def test_an_order_becomes_a_job_that_says_how_far_it_is(ordered):
    house, job, told, answer = ordered
    assert job.about == "btc_day \u00b7 BTC"
    assert [now for _, now in told[1:5]] == [f"fold {number} of 4" for number in range(1, 5)]
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1] == (1.0, "done")
    assert (answer["model"], answer["version"]) == ("btc_day", 1)
    assert house.learned_models.fit("btc_day", 1).owner == house.jobs.get(job.id).owner


def test_details_say_what_the_registry_keeps(ordered):
    house = ordered[0]
    fit = house.learned_models.fit("btc_day", 1)
    told = run_operation(house, person("viewer"), "models.get", {"name": "btc_day"})
    assert told.columns == list(CHOSEN)
    assert told.log_loss_gain == fit.figures.log_loss_gain
    assert len(told.folds) == 4
    assert told.learned_rows > 1_000
    assert told.data == fit.data
    assert [file.sha256 for file in told.files] == [file.sha256 for file in fit.files]
    (row,) = run_operation(house, person("viewer"), "models.list", {}).rows
    assert (row.name, row.stage, row.instrument) == ("btc_day", "candidate", "btc-usdt-perp")


def test_models_are_compared_by_what_they_gained(ordered):
    house = ordered[0]
    train(house, name="other", kind="logistic")
    rows = run_operation(house, person("viewer"), "models.compare", {"models": "btc_day, other,other/1"}).rows
    assert {row.name for row in rows} == {"btc_day", "other"}
    assert rows[0].log_loss_gain >= rows[1].log_loss_gain
    for wrong, said in (
        ("btc_day/x", "a version is a number"),
        (",".join(["other"] * 21), "between 1 and 20"),
    ):
        with pytest.raises(UsageError, match=said):
            run_operation(house, person("viewer"), "models.compare", {"models": wrong})
    with pytest.raises(NotFound, match="other has versions 1 to 1, not 7"):
        run_operation(house, person("viewer"), "models.compare", {"models": "other/7"})


def test_an_order_that_cannot_be_registered_is_refused_before_it_takes_time(ordered, monkeypatch):
    house = ordered[0]
    with pytest.raises(Conflict, match="trained with another horizon"):
        run_operation(house, person("trader"), "models.train", {**ORDER, "horizon": 12})
    for other, said in (
        ({"rule": "macd_crossing"}, "no shipped strategy 'macd_crossing'; the nearest is macd_cross"),
        ({"kind": "forrest"}, "no kind of model 'forrest' for a direction; the nearest is forest"),
        ({"columns": "price.retrun_24"}, "no column 'price.retrun_24'; the nearest is price.return_24"),
        ({"columns": "price.return_24,price.return_24"}, "price.return_24 is given twice"),
        ({"instrument": "DOGE"}, "no bars of .*doge"),
        ({"instrument": "BTC,btc-usdt-perp", "columns": "price.return_24"}, "named twice"),
    ):
        with pytest.raises(UsageError, match=said):
            run_operation(house, person("trader"), "models.train", {**ORDER, "name": "new", **other})
    monkeypatch.setattr(prepared_rows, "find_instrument", lambda *_: [])
    with pytest.raises(UsageError, match="no rules of btc-usdt-perp at binance-perp are known"):
        run_operation(house, person("trader"), "models.train", {**ORDER, "name": "new"})
    assert [job.ask["name"] for job in house.jobs.list()] == ["btc_day"]


def test_what_stands_all_day_imports_no_library_that_learns():
    asked = (
        "import sys; import vigie.views.web.app, vigie.wiring.app_context, vigie.services.running.worker; "
        "from vigie.services.operation import operations; operations(); "
        "from vigie.services.running.work import kinds; kinds(); "
        "from vigie.quant.models import registry; registry(); "
        "print([name for name in ('sklearn', 'lightgbm', 'scipy.sparse', 'optuna') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_an_order_says_how_time_is_cut_and_what_folds_choose():
    order = TrainOrder(name="all", instrument="BTC", folding="combinatorial", select=3, search=2)
    asked = training_request(order)
    assert (asked.folding, asked.choices) == ("combinatorial", FoldChoices(columns=3, tries=2))
    # A choice that nobody made leaves the parameters of an older model as they were.
    assert not {"folding", "select", "search"} & set(
        stated_choices(training_request(TrainOrder(name="all", instrument="BTC")))
    )


def test_without_named_columns_a_training_reads_what_accounts_have(ordered):
    house = ordered[0]
    order = TrainOrder(name="all", instrument="BTC", kind="logistic", folds=4)
    made = train_model(training_home(house), "all", training_request(order), owner="u1")
    assert len(made.fit.card["columns"]) > 20
    assert not [name for name in made.fit.card["columns"] if name.startswith("cross.")]
    (row,) = run_operation(house, person("viewer"), "models.list", {"name": "all"}).rows
    assert row.can_rise == any(file.name == "strategy.py" for file in made.fit.files)


@pytest.mark.parametrize("caller", [VISITOR, Caller("reader", "viewer", frozenset({"read"}))])
def test_who_may_only_read_orders_no_training_and_moves_no_model(ordered, caller):
    house = ordered[0]
    jobs, models = house.jobs.list(), list(house.learned_models.models())
    asked = {
        "models.train": {**ORDER, "name": "theirs"},
        "models.promote": {"name": "btc_day"},
        "models.demote": {"name": "btc_day", "stage": "candidate"},
    }
    for name, given in asked.items():
        with pytest.raises(Forbidden):
            run_operation(house, caller, name, given)
    assert (house.jobs.list(), list(house.learned_models.models())) == (jobs, models)
    assert not house.audit.after(0, kinds=["model.moved"])


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/lab/train", {**ORDER, "name": "theirs"}),
        ("/lab/move", {"name": "btc_day", "version": "1", "what": "promote"}),
        ("/lab/move", {"name": "btc_day", "version": "1", "what": "demote"}),
    ],
)
def test_forms_of_the_lab_do_nothing_for_who_is_not_signed_in(ordered, path, form):
    house = ordered[0]
    jobs, models = house.jobs.list(), list(house.learned_models.models())
    answer = houses.Browser(house, is_owner=False).post(path, form, follow=False)
    assert answer.status_code in (303, 401, 403), answer.status_code
    assert (house.jobs.list(), list(house.learned_models.models())) == (jobs, models)
    assert not house.audit.after(0, kinds=["model.moved"])
