"""What one model's page says: each part where the model has the capability for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..core.capabilities import Encodes, Examples, Scores
from .latents import latent_usage
from .likelihood import Progress, log_likelihood
from .reconstruction import reconstruction


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def report(model: Any, data: Examples, *, examples: int, scored: int, progress: Progress = silent) -> dict[str, Any]:
    """Measure ``model`` on the first ``examples`` of ``data``, its log p(x) on the first ``scored``."""
    examples, scored = min(examples, len(data)), min(scored, len(data))
    result: dict[str, Any] = {"model": type(model).__name__, "data": data.fingerprint}
    if isinstance(model, Encodes):
        result["reconstruction"] = reconstruction(model, data, examples)
    if isinstance(model, Scores):
        result["log_prob"] = log_likelihood(model, data, scored, progress)
    if isinstance(model, Encodes):
        result["latents"] = latent_usage(model, data, examples)
    return result


def lines(result: dict[str, Any]) -> Iterator[str]:
    """A report for a person to read."""
    if r := result.get("reconstruction"):
        yield f"reconstruction   squared error {r['per_number']:.5f} +- {r['standard_error']:.5f} per number, {r['summed']:.3f} summed, n = {r['n']}"
    if s := result.get("log_prob"):
        yield f"log p(x)         {s['nats']:.2f} +- {s['standard_error']:.2f} nats ({s['kind']}), {s['bits_per_dim']:.4f} bits/dim, n = {s['n']}"
    if u := result.get("latents"):
        yield f"latents          {u['active']} of {u['latents']} active, mean |correlation| {u['mean_absolute_correlation']:.3f}, n = {u['n']}"
        yield f"  variances      {'  '.join(f'{v:.3g}' for v in u['variance'])}"
