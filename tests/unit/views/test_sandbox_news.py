"""`vigie sandbox news` and faults of one host of a running world."""

import os
import signal
import smtplib
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from tests.unit.sandbox.world.hands import small_world
from vigie.views.cli.main import app
from vigie_sandbox.world.server import serving


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
    (cue,) = world.news_requests
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
    assert world.news_requests == []


def test_a_fault_can_be_that_of_one_host(world, url):
    told = run("fault", "newsroom", "429", "--path", "/chainpost.example/", "--url", url)
    assert told.exit_code == 0, told.output
    (fault,) = world.faults.all()
    assert (fault.service, fault.kind, fault.path) == ("newsroom", "429", "/chainpost.example/")


def test_the_process_of_a_world_takes_mail_where_it_says(tmp_path):
    words = [sys.executable, "-m", "vigie", "sandbox", "world", "--port", "0", "--home", str(tmp_path)]
    environ = {**os.environ, "VIGIE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            address = process.stdout.readline().split()[3]
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
                where = client.get("/mail").json()["smtp"]
                with smtplib.SMTP(where["host"], where["port"], timeout=30) as smtp:
                    smtp.sendmail("a@home.example", ["b@desk.example"], "Subject: It runs\r\n\r\nText.")
                (mail,) = client.get("/mail").json()["mails"]
                assert mail["subject"] == "It runs"
        finally:
            process.send_signal(signal.SIGTERM)
