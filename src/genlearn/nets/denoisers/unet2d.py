"""The U-Net of the diffusers library, its `UNet2DModel`, as it is: what is learned here runs there
(`genlearn export RUN --to diffusers`).

Its grids are those of `unet.UNet` and one more, the image itself, since it folds no pixels: there
it has as many channels as on the next grid, and spends most of its time. It halves images exactly,
and says nothing at first.
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn

from ...foreign.huggingface import diffusers, quiet
from ..layers.adaln import zero
from ..layers.conditioning import Conditioning
from .layer_maps import levels

EXTRA = "'genlearn[diffusers]'"
_HEAD, _GROUPS = 32, 32  # channels of a head, and groups of a norm, at most


class UNet2D(nn.Module):
    """x (B, C, H, W), timestep (B,) of diffusers' schedulers, label -> (B, C, H, W); the label
    ``classes`` stands for any.

    ``widths``: channels of each grid, the image first; ``blocks`` on each, and one more on the way
    up; ``attention`` on the coarsest.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        widths: tuple[int, ...],
        blocks: int = 1,
        attention: bool = False,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.classes = classes
        with diffusers(EXTRA) as library, quiet():
            self.unet = library.UNet2DModel(
                sample_size=shape[1:],
                in_channels=shape[0],
                out_channels=shape[0],
                down_block_types=("DownBlock2D",) * len(widths),
                up_block_types=("UpBlock2D",) * len(widths),
                block_out_channels=widths,
                layers_per_block=blocks,
                attention_head_dim=math.gcd(widths[-1], _HEAD),
                norm_num_groups=math.gcd(widths[0], widths[0] // 4, _GROUPS),
                add_attention=attention,
                num_class_embeds=classes + 1 if classes else None,
            )
        zero(self.unet.conv_out)

    def forward(self, x: Tensor, timestep: Tensor, given: Conditioning | None = None) -> Tensor:
        if self.classes and given is None:
            given = torch.full_like(timestep, self.classes, dtype=torch.long)
        y: Tensor = self.unet(x, timestep, given, return_dict=False)[0]
        return y

    @property
    def layers(self) -> dict[str, nn.Module]:
        """The last block of each grid."""
        unet = cast(Any, self.unet)
        down, up = (
            [block.resnets[-1] for block in way] for way in (unet.down_blocks, unet.up_blocks)
        )
        return levels(down, unet.mid_block.resnets[-1], up)

    def as_map(self, h: Tensor) -> Tensor:
        return h
