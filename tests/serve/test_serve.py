"""A run as a service: what is asked is answered as the model itself would, alone or in a batch."""

import asyncio
import base64
import io
import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pandas as pd
import pytest
from helpers import blobs, small
from PIL import Image
from starlette.testclient import TestClient

import genlearn as gl
from genlearn.data import open_data
from genlearn.serve.app import Limits, Service
from genlearn.serve.batcher import Batcher
from genlearn.serve.formats import NPY, listed

NPY_IN = {"content-type": NPY}
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame({"height": RNG.normal(size=60).round(2), "kind": RNG.choice(["a", "b"], 60)})


@pytest.fixture(scope="module")
def images():
    return blobs(60, 8, 8)


@pytest.fixture(scope="module")
def vae(images):
    return small("vae", steps=5).fit(images)


@pytest.fixture
def client(vae):
    with TestClient(Service(vae, Limits(batch=64)).app(), raise_server_exceptions=False) as client:
        yield client


def array(answer):
    assert answer.status_code == 200, answer.text
    return np.load(io.BytesIO(answer.content))


def npy(values):
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def test_samples_are_those_of_the_model(client, vae):
    asked = {"n": 5, "seed": 3, "start": 2}
    drawn = array(client.post("/sample", json=asked, headers={"accept": NPY}))
    np.testing.assert_array_equal(drawn, vae.sample(5, seed=3, start=2))
    pictures = client.post("/sample", json=asked).json()["examples"]
    first = np.asarray(Image.open(io.BytesIO(base64.b64decode(pictures[0]))))
    np.testing.assert_array_equal(first, drawn[0])
    sheet = client.post("/sample", json=asked, headers={"accept": "image/png"})
    assert Image.open(io.BytesIO(sheet.content)).width > 8


def test_without_a_seed_each_gets_the_next_of_one_stream(client, vae):
    first, second = (client.post("/sample", json={"n": n}, headers={"accept": NPY}) for n in (2, 3))
    told = [
        (one.headers["genlearn-seed"], one.headers["genlearn-start"]) for one in (first, second)
    ]
    assert told == [("0", "0"), ("0", "2")]
    together = np.concatenate([array(first), array(second)])
    np.testing.assert_array_equal(together, vae.sample(5, seed=0))


def test_codes_and_scores_are_those_of_the_model(client, vae, images):
    codes = array(client.post("/encode", content=npy(images[:4]), headers=NPY_IN | {"accept": NPY}))
    np.testing.assert_allclose(codes, vae.encode(images[:4]), atol=1e-5)
    listed = client.post("/encode", json={"examples": images[:4].tolist()}).json()["codes"]
    np.testing.assert_allclose(listed, codes, atol=1e-5)
    scores = client.post("/score", content=npy(images[:4]), headers=NPY_IN).json()["log_prob"]
    np.testing.assert_allclose(scores, vae.score_samples(images[:4]), rtol=1e-4)
    again = array(client.post("/decode", content=npy(codes), headers=NPY_IN | {"accept": NPY}))
    np.testing.assert_array_equal(again, vae.decode(codes))


def test_rows_of_a_table_come_and_go_as_records():
    model = gl.PPCA().fit(TABLE)
    with TestClient(Service(model).app()) as client:
        rows = client.post("/sample", json={"n": 3, "seed": 0}).json()["examples"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(rows), model.sample(3, seed=0), check_dtype=False, check_exact=False
        )
        scores = client.post("/score", json={"examples": TABLE[:5].to_dict("records")}).json()
        for wrong in ([{"height": 1.0, "kind": "a", "more": 3}], [{"a": 1}, 5], [{"kind": {}}]):
            assert client.post("/score", json={"examples": wrong}).status_code == 400
        assert client.post("/sample", headers={"accept": NPY}).status_code == 400
    np.testing.assert_allclose(scores["log_prob"], model.score_samples(TABLE[:5]), rtol=1e-6)


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/sample", {"n": 0}, "n=0"),
        ("/sample", {"n": 65}, "1 to 64"),
        ("/sample", {"n": "3"}, "n='3'"),
        ("/sample", {"n": True}, "n=True"),
        ("/sample", {"seed": -1}, "seed=-1"),
        ("/sample", {"start": 4}, "without a seed"),
        ("/sample", {"guidance": 2}, "guidance"),
        ("/sample", {"prompt": ["a", "b"]}, "prompt"),
        ("/sample", {"init": "/etc/passwd"}, "cannot be sent"),
        ("/sample", [1], "no object"),
        ("/encode", {"images": []}, "examples"),
        ("/encode", {"examples": [[1, 2], [3]]}, "no array of numbers"),
        ("/encode", {"examples": "/etc/passwd"}, ""),
        ("/encode", {"examples": []}, ""),
        ("/encode", {"examples": [[1, 2]]}, ""),
        ("/encode", {"examples": [[[300] * 8] * 8]}, "300"),
        ("/sample", {"truncation": "\ud800"}, "UTF-8"),
        ("/sample", {"label": 1.5}, "label=1.5"),
        ("/decode", {"examples": [[1.0]]}, "codes of shape"),
    ],
)
def test_what_is_not_possible_is_told(client, path, body, why):
    answer = client.post(path, content=json.dumps(body))
    assert answer.status_code == 400, answer.text
    assert why in answer.json()["detail"]


