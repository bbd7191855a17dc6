"""`vigie call` reaches every operation by its name, under its scope, and prints what the API answers."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError
from typer.testing import CliRunner

from tests import houses
from vigie.domain.errors import Forbidden, NotFound, UsageError, VigieError
from vigie.domain.person import OWNER
from vigie.ports.watchlists import Watchlist
from vigie.services.market_data.euros import rename_euro_columns
from vigie.services.operation import OperationInput, Table, operations
from vigie.services.operation_calls import run_operation
from vigie.views.cli.call_values import find_operation, read_words, type_text, write_words
from vigie.views.cli.main import app

READS = [one for one in operations().values() if not one.is_change]


def _read(declared, values):
    """Return the input, or the fields that it lacks: examples of passwords are empty."""
    try:
        return declared.input_type.model_validate(values)
    except ValidationError as fault:
        return [(error["loc"], error["type"]) for error in fault.errors()]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return houses.house(tmp_path_factory.mktemp("call") / "home")


@pytest.fixture
def call(house, monkeypatch):
    monkeypatch.setattr("vigie.wiring.app_context.open_app_context", lambda home=None, clock=None: house)
    return lambda *words: CliRunner().invoke(app, ["call", *words])


@pytest.mark.parametrize("declared", operations().values(), ids=lambda one: one.name)
def test_the_example_of_every_operation_can_be_typed(declared):
    typed = read_words(declared, write_words(declared.example))
    assert _read(declared, typed) == _read(declared, declared.example)


@pytest.mark.parametrize("declared", READS, ids=lambda one: one.name)
def test_every_operation_that_reads_is_reached_and_printed(call, house, declared):
    expected = _answer(house, declared)
    done = call(declared.name, *write_words(declared.example))
    if isinstance(expected, VigieError):
        assert (type(done.exception), str(done.exception)) == (type(expected), str(expected))
        return
    assert done.exit_code == 0, done.output
    if isinstance(expected, Table):
        # Long titles are folded, but their first words are there.
        first = [column.title.split()[0] for column in expected.columns if not column.is_drawn][:1]
        assert all(word in done.output for word in first)
    else:
        plain = [name for name, value in expected if not isinstance(value, list | dict) and value is not None]
        assert all(
            f"{name}: " in done.output for name in plain if not hasattr(dict(expected)[name], "model_dump")
        )


@pytest.mark.parametrize(
    "name", ["markets.list", "health.read", "jobs.list", "accounts.me", "settings.zones"]
)
def test_json_is_what_the_api_answers(call, house, name):
    words = ["currency=eur"] if name == "markets.list" else []
    said = json.loads(call(name, *words, "--json").output)
    answer = houses.Browser(house).call(name, **dict(word.split("=") for word in words)).json()
    for moving in ("ts_market", "ts_wall", "parts", "free_bytes", "disk_free_bytes"):
        said.pop(moving, None), answer.pop(moving, None)
    if name in ("markets.list", "jobs.list", "settings.zones"):
        assert said == answer
    else:
        assert said.keys() == answer.keys()


def test_euros_are_named_in_the_columns(call, house):
    table = rename_euro_columns(run_operation(house, OWNER, "markets.list", {"currency": "eur"}))
    said = json.loads(call("markets.list", "currency=eur", "--json").output)
    assert [column["name"] for column in said["columns"]] == [column.name for column in table.columns]


def test_a_change_is_made_by_the_local_owner(call, house):
    done = call("watchlists.create", "name=From the shell", "assets=btc,ETH", "--json")
    assert done.exit_code == 0, done.output
    (made,) = [one for one in house.accounts.watchlists(OWNER.user) if one.name == "From the shell"]
    assert made.assets == ("bitcoin", "ethereum")


def test_scopes_hold_for_the_command_as_for_every_door(call, house, monkeypatch):
    weak = houses.person(role="viewer")
    monkeypatch.setattr("vigie.domain.person.OWNER", weak)
    assert isinstance(call("trading.stop", "account=main").exception, Forbidden)
    assert isinstance(call("sources.pause", "source=coingecko/trending").exception, Forbidden)


@pytest.mark.parametrize(
    ("words", "kind", "text"),
    [
        ([], UsageError, "name an operation"),
        (["markets.lst"], UsageError, "did you mean markets.list"),
        (["zzzz"], UsageError, "there is no operation 'zzzz'; see vigie call --list"),
        (["markets.list", "limt=5"], UsageError, "takes no 'limt', did you mean limit? it takes "),
        (["jobs.inbox", "x=5"], UsageError, "takes no 'x'; it takes no input"),
        (["markets.list", "limit"], UsageError, "must look like key=value, was 'limit'"),
        (["markets.list", "limit=1", "limit=2"], UsageError, "limit is given twice"),
        (["markets.list", "limit=many"], UsageError, "limit: "),
        (["jobs.get", "job=j0"], NotFound, "j0"),
    ],
)
def test_what_cannot_be_called_is_refused_as_every_command_refuses(call, words, kind, text):
    done = call(*words)
    assert isinstance(done.exception, kind)
    assert text in str(done.exception)


class Item(OperationInput):
    """A record."""

    word: str


class Odd(OperationInput):
    """Input of many types."""

    number: int | None = None
    text: str = ""
    flag: bool = False
    words: list[str] = Field([])
    numbers: Annotated[list[int], Field(max_length=9)] = Field([])
    either: Literal["one", "two"] = "one"
    record: Item | None = None
    records: list[Item] = Field([])
    named: dict[str, int] = Field({})


def _answer(house, declared):
    try:
        return run_operation(house, OWNER, declared.name, declared.example)
    except VigieError as fault:
        return fault


@pytest.fixture
def odd():
    one = next(iter(operations().values()))
    return type(one)(
        "odd.one", "Be odd.", "read", Odd, one.result_type, one.run, (), {}, False
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["number=7", "flag=true", "text=a=b"], Odd(number=7, flag=True, text="a=b")),
        (["number=", "text="], Odd()),
        (["words=a, b", "words=c"], Odd(words=["a", "b", "c"])),
        (["words=", "numbers=1,2"], Odd(numbers=[1, 2])),
        (['words=["a,b"]'], Odd(words=["a,b"])),
        (["either=two", 'record={"word": "w"}'], Odd(either="two", record=Item(word="w"))),
        (['records=[{"word": "v"}]', 'records={"word": "w"}'], Odd(records=[Item(word="v"), Item(word="w")])),
        (['named={"a": 1}'], Odd(named={"a": 1})),
    ],
)
def test_words_are_read_by_the_type_of_their_field(odd, words, read):
    assert Odd.model_validate(read_words(odd, words)) == read
    assert Odd.model_validate(read_words(odd, write_words(read.model_dump()))) == read


def test_a_record_that_is_no_json_is_refused(odd):
    with pytest.raises(UsageError, match="record must be JSON, was 'w'"):
        read_words(odd, ["record=w"])


def test_what_a_field_takes_is_said_in_a_word():
    texts = {name: type_text(field) for name, field in Odd.model_fields.items()}
    assert texts == {
        "number": "number", "text": "text", "flag": "true|false", "words": "list of text",
        "numbers": "list of number", "either": "one|two", "record": "JSON", "records": "list of JSON", "named": "JSON",
    }  # fmt: skip


def test_operations_are_listed_with_scope_and_sentence(call):
    every = call("--list").output
    assert all(name in every for name in operations())
    some = call("--list", "watchlists").output
    assert "watchlists.create" in some
    assert "markets.list" not in some
    one = call("--list", "watchlists.create").output
    assert one.startswith("watchlists.create: ")
    assert "scope write; changes something" in one
    assert "example: vigie call watchlists.create name=" in one
    assert "list of text" in one
    (told,) = json.loads(call("--list", "watchlists.create", "--json").output)
    assert told["inputs"]["assets"] == "list of text"
    assert isinstance(call("--list", "watchlst.create").exception, UsageError)
    assert find_operation(operations(), "watchlists.create").scope == "write"


def test_no_text_of_a_result_moves_the_cursor(call, house):
    # Of a release that took such names.
    house.accounts.put_watchlist(Watchlist("", OWNER.user, "Right\u202eleft", ("bitcoin",), 0, 0))
    assert "\u202e" not in call("watchlists.list").output


def test_titles_of_a_table_that_is_too_wide_are_not_cut(call, house):
    expected = run_operation(house, OWNER, "setups.list", {})
    titles = [column.title for column in expected.columns if not column.is_drawn]
    assert len(titles) > 20
    said = call("setups.list").output
    assert not expected.rows
    assert all(title in said for title in titles)
