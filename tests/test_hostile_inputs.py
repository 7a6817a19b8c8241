"""Files changed at random are read or refused in one line; a few of each kind here, thousands in
``benchmarks/fuzz.py``."""

import pytest
from fuzzing.campaign import Campaign

_EACH = 6


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    return Campaign(tmp_path_factory.mktemp("hostile"), [])


@pytest.mark.xdist_group("hostile")
def test_what_was_changed_at_random_is_read_or_refused_in_one_line(campaign):
    failures = [
        (kind, number, outcome.detail)
        for kind in campaign.kinds
        for number in range(_EACH)
        if (outcome := campaign.attempt(kind, number)).failed
    ]
    assert not failures, failures[0]


@pytest.mark.xdist_group("hostile")
def test_what_was_not_changed_is_read(campaign):
    for kind in campaign.kinds:
        outcome = campaign.unchanged(kind)
        assert outcome.what == "read", (kind, outcome.detail)
