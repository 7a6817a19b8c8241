"""Training times follow their laws."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.seeding import seeded
from genlearn.prob.diffusion.time_sampling import log_normal, logit_normal, stratified_uniform


@given(n=st.integers(1, 200), seed=st.integers(0, 2**31))
def test_one_time_falls_into_each_stratum(n, seed):
    with seeded(seed):
        u = stratified_uniform(n)
    assert u.shape == (n,)
    assert ((u >= 0) & (u < 1)).all()
    gaps = u.double().sort().values.diff()
    torch.testing.assert_close(gaps, torch.full_like(gaps, 1 / n), rtol=0, atol=1e-6)


def test_each_place_of_the_batch_is_uniform():
    with seeded(0):
        u = torch.stack([stratified_uniform(8) for _ in range(4000)])
    torch.testing.assert_close(u.mean(0), torch.full((8,), 0.5), rtol=0, atol=0.02)
    torch.testing.assert_close(u.var(0), torch.full((8,), 1 / 12), rtol=0, atol=0.005)


@pytest.mark.parametrize(("law", "back"), [(logit_normal, torch.logit), (log_normal, torch.log)])
def test_laws_are_normal_behind_their_function(law, back):
    z = back(law((torch.arange(100_000, dtype=torch.float64) + 0.5) / 100_000, -1.2, 1.5))
    assert z.mean().item() == pytest.approx(-1.2, abs=1e-6)
    assert z.std().item() == pytest.approx(1.5, rel=1e-3)
    assert (z.diff() > 0).all()


@pytest.mark.parametrize("law", [logit_normal, log_normal])
def test_the_ends_are_finite_and_inside(law):
    values = law(torch.tensor([0.0, 1.0]), 0.0, 1.0)
    assert values.isfinite().all()
    assert (values > 0).all()
    assert law is log_normal or (values < 1).all()
