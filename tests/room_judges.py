"""Judges of the Turing test, who come in by the link of a room and answer through its routes."""

import json
import re
import time

from starlette.testclient import TestClient

from genlearn.studio.settings import PORT

HERE = f"http://127.0.0.1:{PORT}"
FORM = {"kind": "one", "n": "8", "tells": "end", "seed": "0", "practice": "yes", "control": "yes"}


class Judge:
    """One who judges in a room, through its routes."""

    def __init__(self, app, code):
        self.app, self.url = app, f"/room/{code}"
        self.client = TestClient(app, base_url=HERE, follow_redirects=False)
        page = self.client.get(self.url)
        self.page = page.text
        assert page.status_code == 200
        self.client.headers |= {"origin": HERE, "x-csrf-token": token_of(page.text)}

    def post(self, what, **fields):
        return self.client.post(f"{self.url}/{what}", content=json.dumps(fields))

    def get(self, what):
        return self.client.get(f"{self.url}/{what}")

    def begin(self, name=""):
        answer = self.post("begin", name=name)
        assert answer.status_code == 200
        self.id = answer.json()["code"]
        return self

    def answer(self, place, value, ms=900):
        return self.post("answer", place=place, answer=value, ms=ms)


def token_of(page):
    return re.search(r'name="csrf" content="([0-9a-f]+)"', page)[1]


def room_of(app, code):
    return app.state.studio.rooms.room(code)


def made(owner, app, runs=("vae",), **fields):
    """Make a room by the form; its code."""
    ids = [one.id for one in app.state.studio.library.runs().values() if one.model in runs]
    answer = owner.post("/rooms", data={**FORM, **fields, "run": ids})
    assert answer.status_code == 204, answer.text
    code = answer.headers["hx-redirect"].removeprefix("/rooms/")
    making = app.state.studio.rooms.making[code]
    while not making.ready and not making.problem:
        time.sleep(0.01)
    return code


def right_of(room, judge, place):
    """The right answer to what a judge is shown; 0 of a control."""
    return room.about.truths[room.judges[judge.id].order[place]][1] or 0


def all_answered(app, code, judge, answer=lambda right, place: right):
    room = room_of(app, code)
    for place in range(len(room.about.truths)):
        assert judge.answer(place, answer(right_of(room, judge, place), place)).status_code == 200
