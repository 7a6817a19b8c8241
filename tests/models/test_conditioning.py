"""Classes: learned, asked for, withheld, exaggerated."""

import numpy as np
import pytest
import torch
from denoising import inside
from helpers import blobs, by_family, gaussian_table, small

import genlearn as gl
from genlearn.core.seeding import seeded
from genlearn.nets.layers.conditioning import ImageConditioning, joined
from genlearn.prob.diffusion import guidance
from genlearn.prob.diffusion.guidance import ClassifierFreeGuidance
from genlearn.prob.diffusion.samplers import Heun

CENTRES = np.array([[-1.0, 0.5], [1.0, -0.5]])
SPREAD = np.array([[0.5, 0.2], [0.2, 0.4]])


@pytest.fixture(scope="session")
def two():
    """Rows of two Gaussians of equal covariance, the first three times
    as often, and their names."""
    rng = np.random.default_rng(0)
    which = rng.choice(2, size=4000, p=[0.75, 0.25])
    return (
        CENTRES[which] + rng.multivariate_normal([0, 0], SPREAD, 4000),
        np.array(["low", "high"])[which],
        which,
    )


@pytest.fixture(params=by_family(["flow", "edm", "ddpm"]))
def kind(request):
    """The name of a diffusion model; the three share what they do with classes."""
    return request.param


@pytest.fixture
def conditional(kind, trained_on, two):
    return trained_on(kind, "two", two[0], two[1], condition="label")


def number(model, name):
    return model.classes_in_.index(name)


@pytest.mark.parametrize("name", ["low", "high"])
def test_a_class_that_is_asked_for_is_drawn(conditional, two, name):
    rows, names, _ = two
    drawn = conditional.sample(2000, seed=0, label=name)
    np.testing.assert_allclose(drawn.mean(0), rows[names == name].mean(0), atol=0.12)
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), SPREAD, atol=0.15)
    np.testing.assert_array_equal(
        drawn, conditional.sample(2000, seed=0, label=number(conditional, name))
    )


def test_without_a_class_they_come_as_often_as_in_the_data(conditional, two):
    rows, _, _ = two
    nearest = np.linalg.norm(conditional.sample(2000, seed=0)[:, None] - CENTRES, axis=2).argmin(1)
    expected = np.linalg.norm(rows[:, None] - CENTRES, axis=2).argmin(1)
    assert nearest.mean() == pytest.approx(expected.mean(), abs=0.05)
    assert conditional.normalizer.frequencies.sum() == pytest.approx(1)


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_guidance_between_equal_covariances_moves_the_mean_along_their_line(
    conditional, two, weight
):
    """D_u + w (D_c - D_u) samples N(mu_u + w (mu_c - mu_u), S)."""
    rows, names, _ = two
    means = {name: inside(conditional, rows[names == name]).mean(0) for name in ("low", "high")}
    labels = {name: torch.full((2000,), number(conditional, name)) for name in means}
    levels = conditional.schedule.levels(30)
    with seeded(0), torch.inference_mode():
        x = torch.randn(2000, 2) * (levels[0].alpha ** 2 + levels[0].sigma ** 2) ** 0.5
        both = ClassifierFreeGuidance(
            *(conditional.denoiser.given(labels[name]) for name in ("high", "low")), weight
        )
        drawn = Heun().sample(both, x, levels, lambda step: x)
    moved = means["low"] + weight * (means["high"] - means["low"])
    torch.testing.assert_close(drawn.mean(0).double(), moved, atol=0.12 * max(1.0, weight), rtol=0)
    within = inside(conditional, rows[names == "low"])
    torch.testing.assert_close(torch.cov(drawn.T).double(), torch.cov(within.T), atol=0.05, rtol=0)


def test_guidance_exaggerates_what_tells_a_class(conditional):
    plain, strong, none = (
        conditional.sample(1000, seed=0, label="high", guidance=w)[:, 0].mean()
        for w in (1.0, 3.0, 0.0)
    )
    assert none < plain < strong


def test_guidance_outside_of_its_interval_does_nothing(conditional):
    conditional.set_params(guidance_from=0.9999, guidance_to=0.9999)
    try:
        strong = conditional.sample(20, seed=0, label="high", guidance=3.0)
        np.testing.assert_array_equal(strong, conditional.sample(20, seed=0, label="high"))
    finally:
        conditional.set_params(guidance_from=0.0, guidance_to=1.0)


