"""Steps are refused that make no sense, and are the model's own unless asked for; those of a
sampler come closer to what endless ones would give."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from helpers import able, taking

from genlearn.core.capabilities import DiffusionProcess

in_steps = pytest.mark.parametrize("name", taking("steps"))
converging = pytest.mark.parametrize("name", able(DiffusionProcess))


@pytest.fixture
def model(name, fitted):
    return fitted(name, "table")


@pytest.fixture(scope="module")
def curve_of(fitted):
    """The error by steps, by name, each measured once."""
    return cache(lambda name: fitted(name, "table").convergence_curve())


@in_steps
def test_no_steps_are_refused(model):
    for steps in (0, -3):
        with pytest.raises(ValueError, match=f"steps={steps} .* at least 1"):
            model.sample(2, steps=steps)


@in_steps
def test_a_sample_in_steps_depends_on_seed_and_index_alone(model):
    for steps in (1, 2, 4):
        np.testing.assert_allclose(
            model.sample(5, seed=3, start=2, steps=steps),
            model.sample(7, seed=3, steps=steps)[2:],
            rtol=1e-4,
            atol=1e-4,
        )
    assert (model.sample(5, seed=3, steps=1) != model.sample(5, seed=3, steps=4)).any()


@converging
def test_steps_and_quality_are_one_or_the_other(model):
    with pytest.raises(ValueError, match="one of them"):
        model.sample(2, steps=4, quality="fast")


@converging
def test_unknown_names_are_told_with_the_nearest(model):
    with pytest.raises(ValueError, match="did you mean 'euler'"):
        model.sample(2, sampler="eular")
    with pytest.raises(ValueError, match="did you mean 'best'"):
        model.sample(2, quality="bst")


@converging
def test_the_error_falls_with_the_steps(model, name, curve_of):
    curve = curve_of(name)
    steps, errors = list(curve), list(curve.values())
    assert steps == sorted(steps)
    assert all(later < 1.1 * earlier for earlier, later in pairwise(errors))
    assert 0 < errors[-1] < errors[0] / 4
    assert curve == model.convergence_curve()


@converging
def test_better_quality_takes_no_fewer_steps(model, name, curve_of):
    curve = {2: 0.5, 4: 0.09, 8: 0.02, 16: 0.005}
    assert [
        model.steps_for_quality(quality, curve)[1] for quality in ("fast", "balanced", "best")
    ] == [4, 8, 16]
    assert model.steps_for_quality("best", {2: 0.5, 4: 0.3})[1] > 4
    sampler, steps = model.steps_for_quality("balanced", curve_of(name))
    np.testing.assert_array_equal(
        model.sample(4, seed=1, quality="balanced"),
        model.sample(4, seed=1, steps=steps, sampler=sampler),
    )


@converging
def test_a_sample_depends_on_seed_and_index_alone_whatever_the_steps(model):
    how = {"seed": 4, "steps": 3, "sampler": "ancestral"}
    np.testing.assert_allclose(
        model.sample(5, start=3, **how), model.sample(8, **how)[3:], rtol=1e-4, atol=1e-4
    )
