"""What a variational autoencoder shows of itself."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from ...core.panels import LinePanel


def latent_use_panel(kl: Tensor) -> LinePanel:
    """How much each latent says about an example, from its divergence from the prior, (latent,)."""
    nats = kl.sort(descending=True).values.double().numpy()
    curve = np.stack([np.arange(1, len(nats) + 1), nats], axis=1)
    meaning = (
        "Nats that each latent tells about an example, the most talkative first; a latent at"
        " zero is unused: its posterior is the prior."
    )
    return LinePanel(
        title="Use of the latents",
        meaning=meaning,
        x="latent",
        y="KL(q(z|x) || p(z)), nats",
        series={"held out": curve},
    )
