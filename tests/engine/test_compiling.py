"""Which trainings are compiled, and that it changes speed alone."""

import numpy as np
import pytest
import torch

import genlearn as gl
from genlearn.engine.duration.plan import OPEN, Plan
from genlearn.engine.hardware.compiling import is_worth_compiling

GPU, CPU = torch.device("cuda"), torch.device("cpu")
TABLE = np.random.default_rng(0).normal(size=(200, 3))


@pytest.mark.parametrize(
    ("model", "device", "steps", "is_worth_it"),
    [
        (gl.Flow(), GPU, 5000, True),
        (gl.Flow(), GPU, 4999, False),
        (gl.Flow(), CPU, 5000, False),
        (gl.Flow(budget="10m"), GPU, OPEN, True),
        (gl.Flow(budget="9m"), GPU, OPEN, False),
        (gl.Flow(compile="no"), GPU, 5000, False),
        (gl.Flow(compile="yes"), CPU, 1, True),
        (gl.R3GAN(compile="yes"), GPU, 5000, False),  # its penalties differentiate twice
    ],
)
def test_what_is_compiled(model, device, steps, is_worth_it):
    assert is_worth_compiling(model, Plan.of(steps), device) == is_worth_it


def test_a_run_goes_on_compiled_or_not(tmp_path):
    for how in ("auto", "no"):
        gl.VAE(steps=3, size="tiny", compile=how).fit(TABLE, out=tmp_path / "run")


def _fitted(compile):
    model = gl.Flow(steps=6, size="tiny", compile=compile, seed=0).fit(TABLE)
    return model.networks_.state_dict()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`:DeprecationWarning")  # its own
@pytest.mark.parametrize("works", [True, False])
def test_a_compiled_training_learns_the_same(works, monkeypatch):
    if not works:  # no compiler is there
        import torch._inductor.config as inductor

        monkeypatch.setattr(inductor.cpp, "cxx", ("nowhere/g++",))
    torch._dynamo.reset()
    usual, ours = _fitted("no"), _fitted("yes")
    for name, weight in usual.items():
        torch.testing.assert_close(ours[name], weight, rtol=1e-4, atol=1e-5)
