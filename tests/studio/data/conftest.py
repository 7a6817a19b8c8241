"""A studio that stands empty at first, whose owner sends data."""

import pytest
from starlette.testclient import TestClient
from uploading import LIMIT

from genlearn.studio.app import create_app
from genlearn.studio.security.sessions import Session
from genlearn.studio.settings import PORT, Settings

HERE = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The owner of one that all tests of a module share."""
    app = create_app(Settings(tmp_path_factory.mktemp("data"), upload_bytes=LIMIT))
    studio = app.state.studio
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        assert client.get("/login", params={"token": studio.sessions.token}).status_code == 303
        text = client.cookies[f"genlearn-owner-{PORT}"]
        csrf = studio.sessions.csrf(Session("owner", text.split(".")[1]))
        client.headers |= {"origin": HERE, "x-csrf-token": csrf, "accept": "text/html"}
        yield client


@pytest.fixture
def studio(client):
    client.app.state.studio.library.forget()
    return client.app.state.studio
