"""The coders of the diffusers library, those of its `AutoencoderKL`, as they are: what is learned
here opens there (`genlearn export RUN --to diffusers`).

Its grids are those of `latent_grid_coder` and one more, the image itself, for it halves after each
grid rather than before: there it has as many channels as on the next, and spends most of its time.
It pads nothing, so it halves images exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ...core.seeding import seeded
from ...foreign.huggingface import diffusers, quiet

EXTRA = "'genlearn[diffusers]'"
_GROUPS = 32  # of a norm, at most


@dataclass(frozen=True)
class AutoencoderKLConfig:
    """A design for images of ``shape`` (C, H, W) and ``channels`` at each place of a code;
    ``widths``: channels of each grid, the image first; ``blocks`` on each, and one more on the way
    up; ``attention`` on the coarsest."""

    shape: tuple[int, ...]
    channels: int
    widths: tuple[int, ...]
    blocks: int = 1
    attention: bool = False

    def build(self) -> Any:
        """The library's network, at random; its codes are in no other units than its own. Raises
        `UserError` where the library is missing."""
        with diffusers(EXTRA) as library, quiet():
            return library.AutoencoderKL(
                sample_size=self.shape[1:],
                in_channels=self.shape[0],
                out_channels=self.shape[0],
                latent_channels=self.channels,
                down_block_types=("DownEncoderBlock2D",) * len(self.widths),
                up_block_types=("UpDecoderBlock2D",) * len(self.widths),
                block_out_channels=self.widths,
                layers_per_block=self.blocks,
                norm_num_groups=math.gcd(self.widths[0], self.widths[0] // 4, _GROUPS),
                mid_block_add_attention=self.attention,
                scaling_factor=1.0,
                force_upcast=False,
            )


class KLEncoder(nn.Module):
    """(B, C, H, W) -> (B, 2 * channels * h * w): the means of the code, then the logarithms of its
    variances."""

    def __init__(self, config: AutoencoderKLConfig) -> None:
        super().__init__()
        whole = config.build()
        self.encoder, self.quant_conv = whole.encoder, whole.quant_conv

    def forward(self, x: Tensor) -> Tensor:
        numbers: Tensor = self.quant_conv(self.encoder(x))
        return numbers.flatten(1)


class KLDecoder(nn.Module):
    """(B, channels * h * w) -> (B, C, H, W)."""

    def __init__(self, config: AutoencoderKLConfig) -> None:
        super().__init__()
        self.config, whole = config, config.build()
        self.code = (config.channels, *_coarsest(config))
        self.post_quant_conv, self.decoder = whole.post_quant_conv, whole.decoder

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.decoder(self.post_quant_conv(z.reshape(-1, *self.code)))
        return x


def whole_autoencoder(encoder: KLEncoder, decoder: KLDecoder) -> Any:
    """Both in one network of the library."""
    with seeded(0):  # all of it is replaced
        whole = decoder.config.build()
    whole.load_state_dict({**encoder.state_dict(), **decoder.state_dict()})
    return whole.eval()


def _coarsest(config: AutoencoderKLConfig) -> tuple[int, ...]:
    return tuple(side >> (len(config.widths) - 1) for side in config.shape[1:])
