"""Pipelines in diffusers' format, made here: drawn from like any model, judged like any model, and
nothing in them executed."""

import json
import shutil

import numpy as np
import pytest
from helpers import blobs, gaussian_table
from quick_judging import judge_quickly

import genlearn as gl
from genlearn.cli.main import run
from genlearn.core.seeding import seeded
from genlearn.foreign import huggingface

LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]


@pytest.fixture(scope="module")
def diffusers():
    with huggingface.diffusers("") as library:
        yield library


@pytest.fixture(scope="module")
def unprompted(diffusers, tmp_path_factory):
    """A small unconditional pipeline of random weights, 16x16 grey."""
    place = tmp_path_factory.mktemp("ddpm")
    blocks = {
        "down_block_types": ("DownBlock2D",) * 2,
        "up_block_types": ("UpBlock2D",) * 2,
        "block_out_channels": (8, 8),
    }
    with seeded(0):
        network = diffusers.UNet2DModel(
            sample_size=16,
            in_channels=1,
            out_channels=1,
            layers_per_block=1,
            norm_num_groups=4,
            **blocks,
        )
        diffusers.DDPMPipeline(network, diffusers.DDPMScheduler()).save_pretrained(place)
    return place


@pytest.fixture(scope="module")
def prompted(diffusers, tmp_path_factory):
    """A small text-to-image pipeline of random weights, 16x16 colours."""
    transformers, place = huggingface.library("transformers", ""), tmp_path_factory.mktemp("sd")
    words = ["<|startoftext|>", "<|endoftext|>", *LETTERS, *(f"{letter}</w>" for letter in LETTERS)]
    (place / "vocab.json").write_text(
        json.dumps({word: number for number, word in enumerate(words)})
    )
    (place / "merges.txt").write_text("#version: 0.2\n")
    tokeniser = transformers.CLIPTokenizer(
        str(place / "vocab.json"), str(place / "merges.txt"), model_max_length=16
    )
    size = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": 16,
    }
    unet = {
        "sample_size": 8,
        "cross_attention_dim": 16,
        "attention_head_dim": 4,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
    }
    with seeded(0):
        text = transformers.CLIPTextModel(
            transformers.CLIPTextConfig(
                vocab_size=len(words) + 2, bos_token_id=0, eos_token_id=1, **size
            )
        )
        network = diffusers.UNet2DConditionModel(
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=4,
            **unet,
        )
        coder = diffusers.AutoencoderKL(
            block_out_channels=(8, 8),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            norm_num_groups=4,
        )
        scheduler = diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)
        diffusers.StableDiffusionPipeline(
            coder,
            text,
            tokeniser,
            network,
            scheduler,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        ).save_pretrained(place / "pipeline")
    return place / "pipeline"


def test_it_is_drawn_from_like_any_model(unprompted, tmp_path):
    model = gl.create("pipeline", source=str(unprompted)).fit(blobs(20, 16, 16))
    samples = model.sample(11, seed=3, steps=2)
    assert (samples.shape, samples.dtype) == ((11, 16, 16), np.uint8)
    np.testing.assert_allclose(
        model.sample(4, seed=3, start=7, steps=2).astype(float), samples[7:], atol=1
    )
    assert (model.sample(4, seed=4, steps=2) != samples[:4]).any()
    model.save(tmp_path / "run")
    np.testing.assert_array_equal(gl.load(tmp_path / "run").sample(11, seed=3, steps=2), samples)


def test_images_are_brought_to_the_size_and_channels_of_the_data(unprompted):
    model = gl.create("pipeline", source=str(unprompted)).fit(blobs(20, 8, 12, channels=3))
    samples = model.sample(2, seed=0, steps=1)
    assert samples.shape == (2, 8, 12, 3)
    assert (samples[..., 0] == samples[..., 2]).all()  # grey, as it came


