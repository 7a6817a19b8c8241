"""Named streams: any rows of an endless table, whatever else is drawn."""

import threading
import time

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from genlearn.core.seeding import normal, seed_for, seeded, uniform


@settings(max_examples=40, deadline=None)
@given(
    start=st.integers(0, 10_000),
    count=st.integers(1, 20),
    width=st.integers(1, 9),
    seed=st.integers(0, 2**40),
)
def test_rows_do_not_depend_on_how_many_are_drawn(start, count, width, seed):
    rows = normal(seed, start, count, (width,))
    assert torch.equal(rows[-1:], normal(seed, start + count - 1, 1, (width,)))


def test_draws_are_what_they_are_called():
    assert stats.kstest(normal(3, 0, 20_000, (1,)).numpy().ravel(), "norm").pvalue > 0.01
    assert stats.kstest(uniform(3, 0, 20_000, (1,)).numpy().ravel(), "uniform").pvalue > 0.01
    columns = normal(3, 0, 20_000, (3,)).numpy()
    assert abs(np.corrcoef(columns, rowvar=False) - np.eye(3)).max() < 0.03


def test_names_give_different_streams():
    assert (
        len({seed_for(0), seed_for(1), seed_for(0, "a"), seed_for(0, "b"), seed_for(0, "a", 1)})
        == 5
    )
    assert 0 <= seed_for(0, "a") < 2**63


def test_a_scope_is_repeatable_and_leaves_no_trace():
    before = torch.get_rng_state()
    with seeded(7):
        first = torch.randn(3)
    with seeded(7):
        assert torch.equal(first, torch.randn(3))
    assert torch.equal(before, torch.get_rng_state())


def test_threads_draw_what_each_would_draw_alone():
    def draw(seed):
        with seeded(seed):
            parts = []
            for _ in range(20):
                parts.append(torch.randn(1))
                time.sleep(0)
            drawn[seed] = torch.cat(parts)

    drawn: dict[int, torch.Tensor] = {}
    for seed in range(4):
        draw(seed)
    alone, drawn = drawn, {}
    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(alone[seed], drawn[seed]) for seed in range(4))
