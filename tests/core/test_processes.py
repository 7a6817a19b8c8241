"""What processes draw for a batch that they share: the rows of what one draws for all of it."""

import pytest
import torch
from forked import preloaded
from hypothesis import given
from hypothesis import strategies as st
from several_processes import filled
from torch import nn

from genlearn.core.processes import (
    filled_by_first,
    from_all,
    mean_over_batch,
    noise_like,
    normal_rows,
    processes_of_batch,
    rows_of_batch,
    shared_batch,
    shifted,
    uniform_rows,
)
from genlearn.core.seeding import seeded
from genlearn.prob.ada import augment
from genlearn.prob.diffusion.time_sampling import stratified_uniform

DRAWS = {
    "normal": lambda n: normal_rows(n, 3),
    "uniform": lambda n: uniform_rows(n, 2, 2),
    "like": lambda n: noise_like(torch.zeros(n, 5)),
    "like, channels last": lambda n: noise_like(
        torch.zeros(n, 3, 4, 4).to(memory_format=torch.channels_last)
    ),
    "stratified": stratified_uniform,
    "augmented": lambda n: augment(torch.ones(n, 1, 8, 8), 0.5),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
@given(share=st.integers(1, 9), processes=st.integers(1, 5), seed=st.integers(0, 9))
def test_shares_are_the_rows_of_the_whole(draw, share, processes, seed):
    def drawn(n, rank=0, of=1):
        with seeded(seed), shared_batch(rank, of):
            return draw(n), torch.rand(())

    whole, after = drawn(share * processes)
    shares = [drawn(share, rank, processes) for rank in range(processes)]
    torch.testing.assert_close(torch.cat([rows for rows, _ in shares]), whole, rtol=1e-6, atol=0)
    assert all(torch.equal(later, after) for _, later in shares)  # the next draw is equal too


def test_a_process_is_alone_outside_a_shared_batch():
    x = torch.arange(6.0).reshape(3, 2)
    with shared_batch(1, 2):
        assert processes_of_batch() == 2
    assert processes_of_batch() == 1
    assert from_all(x) is x
    assert torch.equal(mean_over_batch(x), x.mean(0))
    assert torch.equal(rows_of_batch(lambda n: x[:n], 2), x[:2])
    assert torch.equal(shifted(x), x[[1, 2, 0]])


def test_the_first_works_out_what_all_begin_with_and_rows_pass_from_one_to_the_next(tmp_path):
    both = [preloaded().Process(target=filled, args=(rank, str(tmp_path))) for rank in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    for rank, expected in enumerate([(1, [1, 2, 3]), (0, [4, 5, 0])]):
        weight, *found = torch.load(tmp_path / f"{rank}.pt")
        assert torch.equal(weight, torch.ones(2, 2))
        assert tuple(found) == expected


def test_one_process_fills_its_own():
    with seeded(0):
        axes = nn.Linear(1, 1)
    filled_by_first(axes, lambda: nn.init.zeros_(axes.weight))
    assert not axes.weight.any()
