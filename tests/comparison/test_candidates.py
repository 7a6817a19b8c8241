"""Who takes part where nobody was named."""

import pytest
from helpers import blobs

from genlearn.comparison.candidates import candidates_for, is_baseline
from genlearn.data import open_data

SMALL, LARGE = (open_data(blobs(20, side, side, 3)).spec for side in (8, 32))


@pytest.mark.parametrize(
    ("spec", "seconds", "deep"),
    [
        (SMALL, 30, ["flow", "r3gan", "vae"]),
        (LARGE, 30, ["flow"]),
        (LARGE, 320, ["flow", "vae"]),
        (LARGE, 500, ["flow", "r3gan", "vae"]),
        (LARGE, 1500, ["edm", "flow", "latent", "r3gan", "vae"]),
    ],
)
def test_the_time_is_shared_by_as_many_as_it_can_train(spec, seconds, deep):
    candidates, left_out = candidates_for([], spec, seconds)
    assert sorted(one.name for one in candidates if not is_baseline(one)) == deep
    assert {"gmm", "kde", "ppca"} < {one.name for one in candidates}
    waiting = left_out[-1].partition(" take no part: ")[0].split(", ")
    assert not set(deep) & set(waiting)
    assert "vae" in waiting or "vae" in deep
