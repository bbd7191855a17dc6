"""Import names that documents gave before the simulated world was a package of its own."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.architecture.source_tree import imports


@pytest.mark.parametrize("name", ["market", "world.server", "world.world"])
def test_a_former_name_gives_the_same_objects(name: str) -> None:
    former, today = import_module(f"vigie.sandbox.{name}"), import_module(f"vigie_sandbox.{name}")
    assert former.__all__
    assert {one: getattr(former, one) for one in former.__all__} == {
        one: getattr(today, one) for one in former.__all__
    }


def test_the_generator_keeps_every_former_name() -> None:
    former, today = import_module("vigie.sandbox.market"), import_module("vigie_sandbox.market")
    assert former.__all__ == today.__all__


def test_nothing_of_vigie_uses_a_former_name() -> None:
    inside = "vigie.sandbox"
    assert [
        one for one in imports() if one.imported.startswith(inside) and not one.importer.startswith(inside)
    ] == []
