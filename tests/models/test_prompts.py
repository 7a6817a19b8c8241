"""Diffusion models learn with captions and draw what is asked for."""

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from toy_text_encoder import captioned, language_model

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.models._drawing import NoiseStream
from genlearn.nets.layers.text_conditioning import TextEncoding
from genlearn.prob.diffusion import guidance

TRAINED = {
    "condition": "auto",
    "steps": 150,
    "lr": 1e-2,
    "optimizer": "adamw",
    "ema": 0.95,
    "batch_size": 64,
    "sampling_steps": 12,
}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return language_model(tmp_path_factory.mktemp("words") / "model")


@pytest.fixture(scope="module")
def model(encoder):
    return small("flow", network="unet", text_encoder=encoder, **TRAINED).fit(captioned(side=8))


def brightness(values):
    return np.sort(values.reshape(len(values), -1), 1)[:, -10:].mean(1)


@pytest.mark.parametrize(
    "network", ["unet", pytest.param("transformer", marks=pytest.mark.slow), "mlp"]
)
def test_what_is_asked_for_is_drawn(network, model, encoder):
    if network != "unet":
        longer = TRAINED | {"steps": 300}
        model = small("flow", network=network, text_encoder=encoder, **longer)
        model.fit(captioned(side=8))
    dark, bright = (
        brightness(model.sample(40, seed=1, prompt=f"a {which} disc"))
        for which in ("dark", "bright")
    )
    assert (dark < 140).mean() > 0.9
    assert (bright > 160).mean() > 0.9
    both = brightness(model.sample(80, seed=1))
    assert 0.2 < (both < 150).mean() < 0.8, "without a prompt it may be either"


def test_a_student_draws_what_is_asked_for_in_one_pass(model, tmp_path):
    model.save(tmp_path / "teacher")
    student = small(
        "distill", teacher=str(tmp_path / "teacher"), student_steps=1, steps=60, batch_size=64
    ).fit(captioned(side=8))
    assert student.teacher_guidance_ == 3
    dark, bright = (
        brightness(student.sample(40, seed=1, prompt=f"a {which} disc"))
        for which in ("dark", "bright")
    )
    assert (dark < 140).mean() > 0.8  # by chance half of them
    assert (bright > 160).mean() > 0.8


def test_a_teacher_that_has_learned_guidance_is_not_guided_again(encoder, tmp_path):
    data = captioned(40)
    how = {"text_encoder": encoder, "condition": "auto", "steps": 1}
    small("flow", training_guidance=2.0, **how).fit(data).save(tmp_path / "teacher")
    student = small("distill", teacher=str(tmp_path / "teacher"), steps=1).fit(data)
    assert student.teacher_guidance_ == 1


def test_several_prompts_go_in_turn_and_each_example_depends_on_its_number_alone(model):
    prompts = ["a dark disc", "a very large bright disc on the right", ""]
    mixed = model.sample(7, seed=3, prompt=prompts, start=2)
    for place in range(7):
        alone = model.sample(1, seed=3, prompt=prompts[(2 + place) % 3], start=2 + place)
        np.testing.assert_allclose(mixed[place].astype(float), alone[0].astype(float), atol=2)


def test_guidance_leads_away_from_what_is_not_wanted(model):
    plain = brightness(model.sample(30, seed=2, prompt="a disc", guidance=2.0)).mean()
    away = {
        which: (
            brightness(
                model.sample(30, seed=2, prompt="a disc", negative=f"a {which} disc", guidance=2.0)
            ).mean()
        )
        for which in ("dark", "bright")
    }
    assert away["dark"] > plain
    assert away["dark"] > away["bright"] + 20


def test_an_empty_prompt_is_none(model):
    np.testing.assert_allclose(
        model.sample(4, seed=1, prompt="").astype(float),
        model.sample(4, seed=1).astype(float),
        atol=1,
    )


@pytest.mark.parametrize("kind", ["flow", "edm", "ddpm", "distill"])
def test_prompts_survive_saving(kind, encoder, tmp_path):
    fitted = small(kind, text_encoder=encoder, condition="auto", steps=6).fit(captioned(40))
    fitted.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    np.testing.assert_array_equal(
        again.sample(3, seed=0, prompt="a dark disc"),
        fitted.sample(3, seed=0, prompt="a dark disc"),
    )
    np.testing.assert_array_equal(again.sample(3, seed=0), fitted.sample(3, seed=0))


def test_another_language_model_than_it_learned_with_is_noticed(model, tmp_path):
    model.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    for other in (
        language_model(tmp_path / "b", seed=1),
        language_model(tmp_path / "c", "t5"),
        language_model(tmp_path / "d", width=16),
    ):
        again.set_params(text_encoder=other)
        with pytest.raises(
            UserError, match="is not the language model that this model learned with"
        ):
            again.sample(1, prompt="a dark disc")
        again.sample(1)


