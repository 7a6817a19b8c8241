"""Comparisons here are of seconds."""

import pytest
from quick_judging import judge_quickly


@pytest.fixture(scope="module", autouse=True)
def _quick_judges():
    with pytest.MonkeyPatch.context() as patch:
        judge_quickly(patch.setattr)
        yield
