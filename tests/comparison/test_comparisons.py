"""Comparisons of all kinds of data and entrants: equal ones are equal, what fails is told, and what
was done is kept when one is killed."""

import json
import os
import signal
import time

import numpy as np
import pandas as pd
import pytest
from forked import Command
from helpers import blobs, gaussian_table, genlearn
from quick_judging import QUICK, judge_quickly, judge_quickly_in_a_group_of_its_own

import genlearn as gl
from genlearn.comparison import evaluate_run
from genlearn.core.errors import UserError
from genlearn.engine.runs.learning_curve import has_risen, marks
from genlearn.engine.runs.metrics_log import read_lines
from genlearn.engine.runs.run import Run


def test_two_equal_comparisons_by_steps_differ_in_times_alone(pictures, tmp_path):
    how = {"models": ["gmm components=3", "vae steps=12 latent_dim=2"], "size": "tiny"}
    reports = [gl.compare(pictures, tmp_path / name, **how) for name in ("a", "b")]

    def without_times(report):
        cost = {key for key, metric in report["metrics"].items() if metric["group"] == "cost"}
        models = [
            model
            | {
                part: {key: value for key, value in model[part].items() if key not in cost}
                for part in ("figures", "tiers")
            }
            for model in report["models"]
        ]
        timed = {"training_seconds", "evaluation_seconds"}
        protocol = {k: v for k, v in report["protocol"].items() if k not in timed}
        return report | {"models": models, "protocol": protocol}

    first, second = map(without_times, reports)
    assert first == second
    assert first["protocol"]["samples"] == first["data"]["held_out"] < 200


def test_a_folder_with_other_files_is_left_alone(pictures, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="holds other files"):
        gl.compare(pictures, tmp_path, **QUICK)
    assert (tmp_path / "thesis.tex").exists()


def test_a_model_that_fails_is_told_and_the_others_go_on(pictures, tmp_path):
    told = []
    models = ["ppca", "vae steps=40 lr=1e12 clip=none batch_size=32"]
    report = gl.compare(
        pictures, tmp_path / "out", **(QUICK | {"models": models}), tell=told.append
    )
    by_name = {model["name"]: model for model in report["models"]}
    assert by_name["ppca"]["status"] == "done"
    assert by_name["vae"]["status"] == "failed"
    assert "diverged" in by_name["vae"]["reason"]
    assert any("vae failed" in sentence for sentence in report["summary"])
    assert any("the others go on" in line for line in told)
    assert "diverged" in (tmp_path / "out/report.html").read_text()


def test_a_table_without_labels(tmp_path):
    frame = pd.DataFrame(gaussian_table(150, 4), columns=list("abcd")).assign(constant=7.0)
    models = ["gmm components=3", "vae steps=40 latent_dim=4 batch_size=32"]
    report = gl.compare(frame, tmp_path / "out", **(QUICK | {"models": models}))
    assert {"marginals", "correlations", "synthetic"} <= set(report["metrics"])
    assert not any(metric["group"] == "embedding" for metric in report["metrics"].values())
    assert report["data"]["kind"] == "table"


