"""Law 4: two processes that share each step give what one gives, and never drift apart."""

from pathlib import Path

import pytest
import torch
from helpers import by_family
from two_processes import RESUMED, WITHOUT_NOISE, InTurn, both, trainable, trained_by

import genlearn.engine.fit


@pytest.fixture(scope="session")
def by_two(tmp_path_factory, request):
    """The weights at both processes, by the model's name."""
    folder = tmp_path_factory.mktemp("two")
    laws = [item for item in request.session.items if item.path == Path(__file__)]
    both(folder, sorted({item.callspec.params["trained"] for item in laws}))

    def get(name, what=""):
        found = [torch.load(folder / f"{name}{what}-{rank}.pt") for rank in (0, 1)]
        assert not any(isinstance(one, str) for one in found), "\n".join(map(str, found))
        return found

    return get


@pytest.mark.parametrize("trained", by_family(trainable(), also=RESUMED))
def test_two_processes_hold_equal_numbers(trained, by_two):
    first, second = by_two(trained)
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


@pytest.mark.parametrize("trained", by_family(trainable(), also=RESUMED))
def test_two_processes_give_what_one_gives_that_takes_their_turns(trained, by_two, monkeypatch):
    """One that is given the whole batch gives it too, where the batch is only the sum of its
    examples."""
    if trained not in WITHOUT_NOISE:
        monkeypatch.setattr(genlearn.engine.fit, "Trainer", InTurn)
    alone, together = trained_by(1, trained).networks_.state_dict(), by_two(trained)[0]
    assert alone.keys() == together.keys()
    for key, value in alone.items():
        if value.dtype != torch.uint8:  # a description, which tells the number of devices
            torch.testing.assert_close(
                together[key], value, rtol=0, atol=1e-6, msg=lambda told, key=key: f"{key}: {told}"
            )


@pytest.mark.parametrize("trained", RESUMED)
def test_two_processes_go_on_as_if_they_had_not_been_stopped(trained, by_two):
    for whole, resumed in by_two(trained, "-resumed"):
        for key, value in whole.items():
            assert torch.equal(value, resumed[key]), key
