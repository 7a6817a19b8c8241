"""Judges of the Turing test: where they come in, what counts, and that nothing but the pixels gives
the answer away."""

import json
import re

import numpy as np
import pytest
from room_judges import HERE, Judge, all_answered, made, right_of, room_of, token_of
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.preprocessing import OneHotEncoder
from starlette.routing import Route
from starlette.testclient import TestClient

from genlearn.studio.app import create_app
from genlearn.studio.rooms.judge import clean_name, order_of
from genlearn.studio.settings import Settings


def test_a_judge_comes_into_that_room_and_nowhere_else(owner, app):
    code, other = made(owner, app), made(owner, app)
    judge = Judge(app, code).begin()
    assert 'href="/rooms' not in judge.page
    for route in app.routes:
        if isinstance(route, Route) and not route.path.startswith(("/room/", "/static/", "/login")):
            path = re.sub(r"{[^}]*}", code, route.path)
            for method in route.methods & {"GET", "POST"}:
                status = judge.client.request(method, path).status_code
                assert status in (401, 403, 404), (method, path, status)
    for what in ("state", "shown/0", "result"):
        assert judge.client.get(f"/room/{other}/{what}").status_code == 403
    for what in ("begin", "answer", "resume", "leave"):
        assert judge.client.post(f"/room/{other}/{what}", content="{}").status_code == 403
    assert not room_of(app, other).judges
    assert judge.client.get("/room/" + "2" * 16).status_code == 404
    assert judge.client.get("/room/..%2f..").status_code == 404


def test_who_has_no_session_or_no_token_changes_nothing(owner, app):
    code = made(owner, app)
    judge, stranger = Judge(app, code), TestClient(app, base_url=HERE)
    assert stranger.get(f"/room/{code}/state").status_code == 403
    assert stranger.get(f"/room/{code}/shown/0").status_code == 403
    assert stranger.post(f"/room/{code}/begin", headers={"origin": HERE}).status_code == 403
    for headers in ({"x-csrf-token": "0"}, {"origin": "http://elsewhere"}, {"origin": "null"}):
        answer = judge.client.post(f"/room/{code}/begin", content='{"name": ""}', headers=headers)
        assert answer.status_code == 403
    owners = {key: owner.headers[key] for key in ("x-csrf-token",)}
    assert judge.client.post(f"/room/{code}/begin", headers=owners).status_code == 403
    assert not room_of(app, code).judges


def test_the_first_answer_counts_in_all_tabs(owner, app):
    code = made(owner, app)
    judge, room = Judge(app, code).begin("Ann"), room_of(app, code)
    first, second = right_of(room, judge, 0), 1 - right_of(room, judge, 0)
    assert judge.answer(0, first).json()["answered"] == 1
    again = judge.answer(0, second).json()  # the other tab
    assert (again["answered"], again["given"], again["right"]) == (1, first, first)
    assert judge.answer(2, 0).status_code == 409
    assert judge.answer(99, 0).status_code == 404
    assert judge.get("state").json() == {
        "begun": True,
        "open": True,
        "answered": 1,
        "code": judge.id,
    }
    lines = [json.loads(line) for line in (room.folder / "answers.jsonl").read_text().split()]
    assert [line["what"] for line in lines] == ["judge", "answer"]
    assert lines[1]["answer"] == first


