"""What operations name in their signature: found by type, refused at import."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import pytest

from tests import houses
from vigie.domain.person import Caller
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.jobs import JobQueue
from vigie.services.app_context import AppContext
from vigie.services.needs import bound, provide, provided_fields
from vigie.services.operation import NoInput, OperationResult, operation, operations
from vigie.services.operation_calls import OperationRunner, run_operation
from vigie.services.running.work import kinds


@dataclass(frozen=True, slots=True)
class Shelf:
    facts: FactStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class Room:
    shelf: Shelf
    jobs: JobQueue


@dataclass(frozen=True, slots=True)
class Wrong:
    shelf: Shelf
    word: str


@dataclass(slots=True)
class Open:
    facts: FactStore


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home", with_bars=False)


def declared(function):
    return operation("made.up")(function).__vigie_operation__


def takes(kind, name="thing"):
    def function(caller, params, thing) -> OperationResult:
        """Say something."""

    hints = {"caller": Caller, "params": NoInput, "return": OperationResult}
    function.__annotations__ = hints | ({"thing": kind} if kind is not None else {})
    return function


def test_every_field_of_the_home_has_a_type_of_its_own():
    names = {item.name for item in fields(AppContext) if item.init}
    assert set(provided_fields().values()) == names


def test_a_thing_is_found_by_its_type_whatever_the_parameter_is_called(house):
    (found,) = declared(takes(FactStore)).needed(house)
    assert found is house.facts


def test_a_record_is_filled_by_the_types_of_its_fields(house):
    (found,) = declared(takes(Room)).needed(house)
    assert found == Room(Shelf(house.facts, house.clock), house.jobs)
    assert provide(house, Shelf) == Shelf(house.facts, house.clock)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (str, "operation made.up: parameter thing asks for str"),
        (Wrong, "operation made.up: parameter thing asks for Wrong"),
        (Open, "operation made.up: parameter thing asks for Open"),
        (FactStore | None, "operation made.up: parameter thing asks for"),
        (None, "operation made.up: parameter thing has no type"),
    ],
)
def test_what_no_home_has_is_refused_when_it_is_declared(kind, words):
    with pytest.raises(TypeError, match=words):
        operation("made.up")(takes(kind))


def test_an_operation_takes_the_caller_and_its_input_first():
    def function(facts: FactStore, caller: Caller, params: NoInput) -> OperationResult:
        """Say something."""

    function.__annotations__ = {
        "facts": FactStore,
        "caller": Caller,
        "params": NoInput,
        "return": OperationResult,
    }
    with pytest.raises(
        TypeError, match=r"made\.up: the first parameters must be a Caller and an OperationInput"
    ):
        operation("made.up")(function)


def test_needs_are_found_once_for_a_home(house):
    one = operations()["jobs.list"]
    assert one.needed(house) is one.needed(house)
    other = replace(house, jobs=object())
    assert other.jobs in one.needed(other), "a changed home is another one"
    assert other.jobs not in one.needed(house)


def test_all_that_jobs_and_operations_need_is_in_a_home(house):
    for one in operations().values():
        assert len(one.needed(house)) == len(one.needs)
    for kind in kinds().values():
        assert all(find(house) is not None for find in kind.needs)


def test_a_function_gets_its_first_arguments_from_the_home(house):
    def measure(facts: FactStore, clock: Clock, word: str) -> tuple[object, object, str]:
        return facts, clock, word

    measure.__annotations__ = {"facts": FactStore, "clock": Clock, "word": str}
    assert bound(house, measure)("x") == (house.facts, house.clock, "x")


def test_an_operation_may_run_others(house):
    runner = provide(house, OperationRunner)
    owner = houses.person()
    assert runner.run(owner, "jobs.list", {}) == run_operation(house, owner, "jobs.list", {})
    pinned = runner.with_pinned_prices()
    assert pinned.app_context.asset_metrics is not house.asset_metrics
    assert pinned.app_context.facts is house.facts
