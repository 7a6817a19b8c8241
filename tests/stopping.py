"""Trainings that are stopped, and whether two models came out the same."""

import torch

from genlearn.engine.callbacks import NullCallback


class Stopped(Exception):
    """The training was stopped."""


class Stopping(NullCallback):
    """Stops the training at preview number ``previews`` of those beyond ``after`` steps."""

    def __init__(self, after=-1, previews=2):
        self.after, self.previews, self.step = after, previews, 0

    def report(self, progress):
        self.step = progress.step

    def preview(self, model):
        self.previews -= self.step > self.after
        if not self.previews:
            raise Stopped


def same_weights(a, b):
    a, b = a.networks_.state_dict(), b.networks_.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)
