"""The workflows of the repository: their schema holds, and none hands its rights to strangers."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.architecture.source_tree import ROOT
from tests.deploy.material import DEPLOY, checked

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
RELEASE = FOLDER / "release.yml"
JOBS = yaml.safe_load(RELEASE.read_text(encoding="utf-8"))["jobs"]
# Who may do more than read, and what for.
RIGHTS = {
    "wheel": set(), "image": {"packages"}, "attest": {"attestations", "id-token", "packages"},
    "publish": {"contents"},
}  # fmt: skip


def test_the_schema_holds():
    assert checked("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *FILES) == ""


def test_zizmor_finds_nothing_and_finds_a_planted_fault(tmp_path):
    words = ("--offline", "--no-progress", "--persona=pedantic", "--no-config")
    assert checked("zizmor", *words, *FILES) == ""
    planted = tmp_path / "release.yml"
    planted.write_text(
        RELEASE.read_text(encoding="utf-8").replace('$GITHUB_REF_NAME" = ', '${{ github.ref_name }}" = ')
    )
    assert "template-injection" in checked("zizmor", *words, planted)


def test_actions_are_pinned_to_a_commit_with_its_release_beside_it():
    used = re.findall(r"uses: (.*)", RELEASE.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", one)] == []


@pytest.mark.parametrize("name", JOBS)
def test_a_job_writes_what_it_is_for_and_nothing_else(name):
    rights = JOBS[name]["permissions"]
    assert {right for right, how in rights.items() if how == "write"} == RIGHTS[name]
    assert JOBS[name]["timeout-minutes"] <= 30


def test_a_release_is_made_of_what_was_tried_and_says_how():
    steps = [step for job in JOBS.values() for step in job["steps"]]
    scripts = "\n".join(step.get("run", "") for step in steps)
    assert "fresh/bin/vigie demo backtest" in scripts
    assert "--sbom=true --provenance=mode=max" in scripts
    assert "PYTHON_IMAGE=$base@$digest" in scripts
    assert (DEPLOY / "Dockerfile").exists()
    # The deployment names the digest of every image, and is attested beside the wheel.
    assert 'tools/pin_images.py deploy/compose.yml "$NAME:$GITHUB_REF_NAME@$DIGEST"' in scripts
    fetched = {step.get("with", {}).get("name") for step in JOBS["attest"]["steps"]}
    assert {"dist", "deployment"} <= fetched
    assert sum("attest-build-provenance" in step.get("uses", "") for step in steps) == 2