def test_prompts_guidance_and_negatives_reach_it(prompted):
    model = gl.create("pipeline", source=str(prompted)).fit(blobs(20, 16, 16, channels=3))
    draw = lambda **how: model.sample(2, seed=0, steps=2, **how).astype(float)  # noqa: E731
    plain = draw(prompt="a cat", guidance=9.0)
    assert (plain != draw(prompt="zzz", guidance=9.0)).any()
    assert (plain != draw(prompt="a cat", guidance=1.0)).any()
    assert (plain != draw(prompt="a cat", negative="dog", guidance=9.0)).any()
    both = draw(prompt=["a cat", "zzz"], guidance=9.0)
    np.testing.assert_allclose(both[0], plain[0], atol=1)
    np.testing.assert_allclose(both[1], draw(prompt="zzz", guidance=9.0)[1], atol=1)
    assert draw().shape == (2, 16, 16, 3)


def test_it_goes_through_the_commands(unprompted, tmp_path, monkeypatch, capsys):
    """In this process, which has loaded the library: that takes most of a minute."""
    monkeypatch.chdir(tmp_path)
    np.savez("blobs.npz", x=blobs(200, 16, 16))
    assert (
        run(
            ["fit", "pipeline", "blobs.npz", "--source", str(unprompted), "--out", "run"],
            debug=False,
        )
        == 0
    )
    assert run(["sample", "run", "-n", "4", "--steps", "2", "--out", "new.png"], debug=False) == 0
    assert (tmp_path / "new.png").exists()
    assert run(["sample", "run", "--prompt", "a cat"], debug=False) == 2
    assert "prompt='a cat' was given; DDPMPipeline" in capsys.readouterr().err


def test_it_stands_on_the_scoreboard_beside_others(unprompted, tmp_path, monkeypatch):
    judge_quickly(monkeypatch.setattr)
    candidates = ["ppca", f"pipeline source={unprompted} sampling_steps=1"]
    report = gl.compare(
        blobs(240, 16, 16), tmp_path / "out", models=candidates, budget="5s", evaluation="4s"
    )
    models = {model["model"]: model for model in report["models"]}
    assert {model["status"] for model in models.values()} == {"done"}
    assert models["pipeline"]["figures"].keys() >= {report["protocol"]["primary"], "sampling_speed"}
    assert models["ppca"]["tier"] == 1, "its weights are random"


@pytest.fixture
def copied(unprompted, tmp_path):
    return shutil.copytree(unprompted, tmp_path / "copy")


def index_of(place):
    return json.loads((place / "model_index.json").read_text())


def with_own_code(place):
    (place / "model_index.json").write_text(
        json.dumps(index_of(place) | {"unet": ["my_unet", "MyUNet"]})
    )
    (place / "unet/my_unet.py").write_text("raise SystemExit('executed')")


def with_code_beside(place):
    (place / "train.py").write_text("raise SystemExit('executed')")


def with_own_class(place):
    (place / "model_index.json").write_text(
        json.dumps(index_of(place) | {"_class_name": ["pipeline", "Mine"]})
    )
    (place / "pipeline.py").write_text("raise SystemExit('executed')")


def pickled(place):
    (place / "unet/diffusion_pytorch_model.safetensors").rename(
        place / "unet/diffusion_pytorch_model.bin"
    )


def damaged(place):
    (place / "model_index.json").write_text("{")


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (with_own_code, "brings code along"),
        (with_code_beside, r"brings code along \(train.py\)"),
        (with_own_class, "brings code along"),
        (pickled, "could not be read"),
        (damaged, "is damaged"),
    ],
)
def test_what_is_not_weights_alone_is_refused(copied, damage, what):
    damage(copied)
    with pytest.raises(ValueError, match=what):
        gl.create("pipeline", source=str(copied)).fit(blobs(20, 16, 16))


@pytest.mark.parametrize(
    ("source", "data", "what"),
    [
        (None, blobs(20, 16, 16), "needs source="),
        ("nowhere", blobs(20, 16, 16), "neither a folder nor an id"),
        ("nowhere", gaussian_table(), "are no images"),
    ],
)
def test_mistakes_are_told(source, data, what):
    with pytest.raises(ValueError, match=what):
        gl.create("pipeline", source=source).fit(data)


def test_what_it_does_not_take_is_told(unprompted):
    model = gl.create("pipeline", source=str(unprompted)).fit(blobs(20, 16, 16))
    for how, what in (
        ({"label": 1}, "knows no classes"),
        ({"steps": 0}, "at least 1"),
        ({"guidance": 2.0}, "takes none"),
    ):
        with pytest.raises(ValueError, match=what):
            model.sample(1, **how)
