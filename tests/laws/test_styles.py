"""A model with styles draws near their average, or mixes them, as it is asked to."""

import numpy as np
import pytest
from helpers import DATA, genlearn, taking

styles = pytest.mark.parametrize("name", taking("truncation"))
kinds = pytest.mark.parametrize("kind", list(DATA))


@styles
@kinds
def test_truncation_makes_samples_more_alike(model, kind):
    spread = [
        model.sample(40, seed=1, truncation=psi).astype(float).std(0).mean()
        for psi in (1.0, 0.5, 0.0)
    ]
    assert spread[0] > spread[1] > spread[2]
    np.testing.assert_array_equal(model.sample(3, seed=1), model.sample(3, seed=1, truncation=1.0))


@styles
@kinds
def test_a_style_of_its_own_at_all_layers_is_no_mixing(model, kind):
    layers = model.networks_["generator"].synthesis.layers
    np.testing.assert_array_equal(model.sample(3, seed=1), model.sample(3, seed=1, mixing=layers))
    assert (model.sample(3, seed=1) != model.sample(3, seed=1, mixing=0)).any()
    how = {"seed": 2, "truncation": 0.7, "mixing": 1}
    np.testing.assert_allclose(
        model.sample(4, start=3, **how).astype(float),
        model.sample(7, **how)[3:].astype(float),
        rtol=1e-4,
        atol=1.0 if kind != "ttaking" else 1e-4,
    )
    with pytest.raises(ValueError, match="mixing=99 was given; this model has"):
        model.sample(1, mixing=99)


def test_controls_at_the_command_line(tmp_path):
    genlearn(
        "fit", "stylegan", "digits", "--size", "tiny", "--steps", "5", "--out", "run", cwd=tmp_path
    )
    genlearn(
        "sample",
        "run",
        "-n",
        "4",
        "--truncation",
        "0.5",
        "--mixing",
        "1",
        "--out",
        "mixed.png",
        cwd=tmp_path,
    )
    genlearn("fit", "ppca", "digits", "--out", "other", cwd=tmp_path)
    refused = genlearn("sample", "other", "--truncation", "0.5", cwd=tmp_path, check=False)
    assert refused.returncode == 2
    assert "has no styles" in refused.stderr
