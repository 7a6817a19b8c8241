"""Who listens to a training: callbacks of the user's own, and a bar for whoever looks."""

import os
import pty
from contextlib import suppress
from functools import partial

import pytest
from forked import Command, python, shown_in
from helpers import gaussian_table, small, trained

from genlearn.engine.callbacks import NullCallback

BY_PARTS = {"cascade", "distill", "latent"}  # each of which reports its own steps
FIT = """
import numpy as np, genlearn as gl
gl.VAE(steps=5, size="tiny").fit(np.random.default_rng(0).normal(size=(30, 3)))
"""


class Listener(NullCallback):
    """Notes what it hears, and ends the training ``at`` a step."""

    def __init__(self, at=None):
        self.steps, self.at = [], at

    def report(self, progress):
        self.steps.append(progress.step)
        if progress.step == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("name", sorted({*trained()} - BY_PARTS))
def test_callbacks_hear_of_every_report(name):
    first, second = Listener(), Listener()
    model = small(name, steps=4).fit(gaussian_table(60), callbacks=[first, second])
    assert first.steps == second.steps == model.history_["step"].tolist()
    assert first.steps[-1] == 4


def test_what_a_callback_raises_ends_the_training():
    listener = Listener(at=3)
    with pytest.raises(KeyboardInterrupt):
        small("vae", steps=9).fit(gaussian_table(60), callbacks=[listener])
    assert listener.steps[-1] == 3


@pytest.mark.skipif(os.name != "posix", reason="takes a pseudo-terminal")
def test_a_bar_is_shown_in_a_terminal_and_nothing_elsewhere(tmp_path):
    assert Command(FIT, cwd=tmp_path, program=python).ended().stderr == ""
    mine, terminal = pty.openpty()
    looked_at = partial(shown_in, os.ttyname(terminal))
    fit = Command(FIT, cwd=tmp_path, program=python, first=looked_at)
    fit.process.join()
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # the other side was closed
        while part := os.read(mine, 1 << 16):
            shown += part
    os.close(mine)
    assert fit.ended().returncode == 0
    assert b"5/5" in shown
