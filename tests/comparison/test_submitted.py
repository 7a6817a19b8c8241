"""A comparison as jobs of a cluster; here there is none, and so as processes that go on alone."""

import json
import time

import numpy as np
import pytest
from helpers import genlearn

from genlearn.comparison.sharing.submitted import submit, without
from genlearn.core.errors import UserError

FLAGS = ("--slurm", "--slurm-set")


def test_the_command_of_a_job_is_that_which_was_typed_without_its_flags():
    typed = ["compare", "a b", "--slurm", "4", "--slurm-set=x=1", "--slurm-set", "y=2", "--seed=3"]
    assert without(typed, FLAGS) == ["compare", "a b", "--seed=3"]


def test_unknown_settings_are_told(tmp_path):
    with pytest.raises(UserError, match="--slurm-set hours"):
        submit(["models"], tmp_path, 1, {"hours": "3"}, 60.0)
    assert not list(tmp_path.glob("*.pkl"))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--slurm-set", "timeout_min=5"], "without --slurm"),
        (["--slurm", "2", "--slurm-set", "timeout"], "NAME=VALUE"),
        (["--slurm", "2", "--fresh"], "--fresh was given with --slurm"),
    ],
)
def test_flags_that_do_not_go_together_are_told(tmp_path, more, why):
    done = genlearn("compare", "digits", "--out", "out", *more, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert why in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_jobs_share_the_work_and_write_one_report(tmp_path):
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(300, 3)))
    models = ["--model", "ppca", "--model", "gmm", "--budget", "20s"]
    done = genlearn("compare", "rows.npy", *models, "--out=out", "--slurm", "2", cwd=tmp_path)
    out = tmp_path / "out"
    assert "jobs" in done.stderr
    end = time.monotonic() + 240
    while not (out / "report.json").exists() and time.monotonic() < end:
        time.sleep(0.5)
    report = json.loads((out / "report.json").read_text())
    assert {"ppca", "gmm"} <= set(json.dumps(report).replace('"', " ").split())
