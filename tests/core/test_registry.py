"""Names of what other packages add."""

from types import SimpleNamespace

import pytest

from genlearn.core.errors import UserError
from genlearn.core.registry import MODELS, Registry, find
from genlearn.models.density.kde import KDE
from genlearn.prob.diffusion.samplers import SAMPLERS, Heun


@pytest.mark.parametrize(
    ("registry", "thing", "own"), [(MODELS, KDE, "kde"), (SAMPLERS, Heun, "heun")]
)
def test_an_entry_point_is_called_as_the_thing_calls_itself(monkeypatch, registry, thing, own):
    # a run is found again by the name of its class, a sampler shown by its own
    point = SimpleNamespace(name="mine", load=lambda: thing, dist=SimpleNamespace(name="theirs"))
    monkeypatch.setattr(
        Registry, "_foreign", lambda self: {"mine": point} if self is registry else {}
    )
    assert "mine" in registry.available()
    for look in (registry.find, find) if registry is MODELS else (registry.find,):
        with pytest.raises(UserError, match=f"'mine' of the installed package theirs .*'{own}'"):
            look("mine")
