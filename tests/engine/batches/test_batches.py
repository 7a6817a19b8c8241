"""Batches on a device are those of the data, wherever the data lie."""

import numpy as np
import pytest
import torch

from genlearn.data import open_data
from genlearn.engine.batches.batches import Batches, ResidentImages, is_small
from genlearn.engine.batches.example_order import ExampleOrder

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (50, 8, 6), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (50, 8, 8, 3), dtype=np.uint8)


@pytest.mark.parametrize("binarise", ["none", "threshold"])
@pytest.mark.parametrize("images", [GREY, COLOUR, COLOUR[::-1, :, ::-1]])
@pytest.mark.parametrize("labels", [None, (np.arange(50) % 3)[::-1]])
def test_images_in_the_memory_of_a_device_give_the_same_batches(images, labels, binarise):
    data = open_data(images, labels=labels, binarise=binarise)
    order = ExampleOrder(len(data), seed=1)
    host = Batches(data, order, CPU)
    device = Batches(data, order, CPU, ResidentImages.of(data, CPU))
    for before in (0, 24, 48, 96):
        (x, y), (same_x, same_y) = host(before, 24), device(before, 24)
        assert torch.equal(x, same_x)
        assert (y is None) == (same_y is None) == (labels is None)
        assert y is None or torch.equal(y, same_y)


def test_only_small_images_of_bytes_that_are_always_seen_alike_lie_there():
    data = open_data(GREY)
    assert is_small(data, 4 * GREY.nbytes)
    assert not is_small(data, 4 * GREY.nbytes - 1)
    assert not is_small(open_data(GREY, binarise="stochastic"), 10**9)
    assert not is_small(open_data(GREY / 255.0), 10**9)
    assert not is_small(open_data(RNG.normal(size=(50, 3))), 10**9)


def test_a_processor_reads_its_data_where_they_are():
    data = open_data(GREY)
    assert Batches.on(CPU, data, ExampleOrder(len(data), 0)).resident is None
