"""Reading networks from local files without executing anything in them."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ...core.errors import UserError
from ...foreign.huggingface import library, read_config, transformers

_KINDS = {
    "dinov2": "AutoModel",
    "dinov2_with_registers": "AutoModel",
    "clip": "CLIPVisionModelWithProjection",
    "clip_vision_model": "CLIPVisionModelWithProjection",
}
_INCEPTION_SIDE = 299


class Network(nn.Module):
    """Pictures in 0 .. 255, (B, 3, side, side) -> features (B, dim). ``name`` of the space,
    ``about`` the network."""

    name: str
    about: str
    side: int


class Inception(Network):
    """torch-fidelity's port of the original network; it takes whole numbers."""

    name = "inception"
    about = "Inception v3, 2048 numbers of its last pooling,"
    side = _INCEPTION_SIDE

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: Tensor) -> Tensor:
        y: Tensor = self.net(pictures.round().to(torch.uint8))[0]
        return y


class Transformer(Network):
    """A vision transformer of the ``transformers`` library: the projected image embedding of CLIP,
    the class token otherwise."""

    mean: Tensor
    std: Tensor

    def __init__(
        self, net: nn.Module, name: str, side: int, mean: list[float], std: list[float]
    ) -> None:
        super().__init__()
        self.net, self.name, self.side = net, name, side
        self.about = "CLIP's image embedding" if name == "clip" else "DINOv2's class token"
        self.register_buffer("mean", 255 * torch.tensor(mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", 255 * torch.tensor(std).reshape(1, 3, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        out = self.net(pixel_values=(pictures - self.mean) / self.std)
        y: Tensor = out.image_embeds if self.name == "clip" else out.last_hidden_state[:, 0]
        return y


def inception(file: Path) -> Network:
    """Inception from a file of weights in torch-fidelity's layout. Raises `UserError` if the
    library or the weights do not serve."""
    module = library("torch_fidelity.feature_extractor_inceptionv3", "torch-fidelity")
    weights = io.BytesIO()
    # read as tensors alone, and handed on as such: the library itself would unpickle anything
    torch.save(tensors(file), weights)
    weights.seek(0)
    try:
        net = module.FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=weights
        )
    except RuntimeError:
        raise UserError(
            f"{file} does not hold the weights of Inception v3 of 2015-12-05 in torch-fidelity's"
            " layout; give that file"
        ) from None
    return Inception(net).eval().requires_grad_(False)


def transformer(folder: Path) -> Network:
    """DINOv2 or CLIP from a folder with ``config.json`` and ``model.safetensors``. Raises
    `UserError` if it holds something else."""
    config = read_config(folder / "config.json")
    kind = str(config.get("model_type"))
    if kind not in _KINDS:
        raise UserError(
            f"{folder} holds a model of type {kind!r}; give a folder of DINOv2 or CLIP as the"
            " transformers library saves them"
        )
    prepared = read_config(folder / "preprocessor_config.json")
    with transformers("transformers") as models:
        try:
            net = getattr(models, _KINDS[kind]).from_pretrained(
                folder, local_files_only=True, use_safetensors=True, trust_remote_code=False
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise UserError(
                f"{folder} could not be read as {kind} ({str(error).splitlines()[0]}); it needs"
                " model.safetensors"
            ) from None
    name = "clip" if kind.startswith("clip") else "dinov2"
    return (
        Transformer(net, name, _side(prepared), prepared["image_mean"], prepared["image_std"])
        .eval()
        .requires_grad_(False)
    )


def tensors(file: Path) -> dict[str, Tensor]:
    """The weights in a safetensors file or in a state dictionary of torch. Raises `UserError` for
    what would have to be executed."""
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        state = torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, SafetensorError, OSError, EOFError, ValueError):
        raise UserError(
            f"{file} is damaged, or holds code, as TorchScript does; give a plain file of weights"
            " (.safetensors, or .pth of a state_dict)"
        ) from None
    if not isinstance(state, dict) or not all(isinstance(one, Tensor) for one in state.values()):
        raise UserError(
            f"{file} holds more than weights; give a plain state_dict (.safetensors or .pth)"
        )
    return state


def _side(prepared: dict[str, Any]) -> int:
    """Pixels along a side of what the network was trained on: the crop, else the size."""
    size = prepared.get("crop_size") or prepared.get("size") or 224
    return int(
        size if isinstance(size, int) else size.get("height") or size.get("shortest_edge") or 224
    )
