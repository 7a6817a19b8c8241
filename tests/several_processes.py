"""Trainings by several processes that share each step, and by one that takes it alone."""

import os
import socket
import time
import traceback
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from forked import preloaded
from helpers import examples_for, small
from torch import nn

import genlearn as gl
from genlearn.core.estimator_types import Composite, GradientTrained
from genlearn.core.processes import filled_by_first, shared_batch, shifted
from genlearn.core.registry import find
from genlearn.engine.optimizers import optimizer
from genlearn.engine.runs.checkpoint import drop_after
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions

STEPS = 6
PATIENCE_SECONDS = 300
SHARDED = ("flow",)  # by the suite; all that can be by `make slow`
RESUMED = ("cogan", "stylegan", "vqvae")  # which keep much beside their weights
# of adaptive steps, as large as a usual gradient: by the smallest, a gradient that is zero but for
# rounding moves a weight as far as any other, and rounding differs with the number of processes
EPS = 1e-3


@cache
def trainable():
    """Every registered model that learns by gradient steps, by its parts included."""
    return [name for name in gl.available() if issubclass(find(name), (GradientTrained, Composite))]


@cache
def shardable():
    """Those whose weights processes can share out."""
    found = {name: find(name) for name in trainable()}
    return [name for name, model in found.items() if getattr(model, "scalable_networks", ())]


def trained_by(devices, name, steps=STEPS, batch_size=16, fsdp="no", **how):
    """The fitted model. Its classes are so unequal that a process often sees one of them alone, and
    whatever belongs to the other has no gradient there."""
    model = small(
        name,
        steps=2 * steps if issubclass(find(name), Composite) else steps,
        batch_size=batch_size,
        condition="label",
        augment="on",
        discriminator_steps=2,
        penalty_interval=2,
        path_length_weight=1.0,
        path_length_interval=2,
        free_bits=0.5,
        corruption="salt_pepper",
        optimizer="adamw",  # muon's steps have eight bits, where the processor multiplies them
        base="flow optimizer=adamw",
        diffusion="flow optimizer=adamw",
        stage="upscale optimizer=adamw",
        ema=0.5,
        warmup=0.0,
        precision="fp32",
        device="cpu",
        devices=devices,
        fsdp=fsdp,
    )
    labels = np.where(np.arange(64) % 8 == 0, "rare", "usual")
    before, optimizer._EPS = optimizer._EPS, EPS
    try:
        return model.fit(examples_for(name, 64), labels, **how)
    finally:
        optimizer._EPS = before


def together(folder, names, processes=2, steps=STEPS, sharded=SHARDED):
    """Train every model by ``processes``, started here once, and those of ``sharded`` with their
    weights shared out, too; each leaves its weights in ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    how = (port, str(folder), names, processes, steps, sharded)
    started = [preloaded().Process(target=_one, args=(rank, *how)) for rank in range(processes)]
    for process in started:
        process.start()
    end = time.monotonic() + PATIENCE_SECONDS
    for process in started:
        process.join(max(0.0, end - time.monotonic()))
        process.kill()  # where it waits for what the other never sends


def _one(rank, port, folder, names, processes, steps, sharded):
    os.environ.update(
        LOCAL_RANK=str(rank), NODE_RANK="0", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port)
    )
    cases = [(name, "", "no") for name in names]
    cases += [(name, "-sharded", "yes") for name in sharded]
    for name, what, fsdp in cases:
        try:
            model = trained_by(processes, name, steps, 8 * processes, fsdp)
            found = model.networks_.state_dict()
        except Exception:  # told where the law of this model is tested
            found = traceback.format_exc()
        torch.save(found, f"{folder}/{name}{what}-{rank}.pt")
    for name in RESUMED if processes == 2 else ():
        torch.save(_resumed(name, rank, Path(folder) / name), f"{folder}/{name}-resumed-{rank}.pt")


def _resumed(name, rank, out):
    """The weights of a run, and those of the same where only a state in its middle is left."""
    how = {"out": out, "options": RunOptions(save_every=2, keep_checkpoints=STEPS)}
    whole = trained_by(2, name, **how).networks_.state_dict()
    if rank == 0:
        drop_after(Run(out).states, STEPS // 2)
    torch.distributed.barrier()
    return whole, trained_by(2, name, **how).networks_.state_dict()


def filled(rank, folder):
    """Leave in ``folder`` what one of two processes has whose arithmetic gives its rank, how often
    it was asked, and which of the numbers 0 to 5 come after its own."""
    dist.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=2)
    axes, calls = nn.Linear(2, 2), []
    filled_by_first(axes, lambda: calls.append(nn.init.constant_(axes.weight, rank + 1.0)))
    with shared_batch(rank, 2):
        after = shifted(3 * rank + torch.arange(3))
    torch.save((axes.weight.detach(), len(calls), after.tolist()), Path(folder) / f"{rank}.pt")
    dist.destroy_process_group()
