"""Short forms of the trials that can be run by hand at length: ``python tests/faults/kills.py 500`` and its like."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kinds import DAMAGES

FOLDER = Path(__file__).resolve().parent


def trial(name, *options):
    command = [sys.executable, str(FOLDER / f"{name}.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=FOLDER.parents[1])


def test_killed_again_and_again_in_one_home_nothing_is_lost_and_the_end_is_that_of_an_undisturbed_one():
    ended = trial("kills", "20")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["kills"] >= 20


@pytest.fixture(scope="module")
def damaged():
    ended = trial("damages", "", "none")
    reports = {report["damage"]: report for report in map(json.loads, ended.stdout.splitlines())}
    assert len(reports) == len(DAMAGES), ended.stderr
    return reports


@pytest.mark.parametrize("damage", [damage.what for damage in DAMAGES])
def test_the_doctor_names_what_is_damaged_and_mends_it(damaged, damage):
    assert damaged[damage]["wrong"] == []


def test_two_that_add_and_one_that_serves_share_a_home():
    ended = trial("writers", "2")
    assert ended.returncode == 0, (ended.stdout, ended.stderr)


def test_wherever_the_disk_is_full_the_old_index_is_searched_and_a_rerun_ends_well():
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mount namespaces are not permitted here")
    ended = trial("full_disk", "4")
    reports = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [report["full"] for report in reports] == [True] * 4, ended.stderr
    assert [report["wrong"] for report in reports] == [[]] * 4


def test_stopped_at_any_step_a_restoring_and_a_repair_leave_the_old_library_or_the_new_one():
    ended = trial("steps", "9")
    assert [json.loads(line)["wrong"] for line in ended.stdout.splitlines()] == [[], []], ended.stderr
