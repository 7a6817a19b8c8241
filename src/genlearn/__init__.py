"""Learn a distribution from unlabelled examples: one interface from PCA to text-to-image.

>>> import genlearn as gl
>>> model = gl.VAE(latent_dim=8, steps=200).fit("digits")
>>> new = model.sample(16, seed=7)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .models.autoencoders.autoencoder import Autoencoder as Autoencoder
    from .models.autoencoders.vae import VAE as VAE
    from .models.density.gmm import GMM as GMM
    from .models.density.kde import KDE as KDE
    from .models.density.ppca import PPCA as PPCA


def available() -> list[str]:
    """Names of all models."""
    from .core.registry import available

    return available()


def create(name: str, **hyper: Any) -> Any:
    """A model by name: ``create("vae", latent_dim=16)``. Raises `UserError` for an unknown name or
    hyper-parameter."""
    from .core.errors import UserError, nearest
    from .core.params import params_of
    from .core.registry import find

    model = find(name)
    for key in hyper:
        if key not in params_of(model):
            raise UserError(
                f"{name} has no hyper-parameter {key!r}; {nearest(key, params_of(model))}"
            )
    return model(**hyper)


def load(path: Any) -> Any:
    """The fitted model in the folder ``path``. Raises `UserError` where it is not one, or
    damaged."""
    from .engine.runs.loading import load

    return load(path)


def open_data(source: Any, **options: Any) -> Any:
    """Prepared data from a folder, a file, a named set, an array, a data-frame or a torch
    Dataset."""
    from .data import open_data

    return open_data(source, **options)


def sample_keeping(model: Any, n: int, keep: Any, **options: Any) -> Any:
    """``n`` rows of a fitted ``model`` of tables that hold the rules ``keep``, such as
    ['entry <= exit']; beside ``seed``, ``options`` are those of its ``sample``."""
    from .data.columns.keeping import sample_keeping

    return sample_keeping(model, n, keep, **options)


def compare(source: Any, out: Any = "comparison", **options: Any) -> dict[str, Any]:
    """Train every model that suits ``source`` within ``budget`` (10m by default), judge them, and
    write report.html and report.json to ``out``."""
    from .comparison import compare

    return compare(source, out, **options)


def show(values: Any, spec: Any = None, *, columns: int | None = None) -> Any:
    """Examples as a notebook displays them: a PIL image of images, a data-frame of a table."""
    from .explore import show

    return show(values, spec, columns=columns)


def studio(
    folder: Any = ".",
    *,
    data: Any = (),
    port: int = 0,
    share: bool = False,
    browser: bool = True,
) -> Any:
    """Start the studio, a local web application over the runs and data in ``folder``, in a thread
    of its own; what is returned has its ``url`` and ``stop()``, and is a context manager.

    ``data``: a further folder or several, which are only read; ``port``: 0 for any that is free;
    ``share``: let others on the network in who have the link; ``browser``: whether to open one.
    """
    from .studio.notebook import open_studio

    return open_studio(folder, data=data, port=port, share=share, browser=browser)


def __getattr__(name: str) -> Any:
    from .core.registry import available, find

    if (
        name.startswith("_")
        or name.lower() not in available()
        or (model := find(name.lower())).__name__ != name
    ):
        raise AttributeError(f"module 'genlearn' has no attribute {name!r}")
    return model


def __dir__() -> list[str]:
    names = ["available", "compare", "create", "load", "open_data", "sample_keeping", "show"]
    return [*names, "studio", "__version__"]