def test_a_closed_room_takes_no_answers(owner, app):
    code = made(owner, app)
    judge = Judge(app, code).begin()
    judge.answer(0, 1)
    assert owner.post(f"/rooms/{code}/close").status_code == 204
    assert judge.answer(1, 1).status_code == 409
    assert judge.answer(0, 1).status_code == 200  # it is there already
    assert Judge(app, code).post("begin", name="").status_code == 409
    assert "no answers that count" in judge.get("result").text
    assert owner.post(f"/rooms/{code}/reopen").status_code == 204
    assert judge.answer(1, 1).status_code == 200
    assert judge.get("result").status_code == 409  # not through
    assert owner.post(f"/rooms/{code}/remove").status_code == 400
    owner.post(f"/rooms/{code}/close")
    assert owner.post(f"/rooms/{code}/remove").status_code == 204
    assert judge.get("state").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"place": 0, "answer": 2, "ms": 1}',
        b'{"place": 0, "answer": true, "ms": 1}',
        b'{"place": "0", "answer": 1, "ms": 1}',
        b'{"place": 0, "answer": 1, "ms": -1}',
        b'{"place": 0, "answer": 1, "ms": 1e300}',
        b'{"place": 0, "answer": 1, "ms": NaN}',
        b'{"place": -1, "answer": 1, "ms": 1}',
        b'{"place": ' + b"9" * 400 + b', "answer": 1, "ms": 1}',
        b"[" * 10_000,
    ],
)
def test_odd_bodies_are_refused(owner, app, body):
    code = made(owner, app)
    judge = Judge(app, code).begin()
    assert judge.client.post(f"/room/{code}/answer", content=body).status_code in (400, 404)
    assert not room_of(app, code).judges[judge.id].given


