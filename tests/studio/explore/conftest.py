"""What is asked below the explore page of a run."""

import time

import pytest
from studio_exploring import run_of


@pytest.fixture
def at(owner):
    """Asks below the explore page of a run; says what was answered."""

    def get(name, path="", status=200, **fields):
        answer = owner.get(f"/runs/{run_of(owner, name).id}/explore{path}", params=fields)
        assert answer.status_code == status, answer.text
        return answer

    return get


@pytest.fixture
def mapped(owner):
    """Makes the map of a run."""

    def make(name, view="map"):
        run, maps = run_of(owner, name), owner.app.state.studio.maps
        answer = owner.post(f"/runs/{run.id}/explore/prepare", params={"view": view})
        assert answer.status_code == 204
        while not (making := maps.making(run, view)).ended:
            time.sleep(0.01)
        return making

    return make


@pytest.fixture
def bring(owner):
    """Brings a file to a run."""

    def post(name, content, status=200, **fields):
        place = f"/runs/{run_of(owner, name).id}/explore/picture"
        answer = owner.post(place, files={"picture": ("x.png", content)}, data=fields)
        assert answer.status_code == status, answer.text
        return answer

    return post
