"""Law 4: several processes that share each step give what one gives, and never drift apart."""

from pathlib import Path

import pytest
import torch
from helpers import by_family
from several_processes import (
    RESUMED,
    SHARDED,
    STEPS,
    shardable,
    together,
    trainable,
    trained_by,
)

# measured by codes that were learned: a mixture, whose axes turn freely where it is as wide along
# each, and how far the denoiser is off
FOLLOWS = ("diffusion.anchor", "diffusion.residuals")


@pytest.fixture(scope="session")
def by_two(tmp_path_factory, request):
    """The weights at both processes, by the model's name."""
    folder = tmp_path_factory.mktemp("two")
    laws = [item for item in request.session.items if item.path == Path(__file__)]
    cases = {item.callspec.params.get("trained") for item in laws}
    together(folder, sorted(cases - {None}))
    return lambda name, what="": left_in(folder, f"{name}{what}")


def left_in(folder, name, processes=2):
    found = [torch.load(folder / f"{name}-{rank}.pt") for rank in range(processes)]
    assert not any(isinstance(one, str) for one in found), "\n".join(map(str, found))
    return found


def assert_as_alone(name, together, steps=STEPS, processes=2, atol=1e-6):
    """The weights are those that one process learns."""
    alone = trained_by(1, name, steps, 8 * processes).networks_.state_dict()
    assert alone.keys() == together.keys()
    for key, value in alone.items():
        # a description is of uint8, and tells the number of devices
        if value.dtype != torch.uint8 and not key.startswith(FOLLOWS):
            torch.testing.assert_close(
                together[key],
                value,
                rtol=1e-6,
                atol=atol,
                msg=lambda told, key=key: f"{key}: {told}",
            )


@pytest.mark.parametrize("trained", by_family(trainable(), also=RESUMED))
def test_two_processes_hold_equal_numbers(trained, by_two):
    first, second = by_two(trained)
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


@pytest.mark.parametrize("trained", by_family(trainable(), also=RESUMED))
def test_two_processes_give_what_one_gives(trained, by_two):
    assert_as_alone(trained, by_two(trained)[0])


@pytest.mark.parametrize("trained", RESUMED)
def test_two_processes_go_on_as_if_they_had_not_been_stopped(trained, by_two):
    for whole, resumed in by_two(trained, "-resumed"):
        for key, value in whole.items():
            assert torch.equal(value, resumed[key]), key


@pytest.mark.parametrize("trained", SHARDED)
def test_weights_that_are_shared_out_are_those_of_one_process(trained, by_two):
    for found in by_two(trained, "-sharded"):
        assert_as_alone(trained, found)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 4])
def test_any_number_of_processes_gives_what_one_gives_after_20_steps(processes, tmp_path):
    together(tmp_path, trainable(), processes, 20, shardable())
    cases = [*trainable(), *(f"{name}-sharded" for name in shardable())]
    for case in cases:
        found, name = left_in(tmp_path, case, processes)[0], case.removesuffix("-sharded")
        # rounding alone comes to 1.5e-6, in two models of eighteen
        assert_as_alone(name, found, 20, processes, atol=2e-6)