@pytest.mark.parametrize("network", ["unet", "transformer", "mlp"])
def test_padding_changes_nothing(network, encoder):
    net = (
        small(
            "flow", network=network, text_encoder=encoder, steps=10, condition="auto", anchor="none"
        )
        .fit(captioned(40))
        .networks_["denoiser"]
    )
    generator = torch.Generator().manual_seed(0)
    x, level, tokens = (
        torch.randn(*shape, generator=generator) for shape in ((3, 1, 12, 12), (3,), (3, 5, 24))
    )
    mask = torch.arange(5) < torch.tensor([[2], [5], [3]])
    padded = (
        torch.cat([tokens, torch.randn(3, 4, 24, generator=generator)], 1),
        torch.cat([mask, torch.zeros(3, 4, dtype=torch.bool)], 1),
    )
    with torch.inference_mode():
        plain = net(x, level, TextEncoding(tokens, mask))
        more = net(x, level, TextEncoding(*padded))
        nothing = net(x, level, TextEncoding(tokens, torch.zeros_like(mask)))
        torch.testing.assert_close(plain, more, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(nothing, net(x, level), atol=1e-5, rtol=1e-4)
    assert not torch.allclose(plain, nothing, atol=1e-3)


def test_captions_are_made_of_classes_by_a_template(encoder):
    values, y = captioned(80).values, np.array(["dark", "bright"])[np.arange(80) % 2]
    fitted = small(
        "flow", condition="text", template="a {} disc", text_encoder=encoder, steps=3
    ).fit(values, y)
    assert fitted.condition_ == "text"
    fitted.sample(2, prompt="a dark disc")


def test_what_is_missing_is_told(model, encoder, tmp_path):
    with pytest.raises(UserError, match="neither captions nor classes"):
        small("flow", condition="text").fit(blobs(20))
    with pytest.raises(UserError, match=r"it holds \{\} in the place of a class"):
        small("flow", condition="text", template="nothing").fit(captioned(20))
    with pytest.raises(UserError, match="neither 'minilm', a folder, nor an id"):
        small("flow", condition="text", text_encoder="words").fit(captioned(20))
    with pytest.raises(UserError, match="learned no captions"):
        small("flow", steps=1).fit(gaussian_table(20)).sample(1, prompt="a disc")
    with pytest.raises(UserError, match="negative='a' was given without a prompt"):
        model.sample(1, negative="a")
    with pytest.warns(UserWarning, match="1 of 1 texts are longer than 128 tokens"):
        model.sample(1, prompt="dark " * 150)


def test_thresholds_keep_images_in_range_however_strong_the_guidance(model):
    def outside(threshold):
        config = model.sampling_config(
            {"steps": 8, "prompt": "a bright disc", "guidance": 12.0, "threshold": threshold}
        )
        stream = NoiseStream(0, 0, 20, model.spec_.shape, model.device_)
        denoiser = config.guided(model.denoiser, *model.conditions(stream, config))
        levels = model.schedule.levels(8)
        with model.sampling():
            x = stream.first() * denoiser.std(levels[0])
            x = model.normalizer.inverse(
                config.sampler.sample(
                    config.in_range(denoiser, model.normalizer), x, levels, stream.step
                )
            )
        return float((x.abs() > 1 + 1e-3).float().mean())

    assert outside("none") > 0.01
    assert outside("static") == outside("dynamic") == 0
    drawn = {
        how: model.sample(5, seed=0, prompt="a bright disc", guidance=12.0, threshold=how)
        for how in ("none", "static", "dynamic")
    }
    assert (drawn["static"] != drawn["dynamic"]).any()
    with pytest.raises(UserError, match="threshold='dinamic' was given; did you mean 'dynamic'"):
        model.sample(1, threshold="dinamic")
    with pytest.raises(UserError, match="it is for images"):
        small("flow", steps=1, threshold="static").fit(gaussian_table(20))


@pytest.mark.parametrize("negative", [None, "a", "a bright and a bright and a bright one"])
def test_a_few_examples_are_guided_in_one_batch_as_they_are_in_two(model, negative, monkeypatch):
    asked = {"prompt": ["a bright one", "dark"], "negative": negative, "guidance": 2.5, "seed": 0}
    one = model.sample(4, **asked).astype(float)
    monkeypatch.setattr(guidance, "_FEW", 0)
    np.testing.assert_allclose(one, model.sample(4, **asked), atol=0.01 * np.ptp(one))
