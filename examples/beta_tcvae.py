r"""Beta-TCVAE: a VAE that pays for dependence between its latents, and for nothing else beyond the
bound.

With q(z) = E_x q(z|x) the divergence from a prior of independent latents has three parts,

    E_x KL(q(z|x) || p(z)) = I(x; z) + KL(q(z) || prod_j q(z_j)) + sum_j KL(q(z_j) || p(z_j)),

of which the second, the total correlation, is what keeps latents from meaning one thing each. Only
that one is weighted by beta.

    python examples/beta_tcvae.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from torch import Tensor
from torch.distributions import Normal

from genlearn.core.errors import UserError
from genlearn.core.params import Range, param
from genlearn.core.spec import DataSpec
from genlearn.models.autoencoders.vae import VAE
from genlearn.prob.posteriors import DiagonalGaussian, Posterior, standard_log_prob


@dataclass(kw_only=True, eq=False, repr=False)
class BetaTCVAE(VAE):
    """max E log p(x|z) - I(x; z) - beta KL(q(z) || prod_j q(z_j)) - sum_j KL(q(z_j) || p(z_j)).

    Chen, Li, Grosse & Duvenaud 2018, "Isolating sources of disentanglement in VAEs", arXiv
    1802.04942. q(z) is that of minibatch-weighted sampling.
    """

    beta: float = param(
        6.0, "weight of the total correlation", low=0, search=Range(1, 20, log=True)
    )

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.covariance != "diagonal" or self.importance_samples > 1 or self.free_bits:
            raise UserError(
                f"covariance={self.covariance!r}, importance_samples={self.importance_samples} and"
                f" free_bits={self.free_bits} were given; the decomposition needs diagonal, 1 and 0"
            )

    def divergence(self, q: Posterior, z: Tensor) -> Tensor:
        information, correlation, marginals = divergence_parts(q, z, self.n_samples_)
        return information + self.beta_ * correlation + marginals


def divergence_parts(q: Posterior, z: Tensor, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """I(x; z), the total correlation and the marginals' divergence of ``z`` ~ ``q``, (B, d), from
    ``n`` examples; their sum is E log q(z|x) / p(z). log q(z) is estimated by log 1/(nB) sum_j
    q(z|x_j), and each log q(z_j) alike."""
    assert isinstance(q, DiagonalGaussian)
    pairs = Normal(q.mean, q.std).log_prob(z[:, None])  # log q(z_ik | x_j), (B, B, d)
    norm = math.log(n * len(z))
    log_q_given_x = pairs.diagonal().sum(0)
    log_q = pairs.sum(2).logsumexp(1) - norm
    log_product = (pairs.logsumexp(1) - norm).sum(1)
    parts = log_q_given_x - log_q, log_q - log_product, log_product - standard_log_prob(z)
    return parts[0].mean(), parts[1].mean(), parts[2].mean()


if __name__ == "__main__":
    for model in (VAE(latent_dim=6, steps=600), BetaTCVAE(latent_dim=6, steps=600)):
        codes = model.fit("digits").encode("digits")
        used = np.abs(np.corrcoef(codes[:, codes.std(0) > 0.1].T))
        mean = used[~np.eye(len(used), dtype=bool)].mean()
        print(f"{type(model).__name__}: {len(used)} latents in use, mean |correlation| {mean:.3f}")
