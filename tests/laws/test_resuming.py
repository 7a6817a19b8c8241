"""Law 4: a training that was stopped anywhere goes on as if nothing had happened, whatever the
model keeps beside its weights."""

import numpy as np
import pytest
import torch
from helpers import by_family, examples_for, small, trained
from stopping import Stopped, Stopping
from toy_text_encoder import captioned, language_model

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions

STAGED = ("progan", "stylegan")  # which keep where they are beside their weights


@pytest.mark.parametrize("name", by_family(trained(), also=STAGED))
def test_stopped_and_resumed_gives_the_same_weights(name, tmp_path):
    check_resuming(
        examples_for(name, 40),
        small(name, steps=8, sampling_steps=2, augment="on", penalty_interval=2),
        tmp_path,
    )


@pytest.mark.parametrize("name", by_family(["flow", "distill"]))
def test_captions_are_the_same_after_a_stop(name, tmp_path):
    check_resuming(
        captioned(40),
        small(
            name,
            steps=6,
            sampling_steps=2,
            condition="text",
            text_encoder=language_model(tmp_path / "words"),
        ),
        tmp_path,
    )


def check_resuming(data, model, tmp_path):
    whole = model.fit(
        data, out=tmp_path / "whole", options=RunOptions(save_every=2)
    ).networks_.state_dict()
    with pytest.raises(Stopped):
        model.fit(data, out=tmp_path / "run", options=RunOptions(save_every=2, callback=Stopping()))
    resumed = model.fit(
        data, out=tmp_path / "run", options=RunOptions(save_every=2)
    ).networks_.state_dict()
    assert whole.keys() == resumed.keys()
    for key, value in whole.items():
        assert torch.equal(value, resumed[key]), key
    np.testing.assert_array_equal(
        gl.load(tmp_path / "whole").sample(4, seed=0), gl.load(tmp_path / "run").sample(4, seed=0)
    )
