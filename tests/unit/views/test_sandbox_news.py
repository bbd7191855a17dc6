"""`vigie sandbox news` and faults of one host of a running world."""

import pytest
from typer.testing import CliRunner

from tests.unit.sandbox.world.hands import small_world
from vigie.sandbox.world.server import serving
from vigie.views.cli.main import app


@pytest.fixture
def world():
    return small_world()


@pytest.fixture
def url(world):
    with serving(world) as address:
        yield address


def run(*words):
    return CliRunner().invoke(app, ["sandbox", *words])


def test_a_release_is_published_by_a_command(world, url):
    told = run("news", "regulator", "--coin", "ethereum", "--url", url)
    assert told.exit_code == 0, told.output
    assert told.output == "published: regulator, ethereum\n"
    (cue,) = world.cues
    assert (cue.what, cue.coin) == ("regulator", "ethereum")


def test_without_a_word_it_lists_what_there_is(url):
    told = run("news", "--url", url)
    assert [line.split()[0] for line in told.output.splitlines()] == [
        "regulator",
        "story",
        "giveaway",
        "register",
    ]


def test_what_there_is_not_is_refused(world, url):
    told = run("news", "weather", "--url", url)
    assert told.exit_code != 0
    assert world.cues == []


def test_a_fault_can_be_that_of_one_host(world, url):
    told = run("fault", "newsroom", "429", "--path", "/chainpost.example/", "--url", url)
    assert told.exit_code == 0, told.output
    (fault,) = world.faults.all()
    assert (fault.service, fault.kind, fault.path) == ("newsroom", "429", "/chainpost.example/")
