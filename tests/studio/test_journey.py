"""The whole way through the studio in a browser, with trainings of a few steps; `benchmarks/
studio_journey.py` gives them time."""

import pytest
from studio_journey import QUICK, Journey, travel

import genlearn as gl


@pytest.mark.slow
def test_from_an_empty_folder_to_a_judged_model(browser, tmp_path):
    (tmp_path / "work").mkdir()
    with gl.studio(tmp_path / "work", browser=False) as studio:
        journey = Journey(browser, studio.url, QUICK)
        travel(journey, tmp_path)
    assert not journey.wrong, "\n".join(journey.wrong)
