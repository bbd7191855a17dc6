"""A fit made anew from what is stored now: the same figures, or in what it differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from vigie.domain.learned import LearnedFit
from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants
from vigie.services.learning.evaluation_record import evaluation_record
from vigie.services.learning.fit_identity import code_identity, data_identity
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.model_evaluation import judge_model
from vigie.services.learning.model_files import NUMBERS, describe_files
from vigie.services.learning.prepared_rows import prepare_rows
from vigie.services.learning.row_choices import kind_of, require_fitting
from vigie.services.learning.training import (
    TrainingHome,
    find_fit,
    fit_open,
    model_contents,
    request_of,
    score_of,
)


@dataclass(frozen=True, slots=True)
class FitDifference:
    """What is not as it was.

    Attributes
    ----------
    what : str
        ``data bars``, ``code numpy``, ``figures skill auc``.
    then, now : str
    """

    what: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A fit beside itself made anew.

    Attributes
    ----------
    fit : LearnedFit
        As it is registered.
    data, code, figures : tuple of FitDifference
        What is not as it was; `figures`, with the model's own numbers, is empty where the fit came out again.
    """

    fit: LearnedFit
    data: tuple[FitDifference, ...]
    code: tuple[FitDifference, ...]
    figures: tuple[FitDifference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every figure and the model's own numbers came out again."""
        return not self.figures


@dataclass(frozen=True, slots=True)
class _TrialsAsThen:
    """How often the history had been tried when the fit was judged; nothing is counted anew."""

    then: TrialCount

    def record(self, trials: Iterable[TriedVariants]) -> None:
        """The trial was recorded with the fit."""

    def note(self, trials: Iterable[TriedVariants]) -> None:
        """As `record`."""

    def count(self, series: Sequence[TradedSeries]) -> TrialCount:
        """Return the count of then."""
        return self.then


def reproduce_fit(parts: TrainingHome, name: str, version: int | None = None) -> Reproduction:
    """Make a fit anew on the bars that it read, and compare.

    Raises
    ------
    NotFound
        If there is no such fit.
    UsageError
        If its rows cannot be read any more, or a library that fits it is missing.
    """
    fit = find_fit(parts.models, name, version)
    experiment = parts.models.experiment(name)
    assert experiment is not None  # entered with its fit
    card, request = LearnedCard.model_validate(fit.card), request_of(experiment)
    require_fitting(kind_of(request.kind, request.label), request.search)
    prepared = prepare_rows(parts.data, request, ends=card.ends(fit.until_ms), peers=card.peers)
    told = judge_model(_TrialsAsThen(_count_of(fit.evaluation)), prepared, with_importance=True)
    final = fit_open(prepared)
    # What is traded by: its numbers, and what the card makes of their scores.
    numbers = {
        file.name: file.sha256 for file in describe_files(model_contents(prepared.kind, final.model, card))
    }
    model = {"numbers": numbers.get(NUMBERS), "score": score_of(final).model_dump(mode="json")}
    kept = {file.name: file.sha256 for file in fit.files}
    # A figure that later versions measure, too, is none that differs.
    figures = {name: one for name, one in evaluation_record(told).items() if name in fit.evaluation}
    return Reproduction(
        fit,
        data=tuple(_differences("data", dict(fit.data), data_identity(prepared))),
        code=tuple(_differences("code", dict(fit.code), dict(code_identity()))),
        figures=(
            *_differences("figures", dict(fit.evaluation), figures),
            *_differences("model", {"numbers": kept.get(NUMBERS), "score": fit.card["score"]}, model),
        ),
    )


def _count_of(evaluation: Mapping[str, object]) -> TrialCount:
    verdict = evaluation["verdict"]
    assert isinstance(verdict, dict)
    return TrialCount(**{field.name: verdict[field.name] for field in fields(TrialCount)})


def _differences(what: str, then: object, now: object) -> Iterator[FitDifference]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            yield from _differences(f"{what} {key}", then.get(key), now.get(key))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for number, (before, after) in enumerate(zip(then, now, strict=True)):
            yield from _differences(f"{what} {number + 1}", before, after)
    elif then != now:
        yield FitDifference(what, str(then), str(now))
