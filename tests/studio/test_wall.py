"""Nothing is answered before it is known who asks."""

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from genlearn.studio.app import create_app
from genlearn.studio.security.limits import Attempts
from genlearn.studio.settings import PORT, Settings

HERE = f"http://127.0.0.1:{PORT}"
OPEN = ("/login", "/static", "/room")


def paths(app):
    """Every route of the studio, its parameters filled in."""
    for route in app.routes:
        assert isinstance(route, (Route, Mount)), f"{route} is neither a route nor files"
        for method in getattr(route, "methods", None) or {"GET"}:
            path = route.path
            for name, convertor in getattr(route, "param_convertors", {}).items():
                kind = {"IntegerConvertor": "int", "PathConvertor": "path"}
                suffix = kind.get(type(convertor).__name__)
                path = path.replace(f"{{{name}:{suffix}}}" if suffix else f"{{{name}}}", "1")
            yield method, path


def test_owner_sees_runs(owner):
    answer = owner.get("/")
    assert answer.status_code == 200
    assert "runs/vae" in answer.text


def test_every_route_is_closed(app, stranger):
    asked = [(m, p) for m, p in paths(app) if m != "HEAD" and not p.startswith(OPEN)]
    assert len(asked) > 10
    for method, path in asked:
        answer = stranger.request(method, path, headers={"origin": HERE})
        assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
        page = stranger.get(path, headers={"accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("path", ["/queue//../", "//", "/static/../", "/%2e%2e/etc/passwd", "/x"])
def test_odd_paths_are_closed(stranger, path):
    assert stranger.get(path).status_code in (401, 404)


def test_no_change_without_the_pages_token(app, owner):
    for method, path in paths(app):
        if method == "POST" and not path.startswith(OPEN):
            assert owner.post(path, headers={"x-csrf-token": "0" * 64}).status_code == 403, path


@pytest.mark.parametrize("origin", ["null", "http://evil.example", f"http://127.0.0.1:{PORT + 1}"])
def test_changes_come_from_here_alone(owner, origin):
    assert owner.post("/queue/x/pause", headers={"origin": origin}).status_code == 403
    del owner.headers["origin"]
    assert owner.post("/queue/x/pause").status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost.evil.example:8127", ""])
def test_other_names_are_refused(owner, host):
    answer = owner.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert host not in answer.text or not host


def test_sockets_are_closed(owner):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        owner.websocket_connect("/queue/events"),
    ):
        pass
    assert refused.value.code == 1008


def test_answers_load_and_frame_nothing(owner, stranger):
    for path in ("/", "/login", "/static/studio.js", "/runs/none"):
        headers = owner.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_pages_hold_no_script_of_their_own(owner):
    for path in ("/", "/train", "/train/vae", "/login"):
        text = owner.get(path).text
        assert " style=" not in text
        assert " onclick" not in text
        assert "<script>" not in text


def test_cookie_dies_with_the_process(folder, owner):
    other = create_app(Settings(folder))
    with TestClient(other, base_url=HERE, cookies=dict(owner.cookies)) as later:
        assert later.get("/").status_code == 401


def test_wrong_tokens_are_few(stranger):
    codes = [stranger.get("/login", params={"token": str(i)}).status_code for i in range(12)]
    assert codes == [403] * 10 + [429] * 2


def test_attempts_are_forgotten():
    clock = [0.0]
    attempts = Attempts(2, 60.0, lambda: clock[0])
    assert [attempts.allowed("a") for _ in range(3)] == [True, True, False]
    assert attempts.allowed("b")
    clock[0] = 61
    assert attempts.allowed("a")


def test_long_bodies_are_refused(owner):
    assert owner.post("/train/vae", content=b"x" * (2 << 20)).status_code == 413

    def endless():
        for _ in range(64):
            yield b"x" * (64 << 10)

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert owner.post("/train/vae", content=endless(), headers=kind).status_code == 413


def test_links_out_are_not_followed(folder, owner, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "runs" / "vae").rename(elsewhere / "vae")
    (folder / "runs" / "linked").symlink_to(elsewhere / "vae")
    owner.app.state.studio.library.forget()
    assert "linked" not in owner.get("/").text
