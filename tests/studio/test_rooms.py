"""Rooms in which a class takes the Turing test: how they are made, what they keep and say."""

import json
import re
import subprocess
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256

import numpy as np
import pytest
from room_judges import FORM, HERE, Judge, all_answered, made, room_of
from scipy.stats import norm

from genlearn.studio.app import create_app
from genlearn.studio.rooms.journal import Journal
from genlearn.studio.rooms.links import links, qr_svg
from genlearn.studio.rooms.results import findings
from genlearn.studio.settings import Settings, own_addresses


def test_a_room_is_made_and_shown(owner, app):
    code = made(owner, app, ("vae", "flow"), n="9", title="Moons")
    assert re.fullmatch("[0-9a-z]{16}", code)
    page = owner.get(f"/rooms/{code}")
    assert "Moons" in page.text
    assert "9 images" in page.text
    assert f"{HERE}/room/{code}" in page.text
    assert "--share" in page.text
    assert "are among those of photos that" in page.text  # there is no test part
    assert "learned from" in page.text
    assert owner.get(f"/rooms/{code}/qr/0").headers["content-type"] == "image/svg+xml"
    assert owner.get(f"/rooms/{code}/qr/1").status_code == 404
    assert "No answers" in owner.get(f"/rooms/{code}/result").text
    assert "Moons" in owner.get("/rooms").text
    assert "Moons" in owner.get(f"/rooms/{code}/screen").text
    sources = [source for source, _ in room_of(app, code).about.truths[4:]]
    assert sorted(sources) == [-1] * 5 + [0, 0, 1, 1]


def test_a_shared_room_is_reached_by_the_addresses_of_the_machine(tmp_path):
    known = links(Settings(tmp_path, port=80, share=True, hosts=("studio.local",)), "x")
    assert known[0] == "http://studio.local:80/room/x"
    assert len(known) == 1 + sum(not one.startswith("127.") for one in own_addresses())
    assert qr_svg(known[0]).startswith(b"<svg")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"run": []}, "no run was chosen"),
        ({"kind": "three"}, "choose one of: one, pair"),
        ({"tells": "<b>"}, "choose one of"),
        ({"n": "1e9"}, "from 4 to 400"),
        ({"n": "nan"}, "from 4 to 400"),
        ({"limit": "soon"}, "from 0.05 to 60"),
        ({"seed": "-1"}, "the seed"),
        ({"run": ["0" * 16]}, "There is nothing here"),
    ],
)
def test_what_is_no_room_is_told(owner, app, fields, said):
    ids = [next(iter(app.state.studio.library.runs()))]
    answer = owner.post("/rooms", data={**FORM, "run": ids, **fields})
    assert answer.status_code in (400, 404)
    assert said in answer.text


def test_a_room_that_cannot_be_made_says_why(owner, app):
    code = made(owner, app, n="400")
    assert "48 images to show; 400 trials take 202 real ones" in owner.get(f"/rooms/{code}").text
    assert owner.post(f"/rooms/{code}/remove").status_code == 204
    assert owner.get(f"/rooms/{code}").status_code == 404


@pytest.mark.parametrize(("right", "kind"), [(0.5, "one"), (0.8, "one"), (0.8, "pair")])
def test_simulated_judges_are_recovered(owner, app, right, kind):
    code = made(owner, app, kind=kind, n="20", practice="")
    rng = np.random.default_rng(7)
    for _ in range(5):
        judge = Judge(app, code).begin()
        wrong = rng.random(40) >= right
        all_answered(app, code, judge, lambda r, place, wrong=wrong: int(r ^ wrong[place]))
    summary = findings(room_of(app, code)).summary
    d_prime = norm.ppf(right) * (2 if kind == "one" else np.sqrt(2))
    assert summary.judges == 5
    assert summary.accuracy.n == 100
    assert summary.accuracy.low <= right <= summary.accuracy.high
    assert summary.detection.low <= d_prime <= summary.detection.high
    page = owner.get(f"/rooms/{code}/result").text
    assert f"{summary.accuracy.value:.0%}".replace("%", " %") in page
    assert ("controls, both real" in page) == (kind == "pair")
    assert "The judges can tell them apart" in page or right == 0.5


