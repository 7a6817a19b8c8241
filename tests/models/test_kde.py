"""The kernel density is scikit-learn's, and its bandwidth is the one
that cross-validation finds."""

import numpy as np
import pytest
from helpers import gaussian_table
from sklearn.model_selection import GridSearchCV, LeaveOneOut
from sklearn.neighbors import KernelDensity

import genlearn as gl


def inside(model, data):
    return model.spec_.to_internal(data).flatten(1).double().numpy()


def bandwidth(model):
    return float(model.networks_["density"].variances[0].sqrt())


@pytest.mark.parametrize("hyper", [{}, {"bandwidth": 0.3}, {"centres": 100}])
def test_scores_are_scikit_learns(hyper):
    data = gaussian_table(500, 3)
    model = gl.KDE(**hyper).fit(data[:400])
    reference = KernelDensity(bandwidth=bandwidth(model)).fit(
        model.networks_["density"].centres.numpy()
    )
    np.testing.assert_allclose(
        model.score_samples(data),
        reference.score_samples(inside(model, data)) + model.spec_.log_volume(data),
        rtol=1e-7,
    )


def test_the_bandwidth_is_that_of_leave_one_out():
    data = gaussian_table(120, 2)
    model = gl.KDE().fit(data)
    widths = np.linspace(0.7, 1.4, 29) * bandwidth(model)
    search = GridSearchCV(KernelDensity(), {"bandwidth": widths}, cv=LeaveOneOut()).fit(
        inside(model, data)
    )
    assert search.best_params_["bandwidth"] == pytest.approx(bandwidth(model), rel=0.03)


def test_the_bandwidth_of_a_gaussian_follows_the_reference_rule():
    """Silverman 1986: h = (4 / (n (d + 2)))^(1 / (d + 4)) for standard normals, by squared error;
    likelihood stays near it."""
    data = np.random.default_rng(0).normal(size=(2000, 2))
    assert bandwidth(gl.KDE().fit(data)) == pytest.approx((4 / (2000 * 4)) ** (1 / 6), rel=0.25)


def test_centres_are_training_examples_and_few_are_kept():
    data = gl.open_data("digits")
    model = gl.KDE(centres=50).fit(data)
    kept = model.spec_.to_user(model.networks_["density"].centres.reshape(-1, *model.spec_.shape))
    known = {image.tobytes() for image in data.values}
    assert len(kept) == 50
    assert all(image.tobytes() in known for image in kept)
    other = gl.KDE(centres=50, seed=1).fit(data).networks_["density"].centres
    assert (other != model.networks_["density"].centres).any()


def test_discrete_kernels_are_at_least_as_wide_as_a_cell():
    model = gl.KDE().fit(np.repeat(gl.open_data("digits").values[:20], 3, 0))
    assert bandwidth(model) >= model.spec_.bin_width / np.sqrt(12) * (1 - 1e-6)