def test_training_guidance_is_learned_as_guidance_exaggerates(kind, conditional, trained_on, two):
    """One evaluation a step draws what takes two by guidance; a weight of 1 / 2 undoes it."""
    asked = {"condition": "label", "training_guidance": 2.0}
    learned = trained_on(kind, "two, guided", *two[:2], **asked)
    for weight in (1.0, 0.5):
        drawn = learned.sample(2000, seed=0, label="high", guidance=weight)
        meant = conditional.sample(2000, seed=0, label="high", guidance=2 * weight)
        np.testing.assert_allclose(drawn.mean(0), meant.mean(0), atol=0.15)
        np.testing.assert_allclose(drawn.std(0), meant.std(0), atol=0.15)


def test_unknown_classes_are_told(conditional):
    with pytest.raises(ValueError, match="high"):
        conditional.sample(2, label="hihg")
    with pytest.raises(ValueError, match="no class"):
        conditional.sample(2, label=7)
    with pytest.raises(ValueError, match="at least 0"):
        conditional.sample(2, guidance=-1.0)


def test_classes_survive_saving(conditional, tmp_path):
    conditional.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    assert again.classes_in_ == conditional.classes_in_
    np.testing.assert_array_equal(again.sample(5, label="low"), conditional.sample(5, label="low"))


def test_classes_are_withheld_as_often_as_asked(kind, two):
    model = small(kind, steps=1, condition="label", label_dropout=0.25).fit(*two[:2])
    labels = torch.arange(20_000) % 2
    with seeded(0):
        seen = model.dropped_condition(labels)
    kept = seen != 2
    assert 1 - kept.float().mean() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(seen[kept], labels[kept])


def test_labels_are_ignored_by_a_model_that_does_not_learn_from_them(two):
    first, second = (
        small("flow", steps=2).fit(two[0], y).networks_.state_dict() for y in (None, two[1])
    )
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert "denoiser.condition.label.weight" not in first


# a model that predicts noise takes longer to find the brightness
@pytest.mark.parametrize("name", ["flow", "edm"])
def test_blobs_of_the_size_asked_for(name):
    """Discs of two sizes, told apart by their brightness."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:12, :12]
    radius = np.where(np.arange(400) % 2, 4.0, 2.0)[:, None, None]
    cy, cx = rng.uniform(5, 7, (2, 400, 1, 1))
    images = (255 / (1 + np.exp(2 * (np.hypot(y - cy, x - cx) - radius)))).round().astype(np.uint8)
    model = small(
        name, steps=60, lr=4e-3, ema=0.98, condition="label", sampling_steps=18, batch_size=64
    ).fit(images, np.arange(400) % 2)
    between = (images[::2].mean() + images[1::2].mean()) / 2
    small_ones, large_ones = (model.sample(40, seed=0, label=k).mean((1, 2)) for k in (0, 1))
    assert (small_ones < between).mean() > 0.8
    assert (large_ones > between).mean() > 0.8


def test_classes_that_are_not_there_are_told():
    with pytest.raises(ValueError, match="no classes"):
        small("edm", condition="label").fit(gaussian_table(30))
    with pytest.raises(ValueError, match="no classes"):
        small("edm", condition="label").fit(blobs(30))


def test_a_few_examples_are_guided_in_one_batch_as_they_are_in_two(conditional, monkeypatch):
    asked = {"label": "high", "guidance": 2.5, "seed": 0}
    one = conditional.sample(20, **asked)
    monkeypatch.setattr(guidance, "_FEW", 0)
    np.testing.assert_allclose(one, conditional.sample(20, **asked), rtol=1e-4, atol=1e-4)


def test_what_pictures_are_told_is_joined_too():
    a = ImageConditioning(torch.ones(2, 3, 4, 4), torch.zeros(2), torch.tensor([0, 1]))
    picture, noise, given = joined(a, a._replace(given=None), 7)
    assert picture.shape == (4, 3, 4, 4)
    assert noise.shape == (4,)
    assert given.tolist() == [0, 1, 7, 7]
