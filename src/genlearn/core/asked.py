"""Models as they are asked for in a line of text: ``vae latent_dim=8 beta=4``."""

from __future__ import annotations

from typing import Any

from .errors import UserError, nearest
from .hyper import hypers, parse
from .registry import find


def asked(text: str, what: str) -> tuple[str, dict[str, Any]]:
    """The name of the model, and the settings given. Raises `UserError`, which tells ``what`` the text is for, where no such model or setting is."""
    if not text.strip():
        raise UserError(f"an empty text was given for {what}, which is a model and settings as in: vae latent_dim=8 beta=4")
    name, *settings = text.split()
    known = hypers(find(name))
    hyper = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"{setting!r} was given in {text!r}; {what} is a model and settings as in: vae latent_dim=8 beta=4")
        if key not in known:
            raise UserError(f"{name} has no hyper-parameter {key!r}; {nearest(key, known)}")
        hyper[key] = parse(known[key], value)
    return name, hyper