def test_no_file_is_opened_for_a_client(client, tmp_path, images):
    np.save(tmp_path / "images.npy", images)
    answer = client.post("/encode", json={"examples": str(tmp_path / "images.npy")})
    assert answer.status_code == 400


def test_other_bodies_and_paths_are_refused(client):
    assert client.post("/sample", content=b"{").status_code == 400
    for body in (b"\x93NUMPY", b"PK\x03\x04garbage", npy(np.array(["/etc/passwd"]))):
        assert client.post("/encode", content=body, headers=NPY_IN).status_code == 400
    assert client.post("/sample", content=b" " * (2 << 20)).status_code == 413
    assert client.get("/sample").status_code == 405
    assert client.get("/nothing").status_code == 404


def test_a_token_is_asked_for_where_there_is_one(vae):
    with TestClient(Service(vae, token="open sesame").app()) as client:
        assert client.post("/sample").status_code == 401
        assert client.get("/health").status_code == 200
        told = {"authorization": "Bearer open sesame"}
        assert client.post("/sample", headers=told).status_code == 200


def test_it_describes_and_counts_itself(client):
    client.post("/sample", json={"n": 3})
    client.post("/sample", json={"n": 0})
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) >= {"/sample", "/encode", "/decode", "/score"}
    assert client.get("/health").json()["questions"] == ["sample", "encode", "decode", "score"]
    told = client.get("/metrics").text
    assert 'genlearn_requests_total{question="sample",status="200"} 1.0' in told
    assert 'genlearn_requests_total{question="sample",status="400"} 1.0' in told
    assert "genlearn_examples_total 3.0" in told


class Slow:
    """A model that is held up until it is let go."""

    def __init__(self, model):
        self.model, self.batches = model, []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, n, **how):
        self.begun.set()
        self.go.wait(20)
        self.batches.append(n)
        return type(self.model).sample(self.model, n, **how)


@pytest.fixture
def slow(vae, monkeypatch):
    held = Slow(vae)
    monkeypatch.setattr(vae, "sample", held, raising=False)
    return held


def _until(condition):
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_those_who_wait_are_asked_together_and_too_many_are_refused(vae, slow):
    service = Service(vae, Limits(batch=8, waiting=12))
    with TestClient(service.app()) as client, ThreadPoolExecutor(9) as pool:
        first = pool.submit(client.post, "/sample", json={"n": 1})
        slow.begun.wait(20)
        rest = [pool.submit(client.post, "/sample", json={"n": 3}) for _ in range(4)]
        _until(lambda: service.batcher.waiting == 12)
        refused = client.post("/sample", json={"n": 1})
        slow.go.set()
        answers = [first.result(), *(one.result() for one in rest)]
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert slow.batches == [1, 6, 6]
    starts = sorted(one.json()["start"] for one in answers)
    assert starts == [0, 1, 4, 7, 10]


def test_what_fails_for_one_fails_for_it_alone():
    def halved(asked):
        return [10 // one for one in asked]

    async def together():
        batcher = Batcher(8, 8, 5.0, lambda requests, examples, taken: None)
        asking = [batcher.ask("kind", 1, one, halved) for one in (5, 0, 2)]
        async with batcher.running():
            return await asyncio.gather(*asking, return_exceptions=True)

    two, error, five = asyncio.run(together())
    assert (two, five) == (2, 5)
    assert isinstance(error, ZeroDivisionError)


def test_steps_have_an_end(images):
    model = small("flow", steps=2).fit(images)
    with TestClient(Service(model, Limits(steps=50)).app()) as client:
        assert client.post("/sample", json={"steps": 51}).status_code == 400
        assert client.post("/sample", json={"steps": 2}).status_code == 200


def test_pictures_one_pixel_high_keep_their_height():
    spec = open_data(np.zeros((3, 1, 9), np.uint8)).spec
    (picture,) = listed(np.zeros((1, 1, 9), np.uint8), spec)
    assert Image.open(io.BytesIO(base64.b64decode(picture))).size == (9, 1)
    assert listed(np.array([1.0, np.inf]), None) == [1.0, None]


def test_what_takes_too_long_is_given_up(vae, slow):
    with TestClient(Service(vae, Limits(seconds=0.2)).app()) as client:
        assert client.post("/sample").status_code == 503
        slow.go.set()
        _until(lambda: client.post("/sample").status_code == 200)


def test_a_process_answers_until_it_is_interrupted(vae, tmp_path):
    vae.save(tmp_path / "run")
    command = [sys.executable, "-m", "genlearn", "serve", str(tmp_path / "run"), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = next(one for one in process.stderr if "http://" in one)
            url = line.split(": ")[0]
            assert httpx.post(f"{url}/sample", json={"n": 2}, timeout=60).json()["start"] == 0
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)
