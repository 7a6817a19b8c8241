"""What a notebook shows of a fitted model, below scikit-learn's table of its hyper-parameters: what
it learned from, how long, its last losses, and samples.

It is made when it is displayed. Samples are those of one seed, in few steps where a model draws in
steps; what cannot be drawn is left out, and why is said, since a display must never raise.
"""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from html import escape
from typing import Any

import pandas as pd

from ..core.capabilities import Samples
from ..core.errors import UserError, first_line
from ..core.image_grid import encoded, image_grid
from ..core.options import options_of
from ..core.spec import ImageSpec, TableSpec
from ..core.text import printable

_SHOWN, _STEPS = 8, 10
_LARGEST = 128 * 128 * 3  # numbers of an image beyond which samples are not drawn unasked


def summary(model: Any) -> str:
    """HTML on what the fitted ``model`` has learned."""
    parts = []
    for part in (_about, _history, _samples):
        try:
            parts.append(part(model))
        except Exception as error:
            parts.append(_line(f"This cannot be shown: {first_line(error)}"))
    return f'<div class="genlearn-fitted">{"".join(parts)}</div>'


def _line(text: str) -> str:
    return f"<p>{escape(printable(text))}</p>"


def _about(model: Any) -> str:
    spec = model.spec_
    if isinstance(spec, ImageSpec):
        channels, height, width = spec.shape
        kind = f"images of {height}x{width}{f'x{channels}' if channels > 1 else ''}"
    elif isinstance(spec, TableSpec):
        kind = f"rows of {len(spec.fields)} columns"
    else:
        kind = f"examples of {spec.dim:,} numbers"
    steps = vars(model).get("n_steps_")
    how = f" in {steps:,} steps" if steps and steps > 1 else ""
    return _line(f"Fitted on {model.n_samples_:,} {kind}{how}.")


def _history(model: Any) -> str:
    """``history_`` in a line, where it was kept."""
    history = vars(model).get("history_")
    if not isinstance(history, pd.DataFrame) or history.empty:
        return ""
    last = history.drop(columns=["step", "lr"], errors="ignore").ffill().iloc[-1].dropna()
    losses = ", ".join(f"{name} {value:.4g}" for name, value in last.items())
    reports = f"{len(history):,} report{'s' if len(history) > 1 else ''}"
    last_step = int(history["step"].iloc[-1])
    return _line(f"history_: {reports}, to step {last_step:,}: {losses}.")


def _samples(model: Any) -> str:
    """A strip of samples; "" of what draws no images, or takes long."""
    spec, previews = model.spec_, model.previews
    if not isinstance(model, Samples) or not isinstance(spec, ImageSpec) or not previews:
        return ""
    if spec.dim > _LARGEST:
        return _line("Samples: genlearn.show(model.sample(8), model.spec_)")
    source = b64encode(encoded(image_grid(_drawn(model), spec, _SHOWN))).decode()
    return f'<img alt="{_SHOWN} samples" src="data:image/png;base64,{source}">'


def _drawn(model: Any) -> Any:
    """In a few steps, or in as few as the model takes."""
    if "steps" in options_of(model.sampling_options):
        with suppress(UserError):
            return model.sample(_SHOWN, seed=0, steps=_STEPS)
    return model.sample(_SHOWN, seed=0)
