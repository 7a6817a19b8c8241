"""A finished training goes on: by so many steps, at a rate that rises anew, bit for bit however
often it is stopped; the manifest tells what happened."""

import json
import shutil

import pytest
from helpers import by_family, examples_for, gaussian_table, genlearn, small, trained
from stopping import Stopped, Stopping, same_weights

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.engine.duration.plan import Plan, Revision
from genlearn.engine.optimizers.optim import learning_rate
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions


def options(**more):
    return RunOptions(save_every=4, **more)


def test_a_restart_leaves_what_was_before_as_it_was():
    model = gl.VAE(anchor="none")
    plan = Plan([Revision(0, 200), Revision(200, 300, restart=True)])
    rates = [learning_rate(model, plan, step) for step in range(300)]
    assert rates[:200] == [learning_rate(model, Plan.of(200), step) for step in range(200)]
    assert rates[200] < 0.1 * model.lr
    assert rates[299] < 0.01 * model.lr < 0.1 * max(rates[200:])
    assert [plan.progress(step) for step in (100, 200, 250, 300)] == [0.5, 1, 1, 1]
    assert plan.first == 100


@pytest.mark.parametrize("name", by_family(trained(), also=["cascade", "stylegan"]))
def test_finished_and_stopped_and_continued_is_what_goes_on_undisturbed(name, tmp_path):
    data, model = examples_for(name, 40), small(name, steps=8, sampling_steps=2, penalty_interval=2)
    before = model.fit(data, out=tmp_path / "a", options=options()).n_steps_
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    model.fit(data, out=tmp_path / "a", options=options(more=8))
    assert before < model.n_steps_ == gl.load(tmp_path / "a").n_steps_ <= before + 9
    with pytest.raises(Stopped):
        model.fit(
            data, out=tmp_path / "b", options=options(more=8, callback=Stopping(8, previews=1))
        )
    again = small(name, steps=8, sampling_steps=2, penalty_interval=2)
    again.fit(data, out=tmp_path / "b", options=options(more=8))
    assert same_weights(gl.load(tmp_path / "a"), gl.load(tmp_path / "b"))
    assert again.n_steps_ == model.n_steps_


def test_more_again_and_the_manifest_tells(tmp_path):
    data, model = gaussian_table(60), small("vae", steps=10)
    model.fit(data, out=tmp_path / "run")
    first = gl.load(tmp_path / "run")
    model.fit(data, out=tmp_path / "run", options=RunOptions(more=5))
    model.set_params(lr=1e-4, batch_size=16)
    model.fit(data, out=tmp_path / "run", options=RunOptions(more=7))
    manifest = Run(tmp_path / "run").manifest
    assert manifest["steps"] == model.n_steps_ == 22
    assert manifest["hyper"]["lr"] == 1e-4
    assert manifest["continued"] == [
        {"step": 10, "more": "5", "changed": {}},
        {"step": 15, "more": "7", "changed": {"batch_size": 16, "lr": 1e-4}},
    ]
    assert manifest["plan"] == [
        [0, 10, 0, False, 0],
        [10, 15, 0, True, 0],
        [15, 22, 0, True, 0],
    ]
    assert not same_weights(first, gl.load(tmp_path / "run"))
    lines = (tmp_path / "run/metrics.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert steps == list(range(1, 23))
    weights = (tmp_path / "run/weights.safetensors").read_bytes()
    model.fit(data, out=tmp_path / "run")
    assert (tmp_path / "run/weights.safetensors").read_bytes() == weights


def test_for_a_time(tmp_path):
    data, model = gaussian_table(60), small("vae", steps=10)
    model.fit(data, out=tmp_path / "run")
    model.fit(data, out=tmp_path / "run", options=RunOptions(more="1s"))
    plan = Plan.from_json(Run(tmp_path / "run").manifest)
    assert plan.steps == model.n_steps_ > 20
    assert plan.current.start == 10
    assert plan.current.progress(plan.steps) == pytest.approx(1)


def test_what_cannot_go_on_is_said(tmp_path):
    data, out = gaussian_table(60), tmp_path / "run"
    model = small("vae", steps=8)
    for more, message in ((3, "no run yet"), ("x", "no run yet")):
        with pytest.raises(UserError, match=message):
            model.fit(data, out=out, options=RunOptions(more=more))
    with pytest.raises(UserError, match=r"no run \(out\)"):
        model.fit(data, options=RunOptions(more=3))
    with pytest.raises(Stopped):
        model.fit(data, out=out, options=options(callback=Stopping(0, previews=1)))
    with pytest.raises(UserError, match="not finished"):
        model.fit(data, out=out, options=RunOptions(more=3))
    model.fit(data, out=out)
    for more in ("0", "-3", "soon", "0s"):
        with pytest.raises(UserError, match="number of steps, such as 500, or a time"):
            model.fit(data, out=out, options=RunOptions(more=more))
    with pytest.raises(UserError, match="latent_dim None there, 2 here"):
        small("vae", steps=8, latent_dim=2).fit(data, out=out, options=RunOptions(more=3))
    with pytest.raises(UserError, match="other data here"):
        model.fit(data[:50], out=out, options=RunOptions(more=3))
    with pytest.raises(UserError, match="learns in one go"):
        small("ppca").fit(data, out=tmp_path / "ppca", options=RunOptions(more=3))
    assert Run(out).manifest["steps"] == 8


def test_on_the_command_line_what_is_not_given_is_the_runs(tmp_path):
    fit = ["fit", "vae", "digits", "--out", "run"]
    genlearn(*fit, "--size", "tiny", "--steps", 20, "--batch-size", 16, cwd=tmp_path)
    said = genlearn(*fit, "--more", 10, "--lr", 0.001, cwd=tmp_path).stderr
    assert "going on at step 20 of 30" in said
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert manifest["steps"] == 30
    assert manifest["hyper"]["batch_size"] == 16
    assert manifest["continued"][0]["changed"] == {"lr": 0.001}
    wrong = genlearn(*fit, "--more", 10, "--latent-dim", 3, cwd=tmp_path, check=False)
    assert wrong.returncode == 2
    assert "latent_dim" in wrong.stderr.strip().splitlines()[-1]
