"""Who reads may read, who writes keeps plans and fills, and who trades arms and orders: nobody does more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.houses import house, person
from vigie.domain.errors import Forbidden
from vigie.services.operation import operations
from vigie.services.operation_calls import run_operation

TOPICS = ("setups.", "plans.", "outside.")
WRITE = {
    "plans.make", "plans.change", "plans.cancel", "outside.add", "outside.import", "outside.remove", "outside.match",
    "outside.match_plan", "outside.add_address", "outside.read_address", "outside.remove_address",
}  # fmt: skip
RUN_FILES = {"trading.preview_run_file", "trading.change_run_file", "trading.cancel_run_file"}
TRADE = {"plans.arm", "plans.place", *RUN_FILES}


def test_every_operation_of_setups_plans_and_fills_has_the_scope_of_what_it_does():
    found = {
        name: one.scope for name, one in operations().items() if name.startswith(TOPICS) or name in RUN_FILES
    }
    assert len(found) > 30
    assert found == {
        name: "trade" if name in TRADE else "write" if name in WRITE else "read" for name in found
    }
    assert set(found) >= WRITE | TRADE


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("scopes") / "home", with_bars=False)


@pytest.mark.parametrize(("held", "barred"), [(("read",), WRITE | TRADE), (("read", "write"), TRADE)])
def test_who_holds_less_changes_nothing(built, held, barred):
    caller, before = replace(person(), scopes=frozenset(held)), built.audit.newest()
    for name in sorted(barred):
        declared = operations()[name]
        with pytest.raises(Forbidden, match=f"scope {declared.scope}"):
            run_operation(built, caller, name, declared.example)
    assert run_operation(built, caller, "plans.list", {}).rows == []
    assert built.audit.newest() == before
