"""The order of examples: passes over all of them, shared by processes."""

import numpy as np
import pytest

from genlearn.engine.batches.example_order import ExampleOrder


@pytest.mark.parametrize(("count", "size"), [(50, 8), (7, 7), (5, 12)])
def test_every_example_is_seen_once_in_each_pass(count, size):
    order = ExampleOrder(count, seed=0)
    seen = np.concatenate([order.indices(step * size, size) for step in range(3 * count)])
    passes = seen[: len(seen) // count * count].reshape(-1, count)
    assert (np.sort(passes, axis=1) == np.arange(count)).all()
    assert count < 6 or (passes[0] != passes[1]).any()


def test_the_order_is_a_function_of_the_step():
    order = ExampleOrder(50, seed=0)
    steps = [order.indices(8 * step, 8) for step in range(10)]
    assert np.array_equal(ExampleOrder(50, seed=0).indices(72, 8), steps[9])


def test_steps_of_another_size_go_on_where_those_before_ended():
    order = ExampleOrder(50, seed=0)
    small = np.concatenate([order.indices(5 * step, 5) for step in range(4)])
    assert np.array_equal(small, order.indices(0, 20))


@pytest.mark.parametrize("processes", [2, 3, 4])
def test_processes_share_the_step_that_one_would_take(processes):
    alone = ExampleOrder(50, seed=3)
    shares = [ExampleOrder(50, 3, rank, processes) for rank in range(processes)]
    for step in range(9):
        together = np.concatenate([share.indices(12 * step, 12) for share in shares])
        assert np.array_equal(together, alone.indices(12 * step, 12))
