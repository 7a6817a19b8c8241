"""Maps of a flow are inverted by their inverses, and know their determinant."""

import pytest
import torch

from genlearn.core.seeding import seeded
from genlearn.nets.flows.coupling import Autoregressive, Coupling
from genlearn.nets.flows.flow import Composition
from genlearn.nets.flows.linear import LULinear, Whitening
from genlearn.nets.flows.tails import DrawnIn
from genlearn.prob.splines import RationalQuadraticSpline

SPLINE = RationalQuadraticSpline(6, 3.0)


def covariance(dim):
    root = torch.randn(dim, dim, dtype=torch.float64)
    return root @ root.T + 0.1 * torch.eye(dim)


def whitening(dim):
    part = Whitening(dim).double()
    part.fill(torch.randn(dim, dtype=torch.float64), covariance(dim))
    return part


KINDS = {
    "coupling": lambda dim: Coupling(dim, SPLINE, 16, 1),
    "autoregressive": lambda dim: Autoregressive(dim, SPLINE, 16, 1),
    "lu": lambda dim: LULinear(torch.randperm(dim)),
    "whitening": whitening,
    "drawn in": lambda dim: DrawnIn(1.5),
    "composition": lambda dim: Composition(
        [
            LULinear(torch.randperm(dim)),
            Coupling(dim, SPLINE, 8, 2),
            Autoregressive(dim, SPLINE, 8, 0),
        ]
    ),
}


def wild(kind, dim):
    """A map whose weights are anything but those of the start."""
    part = KINDS[kind](dim).double()
    for p in part.parameters():
        p.data.add_(0.5 * torch.randn_like(p))
    return part


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("dim", [2, 5])
def test_the_inverse_undoes_it_and_the_determinant_is_autograds(kind, dim):
    with seeded(0), torch.no_grad():
        part, x = wild(kind, dim), 2 * torch.randn(20, dim, dtype=torch.float64)
        z, log_det, _ = part(x)
        torch.testing.assert_close(part.inverse(z), x, atol=1e-6, rtol=0)
        torch.testing.assert_close(part(part.inverse(x))[0], x, atol=1e-6, rtol=0)
    jacobian = torch.autograd.functional.jacobian(lambda x: part(x)[0].sum(0), x).movedim(1, 0)
    torch.testing.assert_close(
        torch.linalg.slogdet(jacobian)[1], log_det.expand(20), atol=1e-6, rtol=1e-6
    )


@pytest.mark.parametrize("dim", [1, 2, 7])
def test_autoregressive_means_that_a_number_depends_on_those_before_it_alone(dim):
    with seeded(0):
        part, x = wild("autoregressive", dim), torch.randn(1, dim, dtype=torch.float64)
        jacobian = torch.autograd.functional.jacobian(lambda x: part(x)[0][0], x)[:, 0]
        numbers = part.net(x).detach()
        moved = part.net(x + torch.eye(dim)).detach()
    torch.testing.assert_close(jacobian, jacobian.tril())
    blocks = (moved - numbers).movedim(-1, 0).abs().amax(1)  # moved number, answer
    assert blocks.tril().max() < 1e-9
    assert (blocks[torch.triu_indices(dim, dim, 1).unbind()] > 1e-3).all()


@pytest.mark.parametrize("kind", ["coupling", "autoregressive", "composition"])
def test_a_new_one_changes_nothing_but_the_order(kind):
    with seeded(0):
        part, x = KINDS[kind](4), torch.randn(9, 4)
        z, log_det, _ = part(x)
    torch.testing.assert_close(z.sort(1).values, x.sort(1).values)
    assert log_det.abs().max() < 1e-5


def test_whitening_gives_unit_covariance():
    with seeded(0):
        mean, s = torch.randn(5, dtype=torch.float64), covariance(5)
        part = Whitening(5).double()
        part.fill(mean, s)
    torch.testing.assert_close(part.matrix.T @ s @ part.matrix, torch.eye(5, dtype=torch.float64))
    torch.testing.assert_close(part(mean[None])[0], torch.zeros(1, 5, dtype=torch.float64))


def test_under_autocast_only_the_networks_lose_digits():
    with seeded(0), torch.no_grad():
        part = KINDS["composition"](6)
        x = torch.randn(8, 6)
        with torch.autocast("cpu", torch.bfloat16):
            z, log_det, _ = part(x)
    assert z.dtype == log_det.dtype == torch.float32
    torch.testing.assert_close(z.sort(1).values, x.sort(1).values)
