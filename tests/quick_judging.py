"""Judges that learn in a few steps, draw few half-samples and take little time, for tests of what
is made of their figures; what the figures are worth is tested in ``evaluate``."""

import os
from functools import partial

from genlearn.evaluate import reference_set, uncertainty
from genlearn.evaluate.features import learned_network, pretext_tasks
from genlearn.evaluate.metrics import c2st, c2st_network
from genlearn.evaluate.probes import profiling, usefulness

STEPS, DRAWS = 4, 2
SECONDS = 0.05  # for which a speed is measured
# a comparison of seconds
QUICK = {
    "models": ["ppca latent_dim=4", "gmm components=3", "vae steps=40 latent_dim=4 batch_size=32"],
    "size": "tiny",
    "evaluation": "6s",
    "budget": "60s",
}


def judge_quickly(replace=setattr):
    """From now on, in this process; ``replace`` sets an attribute."""
    for module in (pretext_tasks, learned_network):
        replace(module, "planned_steps", _few_steps)
    replace(c2st_network, "_STEPS", STEPS)
    replace(c2st, "_TREES", STEPS)
    replace(usefulness, "_TREES", STEPS)
    replace(profiling, "_SECONDS", SECONDS)
    sure = partial(uncertainty.half_sample_error, draws=DRAWS)
    for module in (uncertainty, reference_set):
        replace(module, "half_sample_error", sure)
    replace(reference_set, "floor", partial(uncertainty.floor, draws=DRAWS))


def judge_quickly_in_a_group_of_its_own():
    """Also make this process the first of a group, so that it is killed with all that it starts."""
    os.setsid()
    judge_quickly()


def _few_steps(examples):
    return STEPS
