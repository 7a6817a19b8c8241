"""Law 4, second half: a run that is killed anywhere and started again is the run it would have
been, bit for bit."""

import json
import os
import resource
import signal
import time
from functools import partial

import pytest
from forked import Command
from helpers import genlearn

from genlearn.engine.runs.metrics_log import read_lines

STEPS = 220
FIT = [
    "fit",
    "vae",
    "digits",
    "--size",
    "tiny",
    "--steps",
    STEPS,
    "--save-every",
    20,
    "--out",
    "run",
]


def weights(place):
    return (place / "run/weights.safetensors").read_bytes()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    place = tmp_path_factory.mktemp("uninterrupted")
    genlearn(*FIT, cwd=place)
    return weights(place)


def interrupted(place, number, at=40):
    """Start a run and send it a signal once the checkpoint of step ``at`` stands."""
    command = Command(*FIT, cwd=place)
    while not (place / f"run/state/{at:08d}").exists() and command.process.is_alive():
        time.sleep(0.005)
    os.kill(command.process.pid, number)
    done = command.ended()
    return done.returncode, done.stderr


def test_killed_and_resumed_is_the_same_run(uninterrupted, tmp_path):
    for at in (40, 80):
        code, _ = interrupted(tmp_path, signal.SIGKILL, at)
        assert code == -signal.SIGKILL
    resumed = genlearn(*FIT, cwd=tmp_path)
    assert "going on at step" in resumed.stderr
    assert weights(tmp_path) == uninterrupted
    steps = [line["step"] for line in read_lines(tmp_path / "run")]
    assert steps == sorted(set(steps))
    assert steps[-1] == STEPS


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_saves_first(uninterrupted, tmp_path, number, code):
    exit_code, error = interrupted(tmp_path, number)
    assert exit_code == code
    assert "saved; the same command goes on" in error.strip().splitlines()[-1]
    genlearn(*FIT, cwd=tmp_path)
    assert weights(tmp_path) == uninterrupted


def test_a_damaged_checkpoint_is_passed_over(uninterrupted, tmp_path):
    interrupted(tmp_path, signal.SIGTERM, 60)
    latest = sorted((tmp_path / "run/state").iterdir())[-1]
    (latest / "networks.safetensors").write_bytes(b"short")
    assert "passed over" in genlearn(*FIT, cwd=tmp_path).stderr
    assert weights(tmp_path) == uninterrupted


def test_a_full_disk_leaves_the_previous_checkpoint(uninterrupted, tmp_path):
    """A limit on the size of files stands for the full disk: the same write fails, at the same
    place."""
    interrupted(tmp_path, signal.SIGTERM, 60)
    before = {path: path.read_bytes() for path in (tmp_path / "run/state").rglob("*.safetensors")}
    limit = min(len(content) for content in before.values()) // 2
    full = genlearn(
        *FIT,
        cwd=tmp_path,
        check=False,
        first=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 2
    assert "disk is full" in full.stderr.strip().splitlines()[-1]
    assert {
        path: path.read_bytes() for path in (tmp_path / "run/state").rglob("*.safetensors")
    } == before
    genlearn(*FIT, cwd=tmp_path)
    assert weights(tmp_path) == uninterrupted


def test_only_the_last_checkpoints_are_kept(tmp_path):
    genlearn(
        *FIT[:5],
        "--steps",
        40,
        "--save-every",
        10,
        "--keep-checkpoints",
        3,
        "--out",
        "run",
        cwd=tmp_path,
    )
    assert [path.name for path in sorted((tmp_path / "run/state").iterdir())] == [
        "00000020",
        "00000030",
        "00000040",
    ]


def test_a_complete_run_is_left_alone_and_fresh_starts_again(tmp_path):
    command = ["fit", "autoencoder", "digits", "--size", "tiny", "--steps", 10]
    genlearn(*command, cwd=tmp_path)
    before = (tmp_path / "runs/autoencoder-digits/weights.safetensors").read_bytes()
    assert "is complete" in genlearn(*command, cwd=tmp_path).stderr
    genlearn(*command, "--fresh", cwd=tmp_path)
    assert (tmp_path / "runs/autoencoder-digits/weights.safetensors").read_bytes() == before


def test_a_budget_fixes_the_number_of_steps_and_resumes_with_it(tmp_path):
    command = ["fit", "vae", "digits", "--size", "tiny", "--budget", "4s", "--out", "run"]
    said = genlearn(*command, cwd=tmp_path).stderr
    assert "ms a step" in said
    assert "finished at" in said
    steps = json.loads((tmp_path / "run/manifest.json").read_text())["steps"]
    assert steps > 1
    assert f"is complete: step {steps} of {steps}" in genlearn(*command, cwd=tmp_path).stderr
