"""The registry of learned models on both databases: a fit enters whole, and versions follow each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vigie.adapters.stores.sql.learned_models import SqlLearnedModels
from vigie.domain.errors import Conflict
from vigie.domain.learned import (
    ColumnEffect,
    FitFigures,
    LearnedExperiment,
    LearnedFile,
    LearnedFit,
    LearnedModel,
    ModelOpening,
    ShadowDecision,
)

FIGURES = FitFigures(1_200, 0.52, 0.001, -0.002, 0.004, -0.0003, 87, None, True)
ASKED = LearnedExperiment("btc_day", "u1", 0, {"kind": "logistic", "columns": ["price.body"], "horizon": 24})
FIRST = LearnedFit(
    "btc_day", 1, 0, "u1", {"bars": "ab" * 32}, {"vigie": "0.1"}, 1_700_000_000_000, FIGURES,
    {"folds": [{"auc": None}]}, {"limits": ["é \u2028"]}, (LearnedFile("card.json", 12, "cd" * 32),),
)  # fmt: skip


@pytest.fixture
def models(database, clock):
    return SqlLearnedModels(database, clock)


def test_an_empty_registry_has_nothing(models):
    assert models.experiment("btc_day") is models.fit("btc_day", 1) is None
    assert list(models.experiments()) == list(models.fits()) == list(models.models()) == []


def test_a_fit_comes_back_as_it_was_kept_and_its_model_is_a_candidate(models, clock):
    now = clock.wall_now()
    assert models.add(ASKED, FIRST) == LearnedModel("btc_day", 1, "candidate", now)
    assert models.experiment("btc_day") == replace(ASKED, ts_created=now)
    assert models.fit("btc_day", 1) == replace(FIRST, ts_created=now)
    assert models.fit("btc_day", 2) is None
    assert list(models.models("btc_day")) == [LearnedModel("btc_day", 1, "candidate", now)]


def test_versions_follow_each_other_and_names_stand_apart(models):
    models.add(ASKED, FIRST)
    models.add(ASKED, replace(FIRST, version=2))
    models.add(replace(ASKED, name="alone"), replace(FIRST, experiment="alone"))
    assert [(one.experiment, one.version) for one in models.fits()] == [
        ("alone", 1), ("btc_day", 1), ("btc_day", 2),
    ]  # fmt: skip
    assert [one.version for one in models.models("btc_day")] == [1, 2]
    assert [one.name for one in models.experiments()] == ["alone", "btc_day"]
    with pytest.raises(Conflict, match="another fit of btc_day became version 2 meanwhile"):
        models.add(ASKED, replace(FIRST, version=2))
    with pytest.raises(Conflict, match="became version 4 meanwhile"):
        models.add(ASKED, replace(FIRST, version=4))


def test_one_name_has_one_set_of_parameters_and_a_refused_fit_leaves_nothing(models):
    models.add(ASKED, FIRST)
    with pytest.raises(Conflict, match="trained with other parameters: give this model another name"):
        models.add(replace(ASKED, parameters={"kind": "tree"}), replace(FIRST, version=2))
    assert len(models.fits()) == len(models.models()) == 1
    with pytest.raises(Conflict):
        models.add(replace(ASKED, name="new"), replace(FIRST, experiment="new", version=3))
    assert models.experiment("new") is None


def test_who_ordered_it_can_be_another_or_nobody(models):
    models.add(ASKED, FIRST)
    models.hand_over("u1", "u2")
    assert models.experiment("btc_day").owner == models.fit("btc_day", 1).owner == "u2"
    models.hand_over("u2", "")
    assert models.fit("btc_day", 1).owner == ""
    assert len(models.models()) == 1


OPENED = ModelOpening("binance-perp btc-usdt-perp 1h direction 24", 1, FIGURES)


def test_a_model_moves_from_the_stage_that_was_read_and_keeps_its_first_opening(models, clock):
    candidate = models.add(ASKED, FIRST)
    shadow = models.move(candidate, "shadow", OPENED)
    assert shadow == LearnedModel("btc_day", 1, "shadow", clock.wall_now(), OPENED)
    assert list(models.models()) == [shadow]
    back = models.move(shadow, "candidate")
    again = models.move(back, "shadow", replace(OPENED, look=2))
    assert again.opening == OPENED
    with pytest.raises(Conflict, match="btc_day 1 came to another stage meanwhile"):
        models.move(candidate, "shadow")
    assert list(models.models()) == [again]


def test_looks_of_a_family_are_counted_where_they_are_kept(models):
    """Two that opened at once were both told to be the first, and an hour more of horizon made another first."""
    families = (
        "v btc 1h direction 24",
        "v eth 1h direction 24",
        "v btc 1h direction 12",
        "v btc 1h direction 24",
        # Of several markets each look at one of them counts.
        "v btc+eth 1h direction 24",
        "v eth+sol 1h direction 24",
        "w btc 1h direction 24",
    )
    for number, family in enumerate(families):
        one = models.add(replace(ASKED, name=f"m{number}"), replace(FIRST, experiment=f"m{number}"))
        models.move(one, "shadow", replace(OPENED, family=family))
    assert [one.opening.look for one in models.models()] == [1, 1, 2, 3, 5, 3, 1]


def test_one_version_of_a_name_stands_above_candidate(models):
    first = models.add(ASKED, FIRST)
    second = models.add(ASKED, replace(FIRST, version=2))
    risen = models.move(first, "shadow", OPENED)
    with pytest.raises(Conflict, match="btc_day 1 stands above candidate: take it back first"):
        models.move(second, "shadow", OPENED)
    models.move(risen, "candidate")
    assert models.move(second, "shadow", OPENED).stage == "shadow"


def test_the_first_word_on_a_bar_stays(models):
    models.add(ASKED, FIRST)
    said = [
        ShadowDecision(hour * 3_600_000, hour % 4, None if hour == 2 else 0.1 * hour, "ab")
        for hour in range(5)
    ]
    for decision in reversed(said):
        models.note_shadow("btc_day", 1, decision)
    models.note_shadow("btc_day", 1, replace(said[3], flags=9))
    assert list(models.shadow("btc_day", 1)) == said
    assert list(models.shadow("btc_day", 1, last=2)) == said[-2:]
    assert list(models.shadow("btc_day", 1, ts_bar=said[1].ts_bar)) == [said[1]]
    assert list(models.shadow("btc_day", 1, ts_bar=said[1].ts_bar + 1)) == []
    assert list(models.shadow("btc_day", 2)) == []


def test_each_market_of_a_model_has_its_own_word_on_a_close(models):
    models.add(ASKED, FIRST)
    said = [ShadowDecision(0, 1, 0.5, "ab", instrument=name) for name in ("btc-usdt-perp", "eth-usdt-perp")]
    for decision in said:
        models.note_shadow("btc_day", 1, decision)
    models.note_shadow("btc_day", 1, replace(said[0], flags=2))
    for decision in said:
        assert list(models.shadow("btc_day", 1, instrument=decision.instrument)) == [decision]
        assert models.shadow_closes("btc_day", 1, instrument=decision.instrument) == 1
    assert list(models.shadow("btc_day", 1)) == []


def test_effects_of_a_decision_are_kept_and_closes_are_counted(models):
    models.add(ASKED, FIRST)
    effects = (ColumnEffect("price.body", -0.25, 0.125), ColumnEffect("calendar.hour_sine", 0.5, -0.0625))
    explained = ShadowDecision(0, 1, 0.5, "ab", effects)
    models.note_shadow("btc_day", 1, explained)
    models.note_shadow("btc_day", 1, ShadowDecision(3_600_000, 0, None, "ab"))
    first, second = models.shadow("btc_day", 1)
    assert (first.effects, second.effects) == (effects, ())
    # What explains a decision is no part of it: a replay is compared by what was decided.
    assert first == replace(explained, effects=())
    assert models.shadow_closes("btc_day", 1) == 1
    assert models.shadow_closes("btc_day", 2) == 0
