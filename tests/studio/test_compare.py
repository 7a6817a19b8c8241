"""Comparisons from pages, runs side by side, and pages that stand apart."""

import io
import json
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from helpers import blobs, small
from PIL import Image
from quick_judging import judge_quickly

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions
from genlearn.studio.comparing import side
from genlearn.studio.comparing.scores import judged, read_report
from genlearn.studio.comparing.standing import standing_of
from genlearn.studio.jobs import process
from genlearn.studio.library.places import id_of

AT = f"/compare/{id_of('comparisons/shapes')}"
RUNS = [id_of(f"comparisons/shapes/runs/{name}") for name in ("ppca", "vae")]
SHAPES = id_of("shapes")


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A comparison of three models, and its data; not written to."""
    folder = tmp_path_factory.mktemp("compared")
    (folder / "shapes").mkdir()
    for index, pixels in enumerate(blobs(90)):
        Image.fromarray(pixels).save(folder / "shapes" / f"{index:03}.png")
    with pytest.MonkeyPatch.context() as patch:
        judge_quickly(patch.setattr)
        patch.chdir(folder)
        gl.compare(
            "shapes",
            "comparisons/shapes",
            models=["ppca latent_dim=4", "gmm components=3", "vae steps=20 latent_dim=4"],
            size="tiny",
            samples=200,
            budget="30s",
        )
        gl.create("kde").fit("shapes", out="runs/kde", options=RunOptions(source="shapes"))
        small("ppca").fit(np.random.default_rng(0).normal(size=(40, 3)), out="runs/rows")
    return folder


@pytest.fixture
def folder(compared, tmp_path):
    """A copy of it, to be written to."""
    return shutil.copytree(compared, tmp_path / "work")


@pytest.fixture
def idle(monkeypatch):
    """Jobs that do nothing until they are asked to stop."""
    wait = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    monkeypatch.setattr(
        process, "start", lambda job, log, folder: subprocess.Popen(wait, stdin=subprocess.PIPE)
    )


def begin(owner, **fields):
    asked = {"data": SHAPES, "budget": "40s", "size": "tiny", "seed": "3", **fields}
    return owner.post("/compare", data=asked)


@pytest.mark.usefixtures("idle")
def test_comparison_has_a_page_from_the_moment_it_is_queued(owner, app):
    answer = begin(owner)
    assert answer.status_code == 204
    queue = app.state.studio.queue
    (job,) = queue.jobs()
    assert job.place == "comparisons/shapes-2"  # since there is one
    assert answer.headers["hx-redirect"] == f"/compare/{id_of(job.place)}"
    assert job.arguments == [
        *("compare", "--out", "comparisons/shapes-2", "--budget", "40s", "--size", "tiny"),
        *("--seed", "3", "--", "shapes"),
    ]
    page = owner.get(answer.headers["hx-redirect"])
    assert page.status_code == 200
    assert f'hx-post="/queue/{job.id}/pause"' in page.text
    assert owner.post(f"/queue/{job.id}/pause").status_code == 204
    while queue.job(job.id).state not in ("paused", "failed"):
        pass
    assert f'hx-post="/queue/{job.id}/resume"' in owner.get(page.url.path).text
    begin(owner)
    assert Counter(job.place for job in queue.jobs())["comparisons/shapes-3"] == 1


@pytest.mark.usefixtures("idle")
def test_who_takes_part_is_chosen(owner, app):
    begin(owner, who="chosen", model=["vae", "flow"])
    begin(owner, who="all")
    one, two = app.state.studio.queue.jobs()
    assert one.arguments[9:13] == ["--model", "vae", "--model", "flow"]
    assert two.arguments[9:11] == ["--model", "all"]
    page = owner.get("/compare/models", params={"data": SHAPES, "budget": "40s"}).text
    assert "<code>vae</code>" in page
    assert "arm takes no part" in page  # for tables
    assert "<b>flow, gmm, kde, ppca, r3gan, vae</b>" in page
    assert "such as 90s" in owner.get("/compare/models", params={"budget": "soon"}).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"data": ""}, "no data was chosen"),
        ({"budget": "soon"}, "it is a time above zero"),
        ({"size": "huge"}, "choose tiny, small, base, large"),
        ({"seed": "-1"}, "a whole number from 0"),
        ({"who": "chosen"}, "choose at least one"),
        ({"who": "chosen", "model": "arm"}, "arm"),
        ({"who": "chosen", "model": "latent first=/etc"}, "latent first=/etc"),
    ],
)
def test_mistakes_are_told_before_anything_waits(owner, app, fields, said):
    owner.headers["hx-request"] = "true"
    answer = begin(owner, **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert app.state.studio.queue.jobs() == []


def test_report_is_read_with_links_to_each_run(owner, folder):
    page = owner.get(AT).text
    report = json.loads((folder / "comparisons" / "shapes" / "report.json").read_text())
    text = page.replace("&#39;", "'")
    assert all(sentence in text for sentence in report["summary"])
    for model in report["models"]:
        link = f"/runs/{id_of('comparisons/shapes/runs/' + model['name'])}"
        assert page.count(f'href="{link}"') == 2
        assert owner.get(link).status_code == 200
    document = f"/documents/{id_of('comparisons/shapes/report.html')}"
    assert f'href="{document}" target="_blank" rel="noopener"' in page
    shown = owner.get(document)
    assert shown.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in shown.headers["content-security-policy"]
    assert "genlearn studio FOLDER" in shown.text
    assert str(folder) not in shown.text


def test_standing_follows_what_lies_in_the_folder(app, folder):
    studio, place = app.state.studio, "comparisons/shapes"
    whole = standing_of(studio, place)
    assert [(row.name, row.state) for row in whole.rows] == [
        (name, "judged") for name in ("ppca", "gmm", "vae")
    ]
    assert (whole.doing, whole.reported) == ("It is done.", True)
    path = folder / place
    (path / "report.html").unlink()
    shutil.rmtree(path / "judged" / "vae")
    shutil.rmtree(path / "runs" / "gmm")
    shutil.rmtree(path / "judged" / "gmm")
    now = standing_of(studio, place)
    assert [row.state for row in now.rows] == ["judged", "waiting", "trained"]
    assert now.doing == "It was stopped before its end."
    assert now.shape != whole.shape
    (path / "runs" / "vae" / "weights.safetensors").unlink()
    (path / "errors.log").write_text("2026-01-01 10:00:00 gmm\nTraceback:\n\nValueError: no\n\n")
    now = standing_of(studio, place)
    assert [row.state for row in now.rows] == ["judged", "failed", "stopped"]
    assert now.rows[1].detail == "ValueError: no"
    assert now.rows[2].detail.startswith("step 20 · ")
    (path / "comparison.json").write_text("{}")
    assert standing_of(studio, place).rows == []


def test_damaged_reports_are_passed_over(owner, folder):
    place = folder / "comparisons" / "shapes"
    for text in ("", "[]", '{"models": 3}', '{"metrics": {}, "models": [{"figures": {"a": 1}}]}'):
        (place / "report.json").write_text(text)
        assert read_report(place) is None
        assert owner.get(AT).status_code == 200
        assert judged(place / "runs" / "vae") is None
    assert owner.get("/compare/side", params={"run": RUNS}).status_code == 200


def test_runs_stand_side_by_side_at_one_seed(owner, folder):
    asked = {"run": RUNS, "seed": "5", "n": "4"}
    page = owner.get("/compare/side", params=asked).text
    assert 'alt="4 samples of comparisons/shapes/runs/vae, seed 5"' in page
    answer = owner.get("/compare/side/samples", params=asked | {"run": RUNS[1]})
    with Image.open(io.BytesIO(answer.content)) as row:
        assert f'width="{row.width}" height="{row.height}"' in page
        shown = np.asarray(row.convert("L"))
    model = gl.load(folder / "comparisons" / "shapes" / "runs" / "vae")
    first = model.sample(4, seed=5)[0]
    zoom = (shown.shape[0] - 4) // 12
    cell = shown[2:-2, 2 : 2 + 9 * zoom]
    np.testing.assert_allclose(cell[::zoom, ::zoom], first, atol=1)
    with Image.open(io.BytesIO(owner.get("/compare/side/sheet.png", params=asked).content)) as all_:
        assert all_.height > 2 * row.height - 4
        assert all_.width > row.width  # names at the left


def test_figures_are_marked_and_taken_home(owner, app):
    asked = {"run": RUNS}
    page = owner.get("/compare/side", params=asked).text
    assert 'class="best"' in page
    assert "do not compare" not in page
    table = owner.get("/compare/side/figures.csv", params=asked).text.splitlines()
    assert table[0] == "run,metric,space,value,low,high,unit,better"
    records = owner.get("/compare/side/figures.json", params=asked).json()
    assert len(records) == len(table) - 1
    assert {one["run"] for one in records} == {
        "comparisons/shapes/runs/ppca",
        "comparisons/shapes/runs/vae",
    }
    runs = [app.state.studio.library.run(id) for id in RUNS]
    (known, _) = side.all_judged(runs)
    (first, *_) = side.main_lines([known], side.lines([known, None]))
    assert first.cells[1].value == "–"
    assert not any(cell.best for cell in first.cells)  # it is alone


def test_runs_of_another_kind_do_not_stand_beside_them(owner):
    rows = id_of("runs/rows")
    owner.headers["hx-request"] = "true"
    answer = owner.get("/compare/side", params={"run": [RUNS[0], rows]})
    assert answer.status_code == 400
    assert "choose runs of one kind of data" in answer.text
    assert "at most 32" not in answer.text
    for wrong in ({"n": "33"}, {"seed": "x"}, {"prompt": "a disc"}):
        assert owner.get("/compare/side", params={"run": RUNS, **wrong}).status_code == 400
    assert owner.get("/compare/side", params={"run": "0" * 16}).status_code == 404
    table = owner.get("/compare/side/samples", params={"run": rows, "n": "3"}).text
    assert table.count("<tr>") == 4
    for end in ("sheet.png", "figures.csv", "samples"):
        assert owner.get(f"/compare/side/{end}").status_code == 404


@pytest.mark.usefixtures("idle")
def test_run_is_judged_and_a_lecture_written_by_jobs(owner, app):
    kde = id_of("runs/kde")
    page = owner.get("/compare/side", params={"run": kde}).text
    assert f'hx-post="/runs/{kde}/judge"' in page
    assert owner.post(f"/runs/{kde}/judge").status_code == 204
    assert owner.post("/lectures", data={"data": SHAPES, "budget": "90s"}).status_code == 204
    judging, lecture = app.state.studio.queue.jobs()
    assert judging.arguments == [
        *("evaluate", "--out", "runs/kde/evaluation", "--", "runs/kde", "shapes"),
    ]
    assert lecture.arguments == [
        *("lecture", "--out", "lectures/shapes", "--budget", "90s", "--", "shapes"),
    ]
    page = owner.get("/compare/side/figures", params={"run": kde}).text
    assert "judge" in page
    assert "Judge this run" not in page
    owner.headers["hx-request"] = "true"
    answer = owner.post(f"/runs/{id_of('runs/rows')}/judge")
    assert "not in the studio's folders; start the studio with --data" in answer.text


def test_page_follows_a_comparison(open_tab, listening, folder):
    place = folder / "comparisons" / "shapes"
    report = (place / "report.html").read_text()
    (place / "report.html").unlink()
    tab = open_tab(listening)
    tab.goto(f"{listening.split('/login')[0]}{AT}")
    tab.get_by_text("It was stopped before its end.").wait_for()
    kept = place / "judged" / "vae"
    kept.rename(folder / "aside")
    tab.locator("[data-name=vae] .state", has_text="trained").wait_for()
    (folder / "aside").rename(kept)
    tab.locator("[data-name=vae] .state", has_text="judged").wait_for()
    (place / "report.html").write_text(report)
    tab.get_by_text("The whole report").wait_for()
    assert tab.inner_text("[role=status]") == "It is done."
    assert tab.told == []