def test_one_class_is_no_class(tmp_path):
    data = gl.open_data(blobs(90), labels=np.zeros(90, int))
    report = gl.compare(data, tmp_path / "out", **(QUICK | {"models": ["ppca"]}))
    assert not any(metric["group"] == "embedding" for metric in report["metrics"].values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": ["vea"]}, "did you mean 'vae'"),
        ({"models": ["vae latentdim=3"]}, "did you mean 'latent_dim'"),
        ({"models": ["vae latent_dim"]}, "a candidate is a model and settings"),
        ({"models": ["vae", "vae"]}, "asked for twice"),
        ({"models": ["vae latent_dim=5000"]}, "larger than the data"),
        ({"budget": "soon"}, "it is a time above zero"),
        ({"evaluation": "2m"}, "leaves no time to train"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(pictures, tmp_path, change, message):
    with pytest.raises(UserError, match=message) as error:
        gl.compare(pictures, tmp_path / "out", **(QUICK | change))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_fewer_than_fifty_examples_are_refused(tmp_path):
    with pytest.raises(UserError, match="at least 50"):
        gl.compare(blobs(40), tmp_path / "out")


def test_entrants_of_one_model_are_told_apart(pictures, tmp_path):
    report = gl.compare(
        pictures,
        tmp_path / "out",
        **(QUICK | {"models": ["ppca latent_dim=2", "ppca latent_dim=8"]}),
    )
    assert {model["name"] for model in report["models"]} == {
        "ppca-latent_dim=2",
        "ppca-latent_dim=8",
    }


def test_tuning_keeps_to_the_training_part_and_leaves_a_run_like_any_other(pictures, tmp_path):
    models = ["ppca", "vae steps=30 batch_size=32"]
    report = gl.compare(pictures, tmp_path / "out", **(QUICK | {"models": models, "trials": 3}))
    assert all(model["status"] == "done" for model in report["models"])
    assert (tmp_path / "out/tuning/vae/trials.log").exists()
    assert gl.load(tmp_path / "out/runs/vae").n_samples_ == 100


def test_a_killed_comparison_goes_on(tmp_path):
    np.save(tmp_path / "images.npy", blobs(150))
    models = [
        part
        for text in ("ppca", "vae steps=200 batch_size=32", "autoencoder steps=20")
        for part in ("--model", text)
    ]
    command = [
        "compare",
        "images.npy",
        "--out",
        "out",
        "--evaluation",
        "6s",
        "--size",
        "tiny",
        *models,
    ]
    started = Command(*command, cwd=tmp_path, first=judge_quickly_in_a_group_of_its_own)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("out/runs/vae/state/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(started.process.pid, signal.SIGKILL)
    started.ended()
    first = (tmp_path / "out/runs/ppca/weights.safetensors").stat().st_mtime_ns
    done = genlearn(*command, cwd=tmp_path, first=judge_quickly)
    assert "going on with 3 models" in done.stderr
    assert "going on at step" in done.stderr
    assert "the report: out/report.html" in done.stdout
    assert (tmp_path / "out/runs/ppca/weights.safetensors").stat().st_mtime_ns == first


def test_a_training_by_the_clock_ends_where_it_overfits_and_never_sees_what_judges_it(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (150, 6, 6)).astype(np.uint8)
    how = {"models": ["vae latent_dim=24 network=mlp"], "size": "tiny", "budget": "12s"}
    report = gl.compare(noise, tmp_path / "c", evaluation="2s", **how)
    run = Run(tmp_path / "c/runs/vae")
    watched = run.manifest["validation"]
    assert (watched["patience"], watched["count"]) == (8, round(0.1 * report["data"]["train"]))
    curve = [loss for _, loss in marks(read_lines(run.path), run.manifest["steps"])]
    risen = [has_risen(curve[0], min(curve), loss) for loss in curve[np.argmin(curve) :]]
    assert sum(risen) == 8, "of the 32 marks that there was time for"
    alone = evaluate_run(run.path, noise, evaluation="2s")["models"][0]
    assert alone["copies"], "what it held out beside is part of what the comparison trains with"
    assert not any("trained on" in note for note in alone["notes"])


def test_the_last_to_be_trained_gains_most_from_time_and_has_two_shares(pictures, tmp_path):
    models = ["ppca", "vae steps=1 latent_dim=2", "autoencoder steps=1 latent_dim=2"]
    gl.compare(pictures, tmp_path / "c", **(QUICK | {"models": models}))
    plan = json.loads((tmp_path / "c/comparison.json").read_text())
    first, last = plan["seconds"].values()
    assert list(plan["seconds"]) == ["autoencoder", "vae"]
    assert last > 2 * first  # and what the first had too much
