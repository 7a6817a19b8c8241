"""A model that learned classes draws from the one that it is asked for."""

import numpy as np
import pytest
from helpers import by_family, small, taking

conditional = pytest.mark.parametrize("name", by_family(taking("label")))
guided = pytest.mark.parametrize("name", by_family(taking("guidance")))
every = pytest.mark.parametrize("name", taking("label"))
every_guided = pytest.mark.parametrize("name", taking("guidance"))


def clusters(n=400, seed=0):
    """Two classes of rows, far apart in the first column."""
    rng = np.random.default_rng(seed)
    labels = np.array(["left", "right"])[np.arange(n) % 2]
    return (
        rng.normal(size=(n, 3)) + np.where(labels == "left", -8, 8)[:, None] * np.array([1, 0, 0]),
        labels,
    )


@pytest.fixture(scope="module")
def taught():
    """Models by name, taught with classes."""
    cache = {}

    def get(name):
        if name not in cache:
            cache[name] = small(
                name,
                condition="label",
                steps=120,
                batch_size=64,
                optimizer="adamw",
                lr=1e-2,
                ema=0.9,
                sampling_steps=18,
            ).fit(*clusters())
        return cache[name]

    return get


@conditional
def test_labels_land_by_name_and_by_number(name, taught):
    model = taught(name)
    left, right = (model.sample(60, seed=0, label=label)[:, 0] for label in ("left", "right"))
    assert (left < 0).mean() > 0.75
    assert (right > 0).mean() > 0.75
    np.testing.assert_array_equal(
        model.sample(5, seed=1, label=1), model.sample(5, seed=1, label="right")
    )
    np.testing.assert_array_equal(
        model.sample(5, seed=1, label="1"), model.sample(5, seed=1, label="right")
    )


@conditional
def test_without_a_label_all_classes_come(name, taught):
    share = (taught(name).sample(200, seed=0)[:, 0] > 0).mean()
    assert 0.3 < share < 0.7


@guided
def test_guidance_changes_samples_and_one_is_none(name, taught):
    model = taught(name)
    plain = model.sample(8, seed=2, label="left")
    np.testing.assert_array_equal(plain, model.sample(8, seed=2, label="left", guidance=1.0))
    assert (plain != model.sample(8, seed=2, label="left", guidance=3.0)).any()


@conditional
def test_a_sample_of_a_class_depends_on_seed_and_index_alone(name, taught):
    model = taught(name)
    how = {"seed": 5, "label": "right"} | ({"guidance": 2.0} if name in taking("guidance") else {})
    np.testing.assert_allclose(
        model.sample(5, start=3, **how), model.sample(8, **how)[3:], rtol=1e-4, atol=1e-4
    )


@conditional
def test_an_unknown_label_names_the_nearest(name, taught):
    with pytest.raises(ValueError, match="did you mean 'left'"):
        taught(name).sample(1, label="lefd")
    with pytest.raises(ValueError, match="left, right"):
        taught(name).sample(1, label=7)


@every
@pytest.mark.parametrize("label", ["left", 0])
def test_labels_are_refused_without_classes(name, label, fitted):
    with pytest.raises(ValueError, match="no classes"):
        fitted(name, "table").sample(1, label=label)


@every_guided
@pytest.mark.parametrize("guidance", [2.0, 0.0])
def test_guidance_is_refused_without_classes(name, guidance, fitted):
    with pytest.raises(ValueError, match="neither classes nor captions"):
        fitted(name, "table").sample(1, guidance=guidance)


@guided
def test_negative_guidance_is_refused(name, taught):
    with pytest.raises(ValueError, match="guidance=-1"):
        taught(name).sample(1, label="left", guidance=-1.0)


@every
def test_data_without_classes_is_refused(name):
    with pytest.raises(ValueError, match="no classes"):
        small(name, condition="label").fit(clusters()[0])
