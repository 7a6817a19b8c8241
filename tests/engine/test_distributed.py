"""What processes make equal: gradients, notes of networks, shares of a batch; and one alone."""

import subprocess
import sys
from dataclasses import dataclass

import pytest
import torch
from helpers import gaussian_table, small
from torch import nn

import genlearn as gl
from genlearn.core.seeding import seeded
from genlearn.engine.hardware.device import fabric_for
from genlearn.engine.hardware.distributed import SingleProcess, average_gradients, share_buffers
from genlearn.nets.buffers import Buffer


@dataclass
class Other:
    """A Fabric beside whose process is another, which brings ``theirs`` to each collective."""

    theirs: list
    world_size = 2

    def all_reduce(self, ours, reduce_op):
        pair = torch.stack([ours, self.theirs.pop(0).to(ours)])
        return pair.mean(0) if reduce_op == "mean" else pair.amin(0)


def weights(*gradients):
    found = [nn.Parameter(torch.zeros(2)) for _ in gradients]
    for weight, gradient in zip(found, gradients, strict=True):
        weight.grad = None if gradient is None else torch.tensor(gradient)
    return found


def test_a_gradient_that_a_process_lacks_counts_as_zero_and_one_that_all_lack_stays_away():
    ours = weights([2.0, 4.0], [1.0, 1.0], None, None)
    theirs = torch.tensor([4.0, 6, 0, 0, 3, 5, 0, 0, 1, 0, 1, 0])
    average_gradients(ours, Other([theirs]))
    found = [None if weight.grad is None else weight.grad.tolist() for weight in ours]
    assert found == [[3.0, 5.0], [0.5, 0.5], [1.5, 2.5], None]


def test_gradients_keep_the_layout_of_their_weights():
    weight = nn.Parameter(torch.zeros(2, 3, 4, 4).to(memory_format=torch.channels_last))
    average_gradients([weight], Other([torch.cat([torch.arange(96.0), torch.ones(1)])]))
    assert weight.grad.stride() == weight.stride()
    assert torch.equal(weight.grad.flatten(), torch.arange(96.0) / 2)


def test_notes_become_the_mean_and_counts_the_least():
    notes = nn.ModuleList([Buffer(torch.tensor([1.0, 0.1])), Buffer(torch.tensor([3, 0]))])
    share_buffers(notes, Other([torch.tensor([2.0, 0.1]), torch.tensor([0, 7])]))
    assert [note.value.tolist() for note in notes] == [
        [1.5, pytest.approx(0.1, abs=1e-8)],
        [0, 0],
    ]


def test_a_batch_that_cannot_be_shared_equally_is_told():
    with pytest.raises(ValueError, match=r"batch_size=33 .* devices=2.* such as 32 or 34"):
        small("autoencoder", batch_size=33, devices=2).fit(gaussian_table())
    with pytest.raises(ValueError, match=r"batch_size=1 .* devices=2.* such as 2 or 4"):
        small("autoencoder", batch_size=1, devices=2).fit(gaussian_table())
    with pytest.raises(ValueError, match="share batch_size=4 on each of devices=2"):
        small("gan", batch_size=4, discriminator_steps=3, devices=2).fit(gaussian_table())


def test_steps_seed_the_generator_of_their_device_and_leave_it_as_it_was(monkeypatch):
    told = []
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "get_rng_state", lambda: "before")
    monkeypatch.setattr(torch.mps, "set_rng_state", told.append)
    monkeypatch.setattr(torch.mps, "manual_seed", told.append)
    with seeded(7, torch.device("mps")):
        first = torch.rand(3)
    with seeded(7, torch.device("cpu")):
        assert torch.equal(torch.rand(3), first)
    assert told == [7, "before"]


ALONE = """
import sys
import genlearn as gl
gl.VAE(size="tiny", steps=2, device="cpu").fit("digits")
assert not {"lightning_fabric", "torch._dynamo"} & set(sys.modules)
"""


def test_a_training_alone_loads_neither_fabric_nor_the_compiler():
    subprocess.run([sys.executable, "-c", ALONE], check=True)


def test_one_process_stands_for_all():
    spec = gl.open_data("digits").spec
    alone = fabric_for(small("vae", device="cpu"), spec)
    assert isinstance(alone, SingleProcess)
    assert alone.broadcast((1, "a")) == (1, "a")
    assert torch.equal(alone.all_reduce(torch.ones(3)), torch.ones(3))
    assert (alone.world_size, alone.global_rank, alone.is_global_zero) == (1, 0, True)
