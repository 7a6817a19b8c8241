"""Networks from elsewhere are read from local files, as tensors alone, and never fetched."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table
from independent import load
from safetensors.torch import load_file, save_file
from torch import nn

from genlearn.core.errors import UserError
from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.evaluate.features import external_extractor, load_extractors, save_extractors
from genlearn.evaluate.features.pretrained_networks import tensors
from genlearn.evaluate.features.resize import as_rgb

SPEC = open_data(blobs()).spec


class TinyViT(nn.Module):
    """What transformers' models look like from outside."""

    def __init__(self):
        super().__init__()
        with seeded(0):
            self.patches = nn.Conv2d(3, 5, 7, 7)

    def forward(self, pixel_values):
        tokens = self.patches(pixel_values).flatten(2).transpose(1, 2)
        return SimpleNamespace(last_hidden_state=tokens, image_embeds=tokens.mean(1))

    @classmethod
    def from_pretrained(cls, folder, **options):
        assert options == {
            "local_files_only": True,
            "use_safetensors": True,
            "trust_remote_code": False,
        }
        net = cls()
        net.load_state_dict(load_file(folder / "model.safetensors"))
        return net


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setitem(
        sys.modules,
        "transformers",
        SimpleNamespace(AutoModel=TinyViT, CLIPVisionModelWithProjection=TinyViT),
    )

    def make(kind):
        path = tmp_path / kind
        path.mkdir()
        save_file(
            {k: v.contiguous() for k, v in TinyViT().state_dict().items()},
            path / "model.safetensors",
        )
        (path / "config.json").write_text(json.dumps({"model_type": kind}))
        prepared = {
            "image_mean": [0.5, 0.4, 0.3],
            "image_std": [0.2, 0.3, 0.4],
            "crop_size": {"height": 28, "width": 28},
        }
        (path / "preprocessor_config.json").write_text(json.dumps(prepared))
        return path

    return make


@pytest.mark.parametrize(("kind", "name"), [("dinov2", "dinov2"), ("clip", "clip")])
def test_a_local_folder(kind, name, folder, tmp_path):
    path = folder(kind)
    one = external_extractor(path, SPEC)
    assert (one.name, one.dim) == (name, 5)
    assert "28x28 (bicubic, anti-aliased)" in one.about
    weights = load_file(path / "model.safetensors")
    x = as_rgb(SPEC.to_internal(blobs()[:3]), 28).double() / 255
    x = (
        (x - torch.tensor([0.5, 0.4, 0.3])[:, None, None])
        / torch.tensor([0.2, 0.3, 0.4])[:, None, None]
    ).float()
    tokens = torch.conv2d(x, weights["patches.weight"], weights["patches.bias"], 7).flatten(2)
    expected = tokens.mean(2) if name == "clip" else tokens[:, :, 0]
    np.testing.assert_allclose(one(blobs()[:3]), expected, atol=1e-5)
    save_extractors(tmp_path / "features", [one])
    assert load_extractors(tmp_path / "features", SPEC)[0].digest == one.digest
    save_file({k: v + 1 for k, v in weights.items()}, path / "model.safetensors")
    with pytest.raises(UserError, match="has changed since"):
        load_extractors(tmp_path / "features", SPEC)


def test_inception_by_torch_fidelity(tmp_path, monkeypatch):
    module = load("torch_fidelity.feature_extractor_inceptionv3")
    FeatureExtractorInceptionV3 = module.FeatureExtractorInceptionV3
    file = tmp_path / "checkpoints/weights-inception-2015-12-05-6726825d.pth"
    file.parent.mkdir()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(UserError, match=r"put weights-inception.* into"):
        external_extractor("inception", SPEC)
    state = FeatureExtractorInceptionV3.__new__(FeatureExtractorInceptionV3)
    with monkeypatch.context() as patch, torch.random.fork_rng():
        patch.setattr(module, "load_state_dict_from_url", lambda *a, **k: {})
        patch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda self, state: None)
        state = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
    torch.save(state.state_dict(), file)
    one = external_extractor("inception", SPEC)
    pictures = as_rgb(SPEC.to_internal(blobs()[:2]), 299).round().to(torch.uint8)
    assert one.dim == 2048
    np.testing.assert_allclose(
        one.features(SPEC.to_internal(blobs()[:2])), state(pictures)[0], rtol=1e-5, atol=1e-6
    )


def test_a_resized_picture_keeps_its_levels():
    same = as_rgb(torch.full((1, 1, 5, 9), 0.5), 16)
    assert same.shape == (1, 3, 16, 16)
    torch.testing.assert_close(same, torch.full_like(same, 191.25))
    assert as_rgb(torch.zeros(2, 4, 8, 8), 3).shape == (2, 3, 3, 3)


class Evil:
    def __reduce__(self):
        return print, ("executed",)


def test_what_would_run_code_is_refused(tmp_path, capsys):
    torch.save({"weight": Evil()}, tmp_path / "evil.pth")
    torch.save([torch.ones(2)], tmp_path / "list.pth")
    (tmp_path / "noise.safetensors").write_bytes(b"nothing of the kind")
    for name in ("evil.pth", "list.pth", "noise.safetensors"):
        with pytest.raises(UserError, match="plain"):
            tensors(tmp_path / name)
    assert "executed" not in capsys.readouterr().out


def test_mistakes_are_told(folder, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="did you mean 'inception'"):
        external_extractor("incepton", SPEC)
    with pytest.raises(UserError, match="sees images"):
        external_extractor("clip", open_data(gaussian_table()).spec)
    with pytest.raises(UserError, match=r"config\.json is missing"):
        external_extractor(tmp_path, SPEC)
    with pytest.raises(UserError, match="type 'bert'"):
        external_extractor(folder("bert"), SPEC)
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *a, **k: None)
    with pytest.raises(UserError, match="hf download facebook/dinov2-base"):
        external_extractor("dinov2", SPEC)
    path = folder("clip")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserError, match="pip install transformers"):
        external_extractor(path, SPEC)
