"""Fine-tuning: before the first step a model is the one that it begins as; what does not fit is
said."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import blobs, examples_for, gaussian_table, general, genlearn, small

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.core.estimator_types import GradientTrained
from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.engine.callbacks import NullCallback
from genlearn.engine.duration.plan import Plan
from genlearn.engine.hardware.device import fabric_for
from genlearn.engine.runs.fine_tuning import Start, spec_from
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions
from genlearn.engine.trainer import Trainer

STILL = {"steps": 1, "lr": 1e-9, "weight_decay": 0.0, "ema": 0.0}  # a step that moves nothing


def alone():
    """Those that are trained as a whole."""
    return [name for name in general() if issubclass(find(name), GradientTrained)]


class Ear(NullCallback):
    """Keeps what is told."""

    def __init__(self):
        self.lines = []

    def tell(self, line):
        self.lines.append(line)


def begun(model, data, source, labels=None, **how):
    ear = Ear()
    model.fit(data, labels, options=RunOptions(start_from=str(source), callback=ear, **how))
    return " ".join(ear.lines)


def before_the_first_step(model, data, path):
    """``model`` as its training begins."""
    opened = open_data(data)
    opened = replace(opened, spec=spec_from(str(path), opened.spec))
    model.check_data(opened.spec)
    model.spec_, model.n_samples_, model.fine_tuned_ = opened.spec, len(opened), True
    model.resolve_hyperparameters(opened.spec)
    prepared = model.prepare_data(opened, lambda note: None)
    loop = Trainer(model, prepared, fabric_for(model, opened.spec), Plan.of(8))
    loop.start = Start(str(path))
    state = loop.build()
    model.networks_.eval()
    return state


@pytest.mark.parametrize("name", alone())
def test_before_the_first_step_it_is_what_it_begins_as(name, tmp_path):
    source = small(name, steps=3, held_out=0.0, tokens=4).fit(
        examples_for(name, 60), out=tmp_path / "source"
    )
    model = small(name, steps=8, seed=1, held_out=0.0, tokens=4)
    state = before_the_first_step(model, examples_for(name, 30), tmp_path / "source")
    for key, value in source.networks_.state_dict().items():
        if key != "origin.text":  # what a student is: the seed is its own
            assert torch.equal(value, model.networks_.state_dict()[key]), key
    with state.average.applied():
        assert np.array_equal(source.sample(4, seed=3), model.sample(4, seed=3))


@pytest.mark.parametrize("name", ["latent", "cascade"])
def test_models_made_of_models_begin_part_by_part(name, tmp_path):
    source = small(name, steps=4).fit(blobs(60), out=tmp_path / "source")
    said = begun(small(name, steps=4), blobs(30, seed=1), tmp_path / "source")
    assert said.count("begins as") == len(source.shares_)


def test_tables_keep_the_units_of_the_source(tmp_path):
    x = gaussian_table(200)
    source = small("flow", steps=8).fit(x, out=tmp_path / "source")
    model = small("flow", **STILL)
    begun(model, 3 * x[:40] + 100, tmp_path / "source")
    assert model.spec_.mean == source.spec_.mean
    np.testing.assert_allclose(model.sample(5, seed=1), source.sample(5, seed=1), rtol=1e-4)


def labelled(names, n=60, seed=0):
    return blobs(n, 8, 8, seed=seed), np.array(list(names) * n)[:n]


@pytest.mark.parametrize("anchor", ["mixture", "none"])
def test_classes_are_matched_by_name_and_others_begin_as_any(anchor, tmp_path):
    how = {"condition": "auto", "anchor": anchor}
    source = small("flow", steps=30, **how).fit(*labelled("abc"), out=tmp_path / "source")
    model = small("flow", **STILL, **how)
    x, y = labelled("bd", seed=1)
    said = begun(model, x, tmp_path / "source", y)
    assert "b go on; d begin as any" in said
    same = {"seed": 5, "n": 4}
    for label, there in (("b", {"label": "b"}), ("d", None)):
        expected = source.networks_["denoiser"].condition.label.weight
        row = expected[1 if there else -1]
        mine = model.networks_["denoiser"].condition.label.weight[0 if there else 1]
        assert torch.allclose(row, mine, atol=1e-5), label
    a = source.sample(label="b", **same).astype(float)
    assert abs(a - model.sample(label="b", **same)).max() <= 1
    torch.testing.assert_close(model.class_frequencies_, torch.tensor([0.5, 0.5]))


def test_labels_come_and_go_in_the_network_of_diffusers_too(tmp_path):
    x, y = labelled("ab")
    told = {"condition": "label", "network": "unet2d", "steps": 2}
    source = small("flow", **told).fit(x, y, out=tmp_path / "told")
    model = small("flow", **STILL, network="unet2d")
    begun(model, x[:30], tmp_path / "told")
    any_class, plain = predicted(source, torch.full((4,), 2)), predicted(model, None)
    torch.testing.assert_close(any_class, plain, atol=1e-4, rtol=1e-4)


def predicted(model, labels):
    """What the network says of one noise, for such ``labels``."""
    eps = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    x = torch.cat([eps, eps], 1) if model.anchored_ else eps
    return model.networks_["denoiser"](x, torch.zeros(4), labels).detach()


@pytest.mark.parametrize("anchor", ["mixture", "none"])
def test_without_classes_all_are_any_and_new_ones_say_nothing_yet(anchor, tmp_path):
    x, y = labelled("ab")
    told = {"condition": "auto", "anchor": anchor}
    source = small("flow", steps=30, **told).fit(x, y, out=tmp_path / "told")
    model = small("flow", **STILL, anchor=anchor)
    begun(model, x[:30], tmp_path / "told")
    any_class, plain = predicted(source, torch.full((4,), 2)), predicted(model, None)
    torch.testing.assert_close(any_class, plain, atol=1e-4, rtol=1e-4)
    model.save(tmp_path / "plain")
    again = small("flow", **STILL, **told)
    begun(again, x[:30], tmp_path / "plain", y[:30])
    new = predicted(again, torch.tensor([0, 1, 0, 1]))
    torch.testing.assert_close(new, plain, atol=1e-4, rtol=1e-4)


def test_a_conditional_game_says_what_begins_anew(tmp_path):
    how = {"condition": "auto", "steps": 4}
    small("gan", **how).fit(*labelled("ab"), out=tmp_path / "source")
    x, y = labelled("cd", seed=1)
    assert "begin anew" in begun(small("gan", **how), x, tmp_path / "source", y)


def test_what_does_not_fit_is_one_line_that_names_both_sides(tmp_path):
    small("flow", steps=4).fit(blobs(60), out=tmp_path / "source")
    for model, data, message in (
        (small("flow", width=24), blobs(60), "width None there, 24 here"),
        (small("edm"), blobs(60), "is a run of flow, and edm"),
        (small("flow"), blobs(60, 8, 8), r"\(12, 9\).*\(8, 8\)"),
        (small("flow"), gaussian_table(60), "ImageSpec.*VectorSpec"),
        (small("ppca"), blobs(60), "in one go"),
    ):
        with pytest.raises(UserError, match=message):
            begun(model, data, tmp_path / "source")
    with pytest.raises(UserError, match="is not a run"):
        begun(small("flow"), blobs(60), tmp_path / "nothing")


def test_it_is_a_run_like_any_other(tmp_path):
    data = blobs(60)
    small("vae", steps=8).fit(data, out=tmp_path / "source")
    how = {"start_from": str(tmp_path / "source"), "save_every": 2}
    whole = small("vae", steps=8).fit(data[:30], out=tmp_path / "a", options=RunOptions(**how))
    assert Run(tmp_path / "a").manifest["from"]["steps"] == 8
    again = small("vae", steps=8).fit(data[:30], out=tmp_path / "a", options=RunOptions(**how))
    for key, value in whole.networks_.state_dict().items():
        assert torch.equal(value, again.networks_.state_dict()[key])
    with pytest.raises(UserError, match=r"began as .* and nothing was given"):
        small("vae", steps=8).fit(data[:30], out=tmp_path / "a")
    more = RunOptions(more=4)
    assert small("vae", steps=8).fit(data[:30], out=tmp_path / "a", options=more).n_steps_ == 12


def test_on_the_command_line_hyper_parameters_are_the_sources(tmp_path):
    np.save(tmp_path / "large.npy", blobs(80, 8, 8))
    np.save(tmp_path / "small.npy", blobs(30, 8, 8, seed=1))
    fit = ["fit", "vae", "large.npy", "--size", "tiny", "--latent-dim", 3, "--steps", 20]
    genlearn(*fit, "--out", "large", cwd=tmp_path)
    tune = ["fit", "vae", "small.npy", "--from", "large", "--steps", 10, "--out", "small"]
    assert "begins as large" in genlearn(*tune, cwd=tmp_path).stderr
    manifest = json.loads((tmp_path / "small/manifest.json").read_text())
    assert manifest["hyper"]["latent_dim"] == 3
    assert manifest["steps"] == 10
    assert manifest["from"]["run"] == "large"
    assert gl.load(tmp_path / "small").latent_dim_ == 3
