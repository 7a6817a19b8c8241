"""A comparison that processes share, and one of them."""

from forked import preloaded
from quick_judging import judge_quickly_in_a_group_of_its_own

import genlearn as gl

MODELS = ["ppca latent_dim=2", "gmm components=3", "vae steps=30 latent_dim=2", "gan steps=30"]
HOW = {"models": MODELS, "size": "tiny", "samples": 200}


def take_part(out, data, how):
    judge_quickly_in_a_group_of_its_own()
    gl.compare(data, out, join=True, **how)


def started(out, data, **more):
    """A process that takes part."""
    process = preloaded().Process(target=take_part, args=(out, data, HOW | more))
    process.start()
    return process
