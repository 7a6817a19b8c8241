"""genlearn against pythae 0.1.2 on MNIST, at equal minutes on the same processor, one after the
other in one run.

pythae trains the convolutional networks that it offers for MNIST, at its default batch size and in
full precision, as its trainer does on a CPU, but in a plain loop that spares it the data loader,
and at a learning rate ten times its default of 1e-4, which serves it better in minutes. genlearn is
left at its defaults, once for the whole time and once for a quarter of it.

**VAE**, 16 latents, on MNIST cut at the middle grey, so that Bernoulli is a likelihood on both
sides. log p(x) is measured by one function for both: L_K = log 1/K sum_k p(x|z_k) p(z_k) /
q(z_k|x), which bounds log p(x) from below; genlearn's own ``score_samples``, with as many draws,
checks it. **Autoencoder**, 16 latents, on grey MNIST. The error is the squared one for each pixel
of 10,000 test images, black 0 and white 1, through the code's mean. Sampling is timed on all of
what makes an image: codes, decoder, and for genlearn the way to uint8.

    pip install -r benchmarks/requirements.txt && pip install --no-deps pythae==0.1.2
    GENLEARN_DATA=... python benchmarks/versus_pythae.py [seconds]
"""

from __future__ import annotations

import importlib
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from common import report
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy

import genlearn as gl

LATENT = 16
BATCH = 64  # the default of pythae's trainer
RATE = 1e-3
SCORED, DRAWS = 200, 200
SAMPLED = 2000
Normal = tuple[Tensor, Tensor]


@dataclass
class Trained:
    """A model after ``seconds``: x (n, 1, 28, 28) in [0, 1] to the mean and log-variance of its
    code, and codes to the expected x."""

    name: str
    encode: Callable[[Tensor], Normal]
    decode: Callable[[Tensor], Tensor]
    sample: Callable[[int], Any]
    parameters: int
    images: int
    seconds: float
    model: Any


def train_pythae(kind: str, x: Tensor, limit: float, seed: int = 0) -> Trained:
    """By the networks that it offers for MNIST, and for images in colour those for CIFAR-10."""
    from pythae.models import AE, VAE, AEConfig, VAEConfig
    from pythae.models.nn import benchmarks

    torch.manual_seed(seed)
    name = "MNIST" if x.shape[1] == 1 else "CIFAR"
    nets = importlib.import_module(f"{benchmarks.__name__}.{name.lower()}")
    decoder = getattr(nets, f"Decoder_Conv_AE_{name}")
    shape: dict[str, Any] = {"input_dim": tuple(x.shape[1:]), "latent_dim": LATENT}
    if kind == "vae":
        config = VAEConfig(**shape, reconstruction_loss="bce")
        model = VAE(config, getattr(nets, f"Encoder_Conv_VAE_{name}")(config), decoder(config))
    else:
        config = AEConfig(**shape)
        model = AE(config, getattr(nets, f"Encoder_Conv_AE_{name}")(config), decoder(config))
    images, seconds = train_plainly(model.train(), x, limit)
    model.eval()

    def encode(x: Tensor) -> Normal:
        code = model.encoder(x)
        return code.embedding, (
            code.log_covariance if kind == "vae" else torch.zeros_like(code.embedding)
        )

    def decode(z: Tensor) -> Tensor:
        return model.decoder(z).reconstruction

    return Trained(
        "pythae",
        encode,
        decode,
        lambda n: in_parts(decode, torch.randn(n, LATENT)),
        count(model),
        images,
        seconds,
        model,
    )


def train_plainly(model: nn.Module, x: Tensor, limit: float) -> tuple[int, float]:
    """Adam on the model's own loss until ``limit``; how many images that were, and the seconds."""
    optimizer, images, start = torch.optim.Adam(model.parameters(), lr=RATE), 0, time.perf_counter()
    while True:
        for rows in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            model({"data": x[rows]}).loss.backward()
            optimizer.step()
            images += len(rows)
            if time.perf_counter() - start > limit:
                return images, time.perf_counter() - start


