"""Trainings as pages ask for them: forms of hyper-parameters, a queue of processes, what is told of
them as they go."""

import json
import os
import signal
import time

import pytest
from starlette.testclient import TestClient

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.core.params import params_of
from genlearn.studio.app import create_app
from genlearn.studio.jobs.queue import Queue
from genlearn.studio.library.places import id_of
from genlearn.studio.live.training import Follower
from genlearn.studio.server import prepared
from genlearn.studio.settings import PORT, Settings
from genlearn.studio.training.cards import cards
from genlearn.studio.training.form import form_of

PHOTOS = id_of("photos")


def wait_for(condition, seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def has_reported(run):
    """Whether its training has begun, and saves what it has learned when it is told to end."""
    file = run / "metrics.jsonl"
    return file.exists() and file.stat().st_size > 0


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_every_hyperparameter_has_a_field(card):
    form = form_of(card)
    fields = [*([form.dial] if form.dial else []), *form.own, *form.training]
    names = [field.name for field in fields]
    assert sorted(names) == sorted(set(params_of(card.model)) - {"budget", "device", "devices"})


def test_forms_of_all_models_are_there(owner):
    page = owner.get("/train").text
    for card in cards():
        assert card.title in page
        assert owner.get(f"/train/{card.name}", params={"data": PHOTOS}).status_code == 200


def test_mistakes_are_told_and_nothing_is_queued(owner):
    for fields, why in (
        ({"data": PHOTOS, "latent_dim": "-3"}, "latent_dim"),
        ({"data": PHOTOS, "budget": "soon"}, "budget"),
        ({"data": PHOTOS, "budget": "1m", "steps": "10"}, "steps"),
        ({"data": PHOTOS, "likelihood": "sometimes"}, "likelihood"),
        ({}, "data"),
    ):
        answer = owner.post("/train/vae", data=fields, headers={"hx-request": "true"})
        assert answer.status_code == 400
        assert why in answer.text
    assert owner.post("/train/vae", data={"data": "0" * 16}).status_code == 404
    assert owner.post("/train/none", data={"data": PHOTOS}).status_code == 400
    assert not owner.app.state.studio.queue.jobs()


def test_a_training_from_the_page_to_its_samples(owner, folder):
    fields = {"data": PHOTOS, "steps": "20", "size": "tiny", "budget": "", "watch": "on"}
    answer = owner.post("/train/autoencoder", data=fields)
    link = answer.headers["location"]
    assert owner.get(link).status_code == 200  # at once
    queue = owner.app.state.studio.queue
    job = wait_for(lambda: next((job for job in queue.jobs() if not job.open), None))
    assert job.state == "done", job.said
    run = gl.load(folder / job.place)
    assert (run.n_steps_, run.size) == (20, "tiny")
    assert "20" in owner.get(link).text
    assert "autoencoder" in owner.get(f"{link}/log").text
    owner.post(f"{link}/more", data={"more": "10"})
    wait_for(lambda: queue.jobs()[-1].state == "done" and len(queue.jobs()) == 2)
    assert gl.load(folder / job.place).n_steps_ == 30


def test_pausing_keeps_what_was_learned_and_continuing_goes_on(owner, folder):
    fields = {"data": PHOTOS, "steps": "3000", "size": "tiny"}
    link = owner.post("/train/vae", data=fields).headers["location"]
    queue = owner.app.state.studio.queue
    place = queue.jobs()[0].place
    wait_for(lambda: has_reported(folder / place))
    owner.post(f"/queue/{queue.jobs()[0].id}/pause")
    job = wait_for(lambda: next((job for job in queue.jobs() if job.state == "paused"), None))
    assert "saved" in job.said
    assert len(list((folder / place / "state").iterdir())) > 0
    owner.post(f"{link}/continue")
    assert queue.job(job.id).open
    owner.post(f"/queue/{job.id}/pause")
    wait_for(lambda: not queue.job(job.id).open)


def test_workers_die_with_their_queue_and_are_found_again(folder):
    app = create_app(Settings(folder))
    with TestClient(app, base_url=f"http://127.0.0.1:{PORT}"):
        queue = app.state.studio.queue
        arguments = ["vae", "photos", "--steps", "100000", "--size", "tiny", "--out", "runs/long"]
        job = queue.add("fit", "long", arguments, place="runs/long")
        wait_for((folder / "runs/long/metrics.jsonl").exists)
        process = job.process
    assert queue.job(job.id).state == "waiting"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    again = Queue(folder / ".studio/jobs", folder)
    assert [one.state for one in again.jobs()] == ["waiting"]


def test_a_worker_ends_where_its_studio_was_killed(folder):
    """The pipe that the studio held is closed by the system, whatever ended it."""
    queue = Queue(folder / ".studio/jobs", folder)
    with queue.running():
        arguments = ["vae", "photos", "--steps", "100000", "--size", "tiny", "--out", "runs/long"]
        job = queue.add("fit", "long", arguments, place="runs/long")
        wait_for(lambda: has_reported(folder / "runs/long"))
        queue._process.stdin.close()
        wait_for(lambda: not queue.job(job.id).open)
    assert queue.job(job.id).code == 128 + signal.SIGTERM
    assert "saved" in queue.job(job.id).said


def test_followers_hear_each_report_once(folder):
    queue = Queue(folder / ".studio/jobs", folder)
    follower = Follower(folder / "runs/vae", "runs/vae", queue)
    first = dict(follower.news())
    assert [line["step"] for line in first["reports"]["lines"]][-1] == 30
    assert first["standing"]["state"] == "done"
    assert first["previews"][-1] == 30
    assert follower.news() == []
    with (folder / "runs/vae/metrics.jsonl").open("a") as file:
        file.write(json.dumps({"back": 10}) + "\n")
    (name, told), *_ = follower.news()
    assert (name, told["again"]) == ("reports", True)
    assert max(line["step"] for line in told["lines"]) == 10


def test_two_studios_do_not_share_a_folder(listening, folder):
    with pytest.raises(UserError, match="being written by"):
        prepared(Settings(folder, port=0), lambda line: None)


def test_damaged_queue_is_put_aside(folder):
    place = folder / ".studio/jobs"
    place.mkdir(parents=True)
    (place / "jobs.json").write_text("[{]")
    assert Queue(place, folder).jobs() == []
    assert (place / "jobs.damaged").exists()
