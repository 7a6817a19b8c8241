r"""Variational autoencoders: an autoencoder whose latent space has a structure by design.

Data is thought to arise from z ~ N(0, I) by x ~ p(x|z). The encoder gives not a point but a
distribution q(z|x), with a mean and a covariance, and both are trained on a lower bound of log
p(x):

    ELBO = E_q log p(x|z) - KL(q(z|x) || N(0, I))

The first term wants codes that can be told apart; the second wants each of them to look like the
prior. Together they fill the latent space without holes: close points decode to similar data
(continuity), and every point of the prior decodes to something plausible (completeness). So new
data is drawn by decoding z ~ N(0, I).

**Linear.** With linear coders and Gaussian likelihood the model is probabilistic PCA (Tipping &
Bishop 1999), and the ELBO reaches its maximum likelihood (Lucas et al. 2019, arXiv 1911.02469) --
provided that the variance of the likelihood is learned: fixed, it can drive latents to collapse.

**Tighter.** With K > 1 samples the bound is that of the importance-weighted autoencoder; it grows
with K to log p(x).

**Likelihoods** are of the user's data: the probability of a discrete image, or the density of
continuous data. Grey pixels are not Bernoulli.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import torch
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, InfersPosterior, LogProbKind, Scores
from ...core.errors import UserError
from ...core.panels import Panel
from ...core.params import Choice, Range, param
from ...core.processes import noise_like, normal_rows
from ...core.seeding import normal, seed_for, uniform
from ...core.spec import DataSpec, ImageSpec
from ...nets.coders.autoencoder_nets import GRIDS, ScaledDecoder
from ...prob import bounds
from ...prob.observation_models import Bernoulli, Gaussian, Logistic, ObservationModel
from ...prob.posteriors import (
    Covariance,
    Posterior,
    log_variance_posterior,
    parameter_count,
    posterior,
    standard_deviation_parameter,
    standard_log_prob,
)
from ..base import evaluating
from ..density._pca import MIN_VARIANCE, PrincipalAxes
from ._autoencoding import ANCHORED, AutoencoderBase
from ._panels import latent_use_panel

# examples, and decoder passes, at a time while scoring
_SCORING_EXAMPLES, _SCORING_PASSES = 64, 512
_HELD_OUT = 2000  # examples of a panel


@dataclass(kw_only=True, eq=False, repr=False)
class VAE(AutoencoderBase, InfersPosterior, Scores):
    r"""Variational autoencoder: max E log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x), z_k ~ q(z|x).

    Kingma & Welling 2013, "Auto-encoding variational Bayes", arXiv 1312.6114 (K = 1); Burda, Grosse
    & Salakhutdinov 2015, "Importance weighted autoencoders", arXiv 1509.00519 (K > 1); Higgins et
    al. 2017, "beta-VAE" (beta).

    x: data; z: ``latent_dim`` numbers, N(0, I) a priori; q(z|x) = N(mean, L L^T), L diagonal or
    lower triangular; K = ``importance_samples``; with ``beta`` below 1 the objective is no bound;
    log p(x|z) in nats, summed over x.
    """

    use: ClassVar[str] = "Codes in a space with a structure, to sample, walk and visualise."
    takes: ClassVar[str] = "a minute"

    log_prob_kind: ClassVar[LogProbKind] = "bound"
    normal_codes: ClassVar[bool] = True

    anchor: Literal["pca", "none"] = param(
        "pca",
        "what the coders begin as, to learn the rest (pca: principal components; linear and grid"
        " coders begin at random)",
    )
    covariance: Covariance = param("diagonal", "covariance of q(z|x)")
    importance_samples: int = param(1, "K of the bound: 1 is the ELBO, more is IWAE", low=1)
    beta: float = param(
        1.0, "weight of the divergence from the prior", low=0, search=Range(0.2, 5, log=True)
    )
    beta_warmup: float = param(
        0.0, "share of the training in which beta rises from 0", low=0, high=1
    )
    free_bits: float = param(0.0, "nats that each latent may spend without paying", low=0)
    likelihood: Literal["auto", "bernoulli", "gaussian", "logistic"] = param(
        "auto",
        "p(x|z) (auto: bernoulli for two levels, logistic for more, gaussian for continuous data)",
    )
    scale: Literal["shared", "feature", "predicted"] = param(
        "feature",
        "learned width of p(x|z): one, one for each number of x, or the decoder's",
        search=Choice("shared", "feature", "predicted"),
    )
    output: Literal["auto", "mean", "draw"] = param(
        "auto", "`sample` gives the mean of p(x|z) or a draw from it (auto: mean for images)"
    )
    evaluation_samples: int = param(
        100, "importance samples for log p(x): more raise the bound; papers take 5,000", low=1
    )

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        coders, latent = self.coder_config(spec), self.latent_dim_
        scaled = self.likelihood_ != "bernoulli"
        decoder = coders.scaled_decoder(latent, self.scale) if scaled else coders.decoder(latent)
        encoder = coders.encoder(parameter_count(latent, self.covariance_))
        start = self.start_parts(spec, encoder, decoder)
        return {"encoder": encoder, "decoder": decoder, **start}

    def begin_as(self, axes: PrincipalAxes) -> None:
        """As probabilistic PCA: its posterior, and its noise as the width of p(x|z)."""
        noise = max(axes.noise, MIN_VARIANCE)
        self.start.fill(
            axes.mean, axes.basis, axes.variances, min(noise, float(axes.variances[-1]))
        )
        decoder = cast(ScaledDecoder, self.networks_["decoder"])
        width = 1.0 if self.likelihood_ == "gaussian" else math.sqrt(3) / math.pi
        if decoder.channels is None:
            decoder.log_scale.data.fill_(math.log(width * math.sqrt(noise)))

    def check_data(self, spec: DataSpec) -> None:
        super().check_data(spec)
        if self.likelihood == "bernoulli" and not _is_binary(spec):
            raise UserError(
                "likelihood='bernoulli' needs data of two values (grey pixels are not Bernoulli);"
                " take logistic, or binarise the data"
            )
        if self.covariance == "full" and self.network in GRIDS:
            raise UserError(
                f"covariance='full' was given, and network={self.network!r}, whose codes are too"
                " large for it; take diagonal"
            )
        if self.network == "autoencoder_kl":
            self._check_autoencoder_kl(spec)
        if self.free_bits and self.importance_samples > 1:
            raise UserError(
                f"free_bits={self.free_bits} needs importance_samples=1, whose bound has a"
                " divergence to be free of"
            )

    def _check_autoencoder_kl(self, spec: DataSpec) -> None:
        if self.scale == "predicted":
            raise UserError(
                "scale='predicted' was given, and network='autoencoder_kl', which gives an image"
                " and no width of it; take feature or shared"
            )
        if self._resolved_likelihood(spec) == "bernoulli":
            raise UserError(
                "network='autoencoder_kl' gives an image, and the likelihood bernoulli of two"
                " values asks for log-odds; take likelihood='logistic'"
            )

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``likelihood_`` and ``covariance_`` are what the networks speak of."""
        super().resolve_hyperparameters(spec)
        self.likelihood_ = self._resolved_likelihood(spec)
        self.covariance_: Covariance = self.covariance
        linear = self.likelihood_ != "bernoulli" and self.anchor == "pca"
        self.anchored_ = linear and self._resolved_network(spec) in ANCHORED

    def _resolved_likelihood(self, spec: DataSpec) -> Literal["bernoulli", "gaussian", "logistic"]:
        if self.likelihood != "auto":
            return self.likelihood
        if _is_binary(spec):
            return "bernoulli"
        return "gaussian" if spec.bin_width is None else "logistic"

    def on_step_start(self, progress: float) -> None:
        self.beta_ = self.beta * min(1.0, progress / self.beta_warmup if self.beta_warmup else 1.0)

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Minus the bound, in nats for each number of x, inside."""
        q = self._posterior(x)
        bound = (
            self._elbo(x, q)
            if self.importance_samples == 1
            else bounds.importance_bound(self._importance_log_weights(x, q)).mean()
        )
        return -bound / self.spec_.dim

    def posterior(self, X: Any) -> tuple[Array, Array]:
        """Mean (n, latent_dim) and covariance (n, latent_dim, latent_dim) of q(z|x) for examples in
        the user's units."""
        values = self._values(X)
        covariance = self._map(lambda x: self._posterior(x).covariance(), values)
        return self._map(self.encode_tensor, values).numpy(), covariance.numpy()

    def score_samples(self, X: Any) -> Array:
        """A lower bound of log p(x) in nats, shape (n,), by importance sampling with K =
        ``evaluation_samples``.

        All examples share the same K draws of noise, so a score does not depend on what else is
        scored.
        """
        eps = normal(seed_for(self.seed, "score"), 0, self.evaluation_samples, (self.latent_dim_,))
        values = self._values(X)
        log_p = self._map(
            lambda x: self._score(x, eps.to(x.device)), values, chunk=_SCORING_EXAMPLES
        )
        discrete = self.spec_.bin_width is not None
        return (log_p if discrete else log_p + self.spec_.log_volume(values)).numpy()

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """How much each latent says about an example."""
        kl = self._map(
            lambda x: self._posterior(x).kl_per_latent(), data.user(slice(0, _HELD_OUT))
        ).mean(0)
        return [latent_use_panel(kl)]

    def divergence(self, q: Posterior, z: Tensor) -> Tensor:
        """What a batch of codes ``z`` ~ q(z|x), (B, d), costs the ELBO: beta KL(q(z|x) || p(z)) in
        nats, averaged over the batch: (). A variant may weigh its parts otherwise."""
        return self.beta_ * bounds.free_bits(q.kl_per_latent(), self.free_bits)

    def _elbo(self, x: Tensor, q: Posterior) -> Tensor:
        z = q.transform(noise_like(q.mean))
        log_likelihood = self._observation_model(z).log_prob(x, x.ndim - 1).mean()
        return log_likelihood - self.divergence(q, z)

    def _importance_log_weights(self, x: Tensor, q: Posterior) -> Tensor:
        """log p(x|z_k) + beta (log p(z_k) - log q(z_k|x)): (K, B)."""
        shape = (self.importance_samples, *q.mean.shape[1:])
        eps = normal_rows(len(x), *shape, device=x.device)
        return self._log_weights(x, q, eps.transpose(0, 1), self.beta_)

    def _log_weights(self, x: Tensor, q: Posterior, eps: Tensor, beta: float) -> Tensor:
        z = q.transform(eps)
        log_likelihood = self._observation_model(z.flatten(0, 1)).log_prob(
            x.repeat(len(eps), *[1] * (x.ndim - 1)), x.ndim - 1
        )
        return log_likelihood.reshape(eps.shape[:2]) + beta * (
            standard_log_prob(z) - q.log_prob(eps)
        )

    def _score(self, x: Tensor, eps: Tensor) -> Tensor:
        """L_K of a batch by the rows of ``eps`` (K, latent), a few at a time: (B, *shape) ->
        (B,)."""
        q, total = self._posterior(x), torch.full((len(x),), -torch.inf, device=x.device)
        for rows in torch.split(eps, max(1, _SCORING_PASSES // max(1, len(x)))):
            log_w = self._log_weights(x, q, rows[:, None].expand(-1, len(x), -1), beta=1.0)
            total = torch.logaddexp(total, log_w.logsumexp(0))
        return total - math.log(len(eps))

    def encode_tensor(self, x: Tensor) -> Tensor:
        return self._posterior(x).mean

    def decode_tensor(self, z: Tensor) -> Tensor:
        return self._observation_model(z).mean

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        if self.output == "mean" or (self.output == "auto" and isinstance(self.spec_, ImageSpec)):
            return super().sample_batch(n, seed, start)
        z = self._sample_codes(n, seed, start)
        u = uniform(seed_for(seed, "x"), start, n, self.spec_.shape)
        with evaluating(self.networks_):
            return self.spec_.to_user(
                self._observation_model(z.to(self.device_)).quantile(u.to(self.device_))
            )

    def _sample_codes(self, n: int, seed: int, start: int) -> Tensor:
        return normal(seed, start, n, (self.latent_dim_,))

    def _posterior(self, x: Tensor) -> Posterior:
        numbers, q = self.networks_["encoder"](x), self.latent_dim_
        if self.network == "autoencoder_kl":
            return log_variance_posterior(numbers, q)
        if self.anchored_:
            spread = standard_deviation_parameter(self.start.variance.sqrt())
            begin = torch.cat([self.start.encode(x), spread.expand(x.shape[0], -1)], 1)
            numbers = torch.cat([numbers[:, : 2 * q] + begin, numbers[:, 2 * q :]], 1)
        return posterior(numbers, q, self.covariance_)

    def _observation_model(self, z: Tensor) -> ObservationModel:
        """p(x|z): (B, latent) -> a distribution over (B, *shape)."""
        if self.likelihood_ == "bernoulli":
            return Bernoulli(self.networks_["decoder"](z))
        location, log_scale = self.networks_["decoder"](z)
        location = location + self.start.decode(z) if self.anchored_ else location
        return (Gaussian if self.likelihood_ == "gaussian" else Logistic)(
            location, log_scale, self.spec_.bin_width
        )


def _is_binary(spec: DataSpec) -> bool:
    return spec.bin_width == 1.0