def train_genlearn(kind: str, data: Any, limit: float, name: str) -> Trained:
    model = {"vae": gl.VAE, "ae": gl.Autoencoder}[kind](
        latent_dim=LATENT, budget=f"{limit:g}s", batch_size=128
    )
    start = time.perf_counter()
    model.fit(data)
    seconds = time.perf_counter() - start

    def encode(x: Tensor) -> Normal:
        if kind == "ae":
            z = model.encode_tensor(inside(x, data))
            return z, torch.zeros_like(z)
        q = model._posterior(inside(x, data))
        return q.mean, 2 * q.std.log()

    def decode(z: Tensor) -> Tensor:
        return outside(model.decode_tensor(z), data)

    return Trained(
        name,
        encode,
        decode,
        model.sample,
        count(model.networks_),
        model.n_steps_ * model.batch_size_,
        seconds,
        model,
    )


def inside(x: Tensor, data: Any) -> Tensor:
    """From [0, 1] to the centres of the levels in [-1, 1], which is
    what genlearn's networks see."""
    return (x * 2 - 1) * (1 - data.spec.bin_width / 2)


def outside(x: Tensor, data: Any) -> Tensor:
    return ((x / (1 - data.spec.bin_width / 2) + 1) / 2).clamp(0, 1)


def count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@torch.inference_mode()
def in_parts(function: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    return torch.cat([function(part) for part in values.split(500)])


def error(trained: Trained, x: Tensor) -> float:
    return float(
        (in_parts(lambda part: trained.decode(trained.encode(part)[0]), x) - x).square().mean()
    )


@torch.inference_mode()
def log_likelihood(trained: Trained, x: Tensor) -> Tensor:
    """L_K of each x, K = `DRAWS`: (n,)."""
    mean, log_variance = trained.encode(x)
    return torch.stack(
        [importance(trained, *each) for each in zip(x, mean, log_variance, strict=True)]
    )


def importance(trained: Trained, x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    eps = torch.randn(DRAWS, LATENT)
    z = mean + (log_variance / 2).exp() * eps
    log_ratio = 0.5 * (eps.square() - z.square() + log_variance).sum(1)
    p = trained.decode(z)
    log_x = -binary_cross_entropy(p, x.expand_as(p), reduction="none").flatten(1).sum(1)
    return (log_x + log_ratio).logsumexp(0) - math.log(DRAWS)


def speed_of_sampling(trained: Trained) -> float:
    start = time.perf_counter()
    trained.sample(SAMPLED)
    return SAMPLED / (time.perf_counter() - start)


def row(kind: str, trained: Trained, x: Tensor, data: Any) -> dict[str, Any]:
    figures = {
        "model": f"{kind}, {trained.name}",
        "seconds": round(trained.seconds),
        "parameters": trained.parameters,
        "images/s trained": round(trained.images / trained.seconds),
        "error per pixel": f"{error(trained, x):.5f}",
    }
    if kind == "ae":
        return {**figures, "log p(x)": "", "score_samples": ""}
    scores = log_likelihood(trained, x[:SCORED])
    own = (
        None
        if trained.name == "pythae"
        else trained.model.set_params(evaluation_samples=DRAWS).score(data.user(slice(0, SCORED)))
    )
    told = f"{scores.mean():.2f} +- {scores.std() / math.sqrt(SCORED):.2f}"
    return {**figures, "log p(x)": told, "score_samples": "" if own is None else f"{own:.2f}"}


def main() -> None:
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 180.0
    kinds = {"vae": {"binarise": "threshold"}, "ae": {}}
    sets = {
        kind: [gl.open_data("mnist", split=split, **options) for split in ("train", "test")]
        for kind, options in kinds.items()
    }
    units = {
        kind: [outside(data.spec.to_internal(data.user(slice(None))), data) for data in pair]
        for kind, pair in sets.items()
    }
    models, speeds = {}, {}
    for kind, (data, _) in sets.items():
        for name, share in {"pythae": 1.0, "genlearn": 1.0, "genlearn, a quarter": 0.25}.items():
            print(f"{kind}: {name}", file=sys.stderr, flush=True)
            training = (
                train_pythae(kind, units[kind][0], limit)
                if name == "pythae"
                else train_genlearn(kind, data, limit * share, name)
            )
            models[kind, name], speeds[kind, name] = training, speed_of_sampling(training)
    print("trained; measuring", file=sys.stderr, flush=True)
    rows = [
        {
            **row(key[0], trained, units[key[0]][1], sets[key[0]][1]),
            "images/s sampled": round(speeds[key]),
        }
        for key, trained in models.items()
    ]
    report("versus_pythae", rows, batch=BATCH, rate=RATE, draws=DRAWS, scored=SCORED)


if __name__ == "__main__":
    main()
