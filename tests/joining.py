"""A comparison that processes share, and one of them."""

from forked import preloaded
from quick_judging import judge_quickly_in_a_group_of_its_own

import genlearn as gl

MODELS = ["ppca latent_dim=2", "gmm components=3", "vae steps=30 latent_dim=2", "gan steps=30"]
HOW = {"models": MODELS, "size": "tiny", "samples": 200}


def take_part(out, data):
    judge_quickly_in_a_group_of_its_own()
    gl.compare(data, out, join=True, **HOW)


def started(out, data):
    """A process that takes part."""
    process = preloaded().Process(target=take_part, args=(out, data))
    process.start()
    return process
