"""Simulated services are found by their files; each source that ships has one of its name."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.world.hands import small_world
from vigie.adapters.sources.manifest import manifests
from vigie_sandbox.world.service_names import LETTERS, MAIL, service_names
from vigie_sandbox.world.services import make_services


def test_names_are_those_of_what_answers():
    assert {*make_services(small_world()), MAIL, LETTERS} == set(service_names())


@pytest.mark.parametrize("source", manifests(), ids=lambda one: one.id)
def test_each_source_has_a_simulated_service_of_its_name(source):
    assert source.service in service_names()
