"""Trainings by two processes that share each step, and what one process gives that takes the turns
of both."""

import copy
import os
import socket
import time
import traceback
from functools import cache
from pathlib import Path

import numpy as np
import torch
from forked import preloaded
from helpers import examples_for, small

import genlearn as gl
from genlearn.core.estimator_types import Composite, GradientTrained
from genlearn.core.registry import find
from genlearn.core.seeding import seed_for
from genlearn.engine.optimizers.optim import learning_rate
from genlearn.engine.runs.checkpoint import drop_after
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions
from genlearn.engine.trainer import Trainer

STEPS = 6
PATIENCE_SECONDS = 300
# these draw no noise and have no statistics of a batch: half a batch each is half of the whole
WITHOUT_NOISE = ("autoencoder", "vqvae")
RESUMED = ("cogan", "stylegan", "vqvae")  # which keep much beside their weights


@cache
def trainable():
    """Every registered model that learns by gradient steps, by its parts included."""
    return [name for name in gl.available() if issubclass(find(name), (GradientTrained, Composite))]


def trained_by(devices, name, **how):
    """The fitted model. Its classes are so unequal that a process often sees one of them alone, and
    whatever belongs to the other has no gradient there."""
    steps = 2 * STEPS if issubclass(find(name), Composite) else STEPS
    # adaptive steps make much of gradients that rounding alone tells from zero
    plain = {"optimizer": "sgd"} if name in WITHOUT_NOISE else {}
    model = small(
        name,
        steps=steps,
        **plain,
        batch_size=8,
        condition="label",
        augment="on",
        lazy=2,
        path_length=1.0,
        path_lazy=2,
        ema=0.5,
        warmup=0.0,
        precision="fp32",
        device="cpu",
        devices=devices,
    )
    labels = np.where(np.arange(64) % 8 == 0, "rare", "usual")
    return model.fit(examples_for(name, 64), labels, **how)


def both(folder, names):
    """Train every model by two processes, started here once; each leaves its weights in
    ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    how = (port, str(folder), names)
    pair = [preloaded().Process(target=_one, args=(rank, *how)) for rank in (0, 1)]
    for process in pair:
        process.start()
    end = time.monotonic() + PATIENCE_SECONDS
    for process in pair:
        process.join(max(0.0, end - time.monotonic()))
        process.kill()  # where it waits for what the other never sends


def _one(rank, port, folder, names):
    os.environ.update(
        LOCAL_RANK=str(rank), NODE_RANK="0", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port)
    )
    for name in names:
        try:
            found = trained_by(2, name).networks_.state_dict()
        except Exception:  # told where the law of this model is tested
            found = traceback.format_exc()
        torch.save(found, f"{folder}/{name}-{rank}.pt")
    for name in RESUMED:
        torch.save(_resumed(name, rank, Path(folder) / name), f"{folder}/{name}-resumed-{rank}.pt")


def _resumed(name, rank, out):
    """The weights of a run, and those of the same where only a state in its middle is left."""
    how = {"out": out, "options": RunOptions(save_every=2, keep_checkpoints=STEPS)}
    whole = trained_by(2, name, **how).networks_.state_dict()
    if rank == 0:
        drop_after(Run(out).states, STEPS // 2)
    torch.distributed.barrier()
    return whole, trained_by(2, name, **how).networks_.state_dict()


class InTurn(Trainer):
    """One process that takes, in each step, the turns of two: from the same state, each with its
    half of the batch and its own noise. What they find is averaged."""

    def build(self):
        state = super().build()
        self.other = Trainer(copy.copy(self.model), self.data, self.fabric, self.plan)
        self.other.build()
        return state

    def _step(self, step):
        self._catch_up()
        self.rate = learning_rate(self.model, self.plan, step)
        halves = np.split(self.order.indices(step * self.batch_size, self.batch_size), 2)
        pair = (self, self.other)
        turns = [_turn(loop, rank, halves[rank], step) for rank, loop in enumerate(pair)]
        for (name, first, loss), (_, second, _) in zip(*turns, strict=True):
            self._move(name, [_mean(a, b) for a, b in zip(first, second, strict=True)])
            self.state.losses[name] = (loss, 1)
            with torch.no_grad():
                pairs = zip(self.parameters[name], self.other.parameters[name], strict=True)
                for here, there in pairs:
                    there.copy_(here)
        buffers = [dict(loop.state.networks.named_buffers()) for loop in pair]
        for name, here in buffers[0].items():
            there = buffers[1][name]
            mean = (here.double() + there.double()) / 2
            here.copy_(mean if here.is_floating_point() else torch.minimum(here, there))
        self.state.average.update(step)
        self.state.step = step + 1

    def _catch_up(self):
        self.other.state.networks.load_state_dict(self.state.networks.state_dict())
        self.other.state.networks.train()

    def _move(self, name, gradients):
        for parameter, gradient in zip(self.parameters[name], gradients, strict=True):
            # laid out in memory as its weight is, which a fused step takes for granted
            laid = None if gradient is None else torch.empty_like(parameter).copy_(gradient)
            parameter.grad = laid
        if self.model.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.parameters[name], self.model.clip)
        self.state.optimizers[name].step(self.rate * self.model.lr_multiplier(name))


def _turn(loop, rank, rows, step):
    """The gradients that the process number ``rank`` finds, one objective after another."""
    torch.manual_seed(seed_for(loop.model.seed, "step", step, rank))
    x, y = loop.data.batch(rows)
    loop.model.on_step_start(loop.plan.progress(step))
    objectives, random = loop.model.objectives(x, y), torch.get_rng_state()
    while True:
        torch.set_rng_state(random)
        network, loss = next(objectives, (None, None))
        if network is None:
            return
        name = loop.owner[id(network)]
        gradients = torch.autograd.grad(loss, loop.parameters[name], allow_unused=True)
        random = torch.get_rng_state()
        yield name, gradients, loss.detach()


def _mean(a, b):
    if a is None or b is None:
        only = b if a is None else a
        return None if only is None else only / 2
    return (a + b) / 2
