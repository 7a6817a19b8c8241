"""Models as they are asked for in a line of text: ``vae latent_dim=8 beta=4``; with quotes,
``cascade base='flow width=64'``."""

from __future__ import annotations

import shlex
from typing import Any

from .errors import UserError, nearest
from .params import params_of, parse_param
from .registry import find


def parse_model_spec(text: str, what: str) -> tuple[str, dict[str, Any]]:
    """The name of the model, and the settings given. Raises `UserError`, which tells ``what`` the
    text is for, where no such model or setting is."""
    if not text.strip():
        raise UserError(
            f"an empty text was given for {what}, which is a model and settings as in: vae"
            " latent_dim=8 beta=4"
        )
    name, *settings = _words(text, what)
    known = params_of(find(name))
    hyper = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UserError(
                f"{setting!r} was given in {text!r}; {what} is a model and settings as in: vae"
                " latent_dim=8 beta=4"
            )
        if key not in known:
            raise UserError(f"{name} has no hyper-parameter {key!r}; {nearest(key, known)}")
        hyper[key] = parse_param(known[key], value)
    return name, hyper


def _words(text: str, what: str) -> list[str]:
    """``text`` at its spaces, but for those in quotes. Backslashes stand for themselves, as in
    paths."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.escape, words.commenters = True, "", ""
    try:
        return list(words)
    except ValueError:
        raise UserError(
            f"{text!r} was given for {what}; a quote that is opened in it is not closed"
        ) from None
