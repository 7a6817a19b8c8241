"""Networks that were trained elsewhere, for those who have their files: Inception, DINOv2 and CLIP.
Nothing is ever downloaded.

inception   Szegedy et al. 2015, arXiv 1512.00567, with the weights of 2015-12-05 that the Frechet
            Inception distance is defined by (Heusel et al. 2017, arXiv 1706.08500): 2048 numbers of
            the last pooling. For figures that compare with the literature, of photographs;
dinov2      Oquab et al. 2023, arXiv 2304.07193: the class token. Follows human judgement better
            (Stein et al. 2023, arXiv 2306.04675);
clip        Radford et al. 2021, arXiv 2103.00020: the image embedding.

**Pitfalls.** On small grey pictures all of them are far from what they were trained on. With d
dimensions the bias of a Frechet distance at n examples is of the order of d^2 / n: 2048 dimensions
want tens of thousands of examples.

**Safety.** Weights are read as tensors alone (safetensors, or ``torch.load`` with
``weights_only``), configurations as JSON; TorchScript files and models that bring code of their own
are refused, because loading them would run it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self, final

import torch
from torch import Tensor

from ...core.errors import UserError, nearest
from ...core.seeding import seeded
from ...core.spec import DataSpec, ImageSpec
from ...foreign.huggingface import cached_snapshot
from .base import Extractor
from .pretrained_networks import Network, inception, transformer
from .resize import FILTER, as_rgb

_INCEPTION = "weights-inception-2015-12-05-6726825d.pth"
_SNAPSHOTS = {"dinov2": "facebook/dinov2-base", "clip": "openai/clip-vit-base-patch32"}
_CHUNK = 32  # examples at a time: these networks are large


@final
class ExternalExtractor(Extractor):
    """phi(x) = net(pictures of ``side`` pixels); the weights stay where they are, and their digest
    is checked."""

    def __init__(self, spec: DataSpec, network: Network, source: Path) -> None:
        side = network.side
        about = f"{network.about} from {source.name}; images resized to {side}x{side} ({FILTER})"
        self.name, self.network, self.source = network.name, network, source
        super().__init__(spec, about, _dimension(network))

    def features(self, x: Tensor) -> Tensor:
        return torch.cat(
            [self.network(as_rgb(part, self.network.side)) for part in torch.split(x, _CHUNK)]
        )

    def state(self) -> dict[str, Tensor]:
        return {}

    def parameters(self) -> dict[str, Tensor]:
        return dict(self.network.state_dict())

    def settings(self) -> dict[str, Any]:
        return {"source": str(self.source)}

    @classmethod
    def restore(
        cls,
        spec: DataSpec,
        about: str,
        dim: int,
        settings: dict[str, Any],
        state: dict[str, Tensor],
    ) -> Self:
        source = _source(settings["source"])
        return cls(spec, _network(source), source)


def external_extractor(name_or_path: str | Path, spec: DataSpec) -> Extractor:
    """The feature space of a network by name, ``inception``, ``dinov2`` or ``clip``, or by the path
    of its file or folder, for images like ``spec``.

    By name, files are looked for where torch and transformers keep theirs. Raises `UserError` where
    they are not there, or not safe to read.
    """
    if not isinstance(spec, ImageSpec):
        raise UserError(f"{name_or_path} sees images, and the data is a table; leave it out")
    source = _source(name_or_path)
    return ExternalExtractor(spec, _network(source), source)


def _source(name_or_path: str | Path) -> Path:
    """The file or folder that is meant."""
    name, path = str(name_or_path), Path(name_or_path).expanduser()
    if name == "inception":
        path = Path(torch.hub.get_dir()) / "checkpoints" / _INCEPTION
        if not path.is_file():
            raise UserError(
                f"the weights of Inception are not there; put {_INCEPTION} (torch-fidelity's"
                f" release v0.2.0) into {path.parent}, or give its path"
            )
    elif name in _SNAPSHOTS:
        found = cached_snapshot(_SNAPSHOTS[name])
        if found is None:
            raise UserError(
                f"{_SNAPSHOTS[name]} is not in the Hugging Face cache; fetch it once with `hf"
                f" download {_SNAPSHOTS[name]}`, or give its folder"
            )
        path = found
    elif not path.exists():
        raise UserError(
            f"no feature network {name!r}: neither a file, a folder, nor a known name;"
            f" {nearest(name, ['inception', *_SNAPSHOTS])}"
        )
    return path.resolve()


def _network(source: Path) -> Network:
    with seeded(0):  # constructors draw weights that are then replaced
        return transformer(source) if source.is_dir() else inception(source)


@torch.inference_mode()
def _dimension(network: Network) -> int:
    return int(network(torch.zeros(1, 3, network.side, network.side)).shape[1])
