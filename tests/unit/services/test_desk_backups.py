"""Backups ordered on a page: a job writes them, the page lists them, one at a time."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house, person
from vigie.domain.errors import Conflict, UsageError
from vigie.services.app_context import AppContext
from vigie.services.backups import backup
from vigie.services.operation_calls import run_operation
from vigie.services.running.work import Report, kinds


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


def done(built):
    """Do the one job that waits, as a worker does, and return what it told."""
    (job,) = built.jobs.list()
    work, told = kinds()[job.kind], []
    answer = work.do(
        built,
        work.input_type.model_validate(job.ask),
        Report(job.id, job.owner, lambda progress, message, lines: told.append((progress, message, *lines))),
    )
    return answer, told


def test_a_backup_is_ordered_on_the_page_written_by_a_job_and_listed(built, tmp_path):
    browser = Browser(built)
    empty = browser.get("/admin?tab=backups").text
    assert "No backup yet" in empty
    ordered = browser.post("/admin/backup", {"with_secrets": "on"})
    assert re.fullmatch(r"/jobs/j[0-9a-f]+", ordered.url.path)
    again = browser.post("/admin/backup", {})
    assert (again.status_code, "a backup is already running; wait for it to finish" in again.text) == (
        409,
        True,
    )
    answer, told = done(built)
    file = tmp_path / "home" / "backups" / answer["file"]
    whole = backup.verify(file)
    assert whole.secrets == file.with_name(f"{file.name}.secrets")
    assert told[-1] == (1.0, "done", f"backups/{file.name}", f"backups/{file.name}.secrets")
    (row,) = run_operation(built, person(), "backups.list", {}).rows
    assert (row["file"], row["bytes"], row["has_secrets"]) == (file.name, file.stat().st_size, True)
    page = Browser(built, language="fr").get("/admin?tab=backups").text
    assert f">{file.name}<" in page
    assert "fichier à part" in page


def test_a_backup_without_secrets_has_none_beside_it(built, tmp_path):
    run_operation(built, person(), "backups.create", {"with_secrets": False})
    with pytest.raises(Conflict):
        run_operation(built, person(), "backups.create", {})
    answer, _ = done(built)
    assert answer["has_secrets"] is False
    assert [path.name for path in (tmp_path / "home" / "backups").iterdir()] == [answer["file"]]


def test_a_house_that_cannot_be_backed_up_says_so():
    with pytest.raises(UsageError, match="cannot be backed up"):
        AppContext.__dataclass_fields__["open_backup_context"].default()
