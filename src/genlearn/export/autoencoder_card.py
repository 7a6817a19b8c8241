"""The README of an autoencoder for the diffusers library: the lines that decode and encode, and
what their numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.spec import ImageSpec
from .image_lines import inner_line, values_line

_CARD = """\
---
library_name: diffusers
tags: [autoencoder]
---
# {model}
Learned by genlearn {genlearn}, which is not needed to run it: this folder is an `AutoencoderKL` of
the diffusers library. It decodes 16 codes from N(0, I), as `genlearn sample RUN` does, so:

```python
import numpy as np
import torch
from diffusers import AutoencoderKL

vae = AutoencoderKL.from_pretrained(".")  # this folder
z = torch.randn(16, {shape}, generator=torch.Generator().manual_seed(0))
with torch.no_grad():
    x = vae.decode(z).sample
images = (x / 2 + 0.5).clamp(0, 1).movedim(1, -1).numpy()  # from 0 to 1
{values}
```

and encodes `values`, as `genlearn encode RUN` does:

```python
{inner}
with torch.no_grad():
    q = vae.encode(x).latent_dist
codes = q.mean.numpy()  # (n, {shape}); q.std: how sure of each number
```

Where black is -1 and white 1, the images and codes of the {compared} that were compared differ from
the model's by {largest difference:.1e} at most, in full precision.
"""


def autoencoder_card(document: Mapping[str, Any], spec: ImageSpec) -> str:
    """Markdown, from export.json."""
    shape = ", ".join(map(str, document["code"]))
    return _CARD.format(**document, shape=shape, values=values_line(spec), inner=inner_line(spec))