def test_results_of_the_file_count_too(owner, app):
    code = made(owner, app)
    page = owner.get(f"/rooms/{code}/quiz.html")
    assert page.headers["content-disposition"] == 'attachment; filename="quiz.html"'
    quiz = re.search(r'"id":\s*"([0-9a-f]+)"', page.text)[1]
    fields = {"quiz": quiz, "sitting": "s", "judge": "Eve", "answers": "1" * 8, "ms": [900] * 8}
    body = urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    sent = f"Hello, genlearn-quiz:{body}:{sha256(body.encode()).hexdigest()[:8]}."
    url = f"/rooms/{code}/results"
    assert "1 added" in owner.post(url, data={"results": sent}).text
    assert "0 added, 1 known already" in owner.post(url, data={"results": sent}).text
    refused = owner.post(url, data={"results": "nothing"})
    assert refused.status_code == 400
    assert "holds no result" in refused.text
    other = owner.post(f"/rooms/{made(owner, app, seed='5')}/results", data={"results": sent})
    assert "this room holds quiz" in other.text
    assert str(app.state.studio.library.folder) not in other.text
    again = create_app(Settings(app.state.studio.library.folder))
    for one in (app, again):
        found = findings(room_of(one, code))
        assert (found.summary.judges, found.summary.accuracy.count) == (1, 4)
        assert found.answers.judges == ("Eve",)


def test_a_journal_keeps_what_it_has_acknowledged(tmp_path):
    script = (
        "import sys, pathlib\nfrom genlearn.studio.rooms.journal import Journal\n"
        "journal = Journal(pathlib.Path(sys.argv[1]))\n"
        "for i in range(10**6):\n"
        "    lot = [journal.add(b'%d' % (7 * i + j)) for j in range(7)]\n"
        "    for one in lot: one.done.result()\n"
        "    print(7 * i + 6, flush=True)\n"
    )
    file = tmp_path / "lines"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        for _ in range(20):
            acknowledged = int(process.stdout.readline())
        process.kill()
        acknowledged = max([acknowledged, *map(int, process.stdout.read().split())])
    there = [int(line) for line in Journal(file).lines()]
    assert there[: acknowledged + 1] == list(range(acknowledged + 1))


def test_a_class_takes_the_test_in_browsers(browser, listening):
    base = listening.partition("/login")[0]
    told = []

    def opened(width, **more):
        context = browser.new_context(viewport={"width": width, "height": 844}, **more)
        tab = context.new_page()
        tab.on("console", lambda message: told.append(message.text))
        tab.on("pageerror", lambda error: told.append(str(error)))
        tab.on(
            "request",
            lambda one: told.extend([] if one.url.startswith((base, "blob:")) else [one.url]),
        )
        return tab

    teacher = opened(1280)
    teacher.goto(listening)
    teacher.goto(f"{base}/rooms")
    teacher.locator("[name=n]").fill("4")
    teacher.locator("[name=practice]").uncheck()
    teacher.locator("[name=tells]").select_option("each")
    teacher.locator("[name=kind][value=pair]").check()
    teacher.locator("[name=limit]").fill("0.05")
    teacher.get_by_role("button", name="Make the room").click()
    teacher.locator("#qr").wait_for()
    room = teacher.locator("#link").inner_text()
    phone = opened(390, has_touch=True, is_mobile=True)
    phone.goto(room)
    phone.locator("#name").fill("Zoë")
    phone.get_by_role("button", name="Start").tap()
    teacher.get_by_text("1 judge").wait_for()
    for place in range(4 + 2):  # pairs, controls
        phone.locator(".answer:enabled").first.wait_for()
        if place == 3:
            phone.reload()  # goes on, and shows no timed image twice
            phone.locator(".answer:enabled").first.wait_for()
            assert "from memory" in phone.locator("#what").inner_text()
        if place % 2:
            phone.keyboard.press("ArrowLeft")
        else:
            phone.locator(".answer:enabled").last.tap()
        phone.locator("#next").tap()
        assert phone.evaluate("() => document.documentElement.scrollWidth") <= 390
    phone.get_by_text("You were right").wait_for()
    teacher.get_by_text("6 answers").wait_for()
    teacher.locator("#result").get_by_text("1 judge, 4 pairs each").wait_for()
    teacher.get_by_text("By judge").click()
    teacher.get_by_role("rowheader", name="Zoë").wait_for()
    teacher.get_by_role("button", name="Close the room").click()
    teacher.locator("#result h2", has_text="The result").wait_for()
    phone.get_by_role("button", name="Somebody else").tap()
    phone.get_by_text("The room is closed").wait_for()
    assert not told
    for tab in (phone, teacher):
        tab.context.close()
