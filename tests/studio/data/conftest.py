"""A studio that stands empty at first, whose owner sends data."""

import pytest
from starlette.testclient import TestClient
from studio_owner import HERE, let_in
from uploading import LIMIT

from genlearn.studio.app import create_app
from genlearn.studio.settings import Settings


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The owner of one that all tests of a module share."""
    app = create_app(Settings(tmp_path_factory.mktemp("data"), upload_bytes=LIMIT))
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield let_in(client)


@pytest.fixture
def studio(client):
    client.app.state.studio.library.forget()
    return client.app.state.studio
