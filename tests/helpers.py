"""Small data of known shape, models that train in a second, and the command line in a process of
its own."""

from functools import cache

import numpy as np
import pytest
from forked import Command

import genlearn as gl
from genlearn.core.capabilities import Denoises, Encodes, Restores, Samples, Scores
from genlearn.core.estimator_types import Composite, GradientTrained
from genlearn.core.image_grid import grid_zoom, shown_size
from genlearn.core.options import options_of
from genlearn.core.params import params_of
from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.engine.hardware.device import fabric_for
from genlearn.engine.trainer import Trainer


def gaussian_table(n=300, dim=6, seed=0):
    """Correlated Gaussian columns of unequal means and scales."""
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(n, dim)) @ rng.normal(size=(dim, dim)) * rng.uniform(0.5, 20, dim)
        + rng.normal(size=dim) * 10
    )


def blobs(n=160, height=12, width=9, channels=0, seed=0):
    """Bright discs at random places, uint8, not square."""
    rng = np.random.default_rng(seed)
    cy, cx = rng.uniform(2, height - 2, (n, 1, 1)), rng.uniform(2, width - 2, (n, 1, 1))
    y, x = np.mgrid[:height, :width]
    disc = 1 / (1 + np.exp(2 * (np.hypot(y - cy, x - cx) - 2.5)))
    tint = rng.uniform(0.4, 1, (n, 1, 1, channels)) if channels else 1.0
    values = 255 * (disc[..., None] if channels else disc) * tint
    return values.round().astype(np.uint8)


DATA = {"table": gaussian_table, "grey": blobs, "colour": lambda: blobs(channels=3)}

# of a family that shares most of its code, who stands for whom in long laws
COUSINS = {
    "ddpm": "flow",
    "edm": "flow",
    "distill": "flow",
    "cascade": "latent",
    "dcgan": "r3gan",
    "gan": "r3gan",
    "progan": "r3gan",
    "stylegan": "r3gan",
}


def by_family(names, also=()):
    """The cases of a long law: where another stands for a model, `make slow` tries it, but for
    those that are listed ``also``."""
    return [
        pytest.param(name, marks=pytest.mark.slow if name in {*COUSINS} - {*also} else ())
        for name in names
    ]


def stood_for(name, kind):
    """Whether another model is tried in its place on images of this kind: in colour any of the
    family, in grey where the networks of images are the same."""
    return {"colour": name in COUSINS, "grey": COUSINS.get(name) == "flow"}.get(kind, False)


@cache
def general():
    """Names of the registered models that suit tables, so that the laws can be tried on them; some
    of them are for tables alone, and others for images alone."""
    return [name for name in gl.available() if suits(name, "table")]


def able(ability):
    """Those of them that have a capability."""
    return [name for name in general() if issubclass(find(name), ability)]


def taking(option):
    """Those whose `sample` takes an option."""
    return [name for name in able(Samples) if option in options_of(find(name).sampling_options)]


def reading():
    """Those that are given examples once they are fitted: those that only draw some are not."""
    return able((Encodes, Scores, Denoises, Restores))


def trained():
    """Those that learn by gradient steps."""
    return able((GradientTrained, Composite))


def examples_for(name, n):
    """Images, or rows for a model that learns from no images."""
    return blobs(n) if suits(name, "grey") or name not in general() else gaussian_table(n)


@cache
def suits(name, kind):
    """Whether a model learns from data of this kind."""
    try:
        gl.create(name).check_data(open_data(DATA[kind]()[:4]).spec)
    except ValueError:
        return False
    return True


def training(model, data, plan, kind=Trainer, run=None):
    """The training of ``model`` on opened ``data`` before its first step."""
    model.spec_, model.n_samples_ = data.spec, len(data)
    model.resolve_hyperparameters(data.spec)
    loop = kind(model, data, fabric_for(model, data.spec), plan, run)
    loop.build()
    return loop


def small(name, **hyper):
    """A model that is fitted in a second; hyper-parameters that it does not have are left out."""
    hyper = {
        "size": "tiny",
        "steps": 20 if name == "vqvae" else 10,  # more than one entry of its codebook is used then
        "batch_size": 32,
        "sampling_steps": 8,
        "ode_steps": 4,
        "repaint_resamples": 2,
        "condition": "none",
        **hyper,
    }
    return gl.create(
        name, **{key: value for key, value in hyper.items() if key in params_of(find(name))}
    )


def answer(model, examples):
    """Codes if the model has them, else scores, else samples: something that depends on all that
    was learned."""
    if isinstance(model, Encodes):
        return model.encode(examples)
    return (
        model.score_samples(examples)
        if isinstance(model, Scores)
        else model.sample(len(examples), seed=0)
    )


def with_samples(model, count):
    """The model, with so many samples to score by if it takes any."""
    return (
        model.set_params(evaluation_samples=count)
        if "evaluation_samples" in params_of(model)
        else model
    )


def genlearn(*arguments, cwd, check=True, first=None):
    """Run the command line in a process of its own; ``first`` is called there before all else."""
    done = Command(*arguments, cwd=cwd, first=first).ended()
    assert not check or done.returncode == 0, done.stderr
    return done


def grid_cells(sheet, spec, rows, columns, gap=2):
    """The images of the first ``rows`` of a `image_grid` of so many ``columns``, (rows * columns,
    *user_shape), as finely as its 8 bits show them."""
    pixels, channels, (height, width) = np.asarray(sheet), spec.shape[0], shown_size(spec)
    zoom = grid_zoom(height, width)
    tall, wide = height * zoom + gap, width * zoom + gap
    above = (pixels.shape[0] - gap) % tall + gap  # names of columns, and the gap
    left = pixels.shape[1] - columns * wide  # names of rows, and the gap
    places = [
        (above + row * tall, left + column * wide)
        for row in range(rows)
        for column in range(columns)
    ]
    images = np.stack(
        [
            pixels[top : top + height * zoom : zoom, left : left + width * zoom : zoom]
            for top, left in places
        ]
    )
    shown = images
    if images.shape[-1] != channels:  # side by side
        parts = images[..., 0].reshape(len(images), height, channels, -1)
        shown = np.moveaxis(parts, 2, -1)
    values = spec.low + shown / 255.0 * (spec.high - spec.low)
    return values if spec.channel_axis else values[..., 0]