def test_names_are_short_and_steer_nothing(owner, app):
    code = made(owner, app)
    judge = Judge(app, code)
    assert judge.post("begin", name="x" * 61).status_code == 400
    assert judge.post("begin", name=7).status_code == 400
    assert judge.get("shown/0").status_code == 409  # begin first
    judge.begin("=cmd('x')\n<script>\u202e")
    all_answered(app, code, judge)
    assert clean_name(" a\tb\x1b[0m ") == "a b[0m"
    page = owner.get(f"/rooms/{code}/judges").text
    assert "=cmd(&#39;x&#39;) &lt;script&gt;</th>" in page
    table = owner.get(f"/rooms/{code}/answers.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="answers.csv"'
    assert table.text.splitlines()[1].startswith("'=cmd(")
    assert len(table.text.splitlines()) == 9
    assert judge.id not in table.text + page
    for place in ("-1", "14", "9" * 5000, "x", "1.0"):
        assert judge.get(f"shown/{place}").status_code == 404


def test_after_a_restart_a_judge_goes_on(owner, app, folder):
    code = made(owner, app)
    judge = Judge(app, code).begin("Ann")
    for place in range(6):
        judge.answer(place, 1)
    order = room_of(app, code).judges[judge.id].order
    with (folder / ".studio/rooms" / code / "answers.jsonl").open("ab") as file:
        file.write(b'{"what":"answer","judge":"' + judge.id.encode())  # cut short by a kill
    again = create_app(Settings(folder))
    old = judge.client.cookies
    judge = Judge(again, code)
    judge.client.cookies, kept = old, judge.client.cookies
    assert judge.answer(6, 1).status_code == 403  # sessions have died with the process
    judge.client.cookies = kept
    assert judge.get("state").json()["begun"] is False
    assert judge.post("resume", code="nobody").status_code == 404
    id = next(iter(room_of(again, code).judges))
    assert judge.post("resume", code=id).status_code == 204
    judge.client.headers["x-csrf-token"] = token_of(judge.client.get(judge.url).text)
    assert judge.get("state").json()["answered"] == 6
    assert judge.answer(6, 0).json() == {"answered": 7}
    found = room_of(again, code).judges[id]
    assert (found.name, found.order) == ("Ann", order)
    third = room_of(create_app(Settings(folder)), code).judges[id]  # the torn line swallows none
    assert len(third.given) == 7
    assert judge.post("leave").status_code == 204
    judge.client.headers["x-csrf-token"] = token_of(judge.client.get(judge.url).text)
    assert judge.get("state").json()["begun"] is False


@pytest.mark.parametrize("kind", ["one", "pair"])
def test_nothing_but_the_pixels_tells_the_answer(owner, app, kind):
    code = made(owner, app, ("vae", "flow"), kind=kind)
    room, judge = room_of(app, code), Judge(app, code).begin()
    seen, replies = [], []
    for place in range(len(room.about.truths)):
        assert judge.get(f"shown/{place + 2}").status_code == 404  # not so far in advance
        picture = judge.get(f"shown/{place}")
        seen.append((sorted(picture.headers.items()), len(picture.content), picture.content[:48]))
        replies.append(judge.answer(place, place % 2))
    assert all(one == seen[0] for one in seen)
    assert {"cache-control": "no-store"}.items() <= dict(seen[0][0]).items()
    for place, reply in enumerate(replies[4:], 5):
        assert reply.json() == {"answered": place}
        assert sorted(reply.headers) == sorted(replies[4].headers)
    names = {path.name for path in room.folder.iterdir()}
    assert names == {"room.json", "pictures.bin", "quiz.html", "answers.jsonl"}
    assert (room.folder / "pictures.bin").stat().st_size == seen[0][1] * len(seen)


@pytest.mark.parametrize("kind", ["one", "pair"])
def test_a_classifier_on_order_and_side_stays_at_chance(owner, app, kind):
    about = room_of(app, made(owner, app, kind=kind, n="20")).about
    orders = [order_of(0, f"judge {i}", 4, len(about.truths))[4:] for i in range(50)]
    assert len({tuple(order) for order in orders}) == 50
    assert all(sorted(order) == list(range(4, len(about.truths))) for order in orders)
    truth = np.array([[about.truths[trial][1] or 0 for trial in order] for order in orders])
    before = np.roll(truth, 1, axis=1)[:, 1:]
    place = np.tile(np.arange(1, truth.shape[1]), (50, 1))
    features = np.stack([place, place % 2, before, (place + before) % 5], -1).reshape(-1, 4)
    score = cross_val_score(
        LogisticRegression(),
        OneHotEncoder().fit_transform(features),
        truth[:, 1:].ravel(),
        groups=np.repeat(np.arange(50), truth.shape[1] - 1),
        cv=GroupKFold(5),
    ).mean()
    base = max(truth.mean(), 1 - truth.mean())
    assert abs(score - base) < 0.06


def test_judges_learn_how_they_did_when_it_was_said(owner, app):
    for tells in ("end", "each", "never"):
        code = made(owner, app, tells=tells)
        judge = Judge(app, code).begin()
        assert judge.answer(0, 1).json()["right"] in (0, 1)  # of practice it is always told
        for place in range(1, 12):
            told = judge.answer(place, 0).json()
        assert ("right" in told) == (tells == "each")
        page = judge.get("result").text
        assert ("You were right 4 of 8" in page) == (tells != "never")
        assert ("Real, and you took it for fake" in page) == (tells != "never")


def test_who_comes_in_too_often_waits(owner, app):
    rooms = app.state.studio.rooms
    code = made(owner, app)
    rooms.entries.most = rooms.misses.most = 2
    client = TestClient(app, base_url=HERE)
    found = [TestClient(app, base_url=HERE).get(f"/room/{code}").status_code for _ in range(4)]
    assert found == [200, 200, 429, 429]
    found = [client.get(f"/room/{'3' * 16}").status_code for _ in range(4)]
    assert found == [404, 404, 429, 429]
    assert client.get(f"/room/{code}/state").status_code == 403  # a room that is there is no guess


def test_what_the_disk_refuses_does_not_count(owner, app, monkeypatch):
    code = made(owner, app)
    judge = Judge(app, code).begin()
    file = room_of(app, code).folder / "answers.jsonl"
    before = file.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("genlearn.studio.rooms.journal.os.fsync", full)
    answer = judge.answer(0, 1)
    assert answer.status_code == 507
    assert "No space left" in answer.text
    assert file.read_bytes() == before
    monkeypatch.undo()
    assert judge.answer(0, 0).json()["given"] == 0
