"""`genlearn.studio` in notebooks and scripts."""

import http.cookiejar
import json
import subprocess
import sys
import urllib.request

import pytest

import genlearn as gl
from genlearn.core.errors import UserError


def visitor():
    """A browser without pages: it keeps cookies, and follows."""
    jar = http.cookiejar.CookieJar()
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))


def read(url, opener=None):
    with (opener or visitor()).open(url, timeout=20) as answer:
        return answer.read().decode()


def test_studio_answers_until_it_is_stopped(tmp_path):
    (tmp_path / "flowers.csv").write_text("a,b\n1,2\n")
    studio = gl.studio(tmp_path, browser=False)
    assert "Nothing has been trained here yet" in read(studio.url)
    assert repr(studio) == f"studio of {tmp_path}: {studio.url}"
    page = studio._repr_html_()
    assert f'href="{studio.url}" target="_blank" rel="noopener"' in page
    assert "<iframe" not in page
    assert studio.running
    studio.stop()
    studio.stop()  # once more changes nothing
    assert not studio.running
    assert "stopped" in repr(studio)
    assert "stopped" in studio._repr_html_()
    with pytest.raises(OSError):  # noqa: PT011
        read(studio.url)


def test_two_at_once_have_ports_and_cookies_of_their_own(tmp_path):
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
    opener = visitor()
    with gl.studio(places[0], browser=False) as one, gl.studio(places[1], browser=False) as two:
        assert one.url.split("/")[2] != two.url.split("/")[2]
        for studio in (one, two):
            read(studio.url, opener)
        for studio in (one, two):  # one browser is in both
            assert "<h1>Runs</h1>" in read(studio.url.split("/login")[0] + "/", opener)
        assert "token that the studio printed" not in read(one.url)
    assert not one.running
    assert not two.running


def test_streams_of_events_end_with_it(tmp_path, caplog):
    opener = visitor()
    with gl.studio(tmp_path, browser=False) as studio:
        read(studio.url, opener)
        events = opener.open(studio.url.split("/login")[0] + "/queue/events", timeout=20)
        assert events.readline().startswith(b"event: queue-changed")
    rest = events.read()  # which ends, and is whole
    assert b"data" in rest
    assert caplog.records == []


def test_mistakes_are_told(tmp_path):
    with pytest.raises(UserError, match="nowhere is no folder; give one that is there"):
        gl.studio("nowhere", browser=False)
    with pytest.raises(UserError, match="is no folder"):
        gl.studio(tmp_path, data=[tmp_path / "x"], browser=False)
    with pytest.raises(UserError, match="port=70000 was given"):
        gl.studio(tmp_path, port=70000, browser=False)
    with gl.studio(tmp_path, browser=False) as studio:
        port = int(studio.url.split(":")[2].split("/")[0])
        with pytest.raises(UserError, match=f"port {port} cannot be listened to"):
            gl.studio(tmp_path, port=port, browser=False)


def test_further_data_is_read(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "flowers.csv").write_text("a,b\n1,2\n")
    with gl.studio(tmp_path / "work", data=tmp_path / "more", browser=False) as studio:
        opener = visitor()
        read(studio.url, opener)
        assert "more/flowers.csv" in read(studio.url.split("/login")[0] + "/compare", opener)


def test_it_is_there_without_being_imported():
    script = (
        "import sys, genlearn as gl\n"
        "assert 'studio' in dir(gl)\n"
        "assert not {'starlette', 'uvicorn', 'torch'} & set(sys.modules)\n"
        "before = gl.studio\n"
        "import genlearn.studio.settings\n"  # which puts the package in its place
        "assert callable(gl.studio) and gl.studio is not before\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_end_of_a_script_ends_it_and_saves_what_trains(tmp_path):
    script = f"""
import pathlib, time, urllib.request
import genlearn as gl
studio = gl.studio({str(tmp_path)!r}, browser=False)
queue = studio._server.config.app.state.studio.queue
queue.add("fit", "a long one", ["vae", "digits", "--size", "tiny", "--steps", "100000",
                "--out", "runs/long"], place="runs/long")
while not pathlib.Path({str(tmp_path)!r}, "runs/long/metrics.jsonl").exists():
    time.sleep(0.1)
style = studio.url.split("/login")[0] + "/static/studio.css"
urllib.request.urlopen(style, timeout=20).read()
print("the end of the script", flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout) == (0, "the end of the script\n"), done.stderr
    assert done.stderr == ""
    (job,) = json.loads((tmp_path / ".studio" / "jobs" / "jobs.json").read_text())
    assert job["state"] == "waiting"  # and goes on at the next start
    assert (tmp_path / "runs" / "long" / "weights.safetensors").exists()
