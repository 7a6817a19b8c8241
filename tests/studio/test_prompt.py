"""Asking a model for images from a page."""

import io
import json
import shutil
import zipfile

import numpy as np
import pytest
import torch
from helpers import small
from PIL import Image
from toy_text_encoder import captioned, language_model

import genlearn as gl
from genlearn.data.text.unknown_words import unknown_words, words_of
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions
from genlearn.studio.library.places import id_of
from genlearn.studio.prompting import history
from genlearn.studio.prompting.asked import MOST, Asked
from genlearn.studio.prompting.history import Entry, History

AT = f"/runs/{id_of('runs/words')}/prompt"
GRID = {"prompt": "a {dark,bright} disc", "number": "2", "seed": "4", "guidance": "2", "steps": "3"}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A run that learned captions, one of classes, and their data; not written to."""
    folder = tmp_path_factory.mktemp("spoken")
    data = captioned(24)
    (folder / "discs").mkdir()
    for index, pixels in enumerate(data.values):
        Image.fromarray(pixels).save(folder / "discs" / f"{index:03}.png")
    lines = [f"{index:03}.png,{text}" for index, text in enumerate(data.captions)]
    (folder / "discs" / "metadata.csv").write_text("\n".join(["file_name,text", *lines]))
    words = language_model(folder / "words")
    model = small("flow", condition="auto", steps=4, text_encoder=words)
    model.fit(
        gl.open_data(folder / "discs"),
        out=folder / "runs" / "words",
        options=RunOptions(source="discs"),
    )
    return folder


@pytest.fixture
def folder(spoken, tmp_path):
    """A copy of it, to be written to."""
    return shutil.copytree(spoken, tmp_path / "work")


def drawn(owner, fields=GRID, at=AT):
    """What came of asking: the last line of the answer."""
    answer = owner.post(at, data=fields)
    assert answer.status_code == 200, answer.text
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["done"] for line in lines[:-1]] == sorted(line["done"] for line in lines[:-1])
    return lines[-1]


def entries(app):
    return History(app.state.studio.library.own / "prompts", id_of("runs/words")).entries()


def test_form_is_made_of_what_the_model_takes(owner):
    page = owner.get(AT).text
    names = ("prompt", "negative", "guidance", "steps", "sampler", "quality", "strength", "seed")
    assert [name for name in names if f'name="{name}"' not in page] == []
    assert 'name="label"' not in page  # it learned captions
    assert 'aria-current="page">Prompt' in page


def test_grid_of_alternatives_has_names_and_words_for_each_image(owner, folder):
    result = drawn(owner)
    html = result["html"]
    assert all(f'<th scope="col">{name}</th>' in html for name in ("dark", "bright"))
    assert 'alt="a bright disc, 2 of 2"' in html
    assert result["said"].startswith("4 images in ")
    model = gl.load(folder / "runs" / "words")
    wanted = model.sample(2, seed=4, prompt="a bright disc", guidance=2.0, steps=3)
    where = html.split('class="drawing"')[1].split('data-at="')[1].split('"')[0]
    with Image.open(io.BytesIO(owner.get(f"{where}/003.png").content)) as image:
        assert (np.asarray(image.convert("L")) == wanted[1]).all()


def test_drawn_again_is_equal_byte_by_byte_even_after_a_new_start(owner, app, monkeypatch):
    monkeypatch.setattr(gl.Flow, "steps_for_quality", lambda *asked, **how: ("euler", 2))
    drawn(owner, GRID | {"start": "data:3", "strength": "0.5"})
    drawn(owner, {"prompt": "a disc\nthe dark disc", "number": "1", "quality": "fast"})
    quality, start = entries(app)
    assert quality.options == {"sampler": "euler", "steps": 2}  # what the quality came to
    for entry in (quality, start):
        app.state.studio.models.__init__()  # as a new start: nothing is held
        result = drawn(owner, {}, f"{AT}/{entry.id}/again")
        assert result["said"].endswith("images are equal, byte by byte.")
        assert result["html"] == ""
    assert len(entries(app)) == 2


def test_model_that_changed_since_says_so_and_keeps_both(owner, app, folder):
    drawn(owner)
    model = gl.load(folder / "runs" / "words")
    with torch.no_grad():
        for weights in model.networks_.parameters():
            weights.add_(0.1)
    Run(folder / "runs" / "words").save_weights(model, 6)
    result = drawn(owner, {}, f"{AT}/{entries(app)[0].id}/again")
    assert "had learned 4 steps then, and has learned 6 now" in result["said"]
    assert [entry.steps for entry in entries(app)] == [6, 4]


def test_words_that_no_caption_knows_are_told_with_their_nearest(owner):
    known = words_of(["Red heart", "blue star"])
    assert unknown_words(["the haert", "red"], known) == [
        "no caption contains 'haert'; nearest: 'heart'"
    ]
    assert unknown_words(["qqq"], known) == ["no caption contains 'qqq'"]
    html = drawn(owner, GRID | {"prompt": "a brihgt disc"})["html"]
    assert "No caption contains &#39;brihgt&#39;; nearest: &#39;bright&#39;." in html
    assert "a bright disc" in owner.get(f"{AT}/captions", params={"text": "BRI"}).text
    assert "No caption" in owner.get(f"{AT}/captions", params={"text": "<b>"}).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prompt": "{a,b}" * 300}, "images are drawn at a time"),
        ({"number": str(MOST + 1)}, "a whole number from 1 to 100"),
        ({"steps": "0"}, "steps='0' was given"),
        ({"steps": "9999999"}, "from 1 to 1,000"),
        ({"guidance": "-1"}, "it is at least 0"),
        ({"guidance": "nan"}, "it is a number"),
        ({"seed": "-3"}, "seed='-3' was given"),
        ({"quality": "awful"}, "choose one of: balanced, best, fast"),
        ({"steps": "3", "quality": "fast"}, "give one of them"),
        ({"negative": "dark", "prompt": ""}, "without a prompt"),
        ({"strength": "0.5"}, "without init"),
        ({"negative": "a" * 3000}, "at most 2,000"),
        ({"prompt": "a" * 3000}, "at most 2,000"),
    ],
)
def test_mistakes_are_told_before_anything_is_drawn(owner, fields, said):
    owner.headers["hx-request"] = "true"
    answer = owner.post(AT, data={"prompt": "a disc", **fields})
    assert answer.status_code == 400
    assert said in answer.text


def test_mistakes_that_only_the_model_finds_are_told(owner):
    assert "did you mean 'euler'" in drawn(owner, GRID | {"sampler": "eular"})["problem"]
    assert "24, numbered from 0" in drawn(owner, GRID | {"start": "data:24"})["problem"]
    for start in ("data:1e9", "picture:../../jobs/jobs", "data:²"):
        assert "nothing to start from" in drawn(owner, GRID | {"start": start})["problem"]
    gone = drawn(owner, GRID | {"start": "picture:" + "0" * 16})
    assert "choose its file again" in gone["problem"]


def test_own_picture_is_started_from(owner, app):
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), (255, 120, 0)).save(picture, "PNG")
    made = owner.post(f"{AT}/picture", content=picture.getvalue()).json()
    assert made["note"] == (
        "The picture was cropped to its middle, brought from 40 x 30 to 12 x 12 pixels, turned to"
        " grey."
    )
    with Image.open(io.BytesIO(owner.get(f"{AT}/start", params=made).content)) as shown:
        assert shown.size == (12, 12)
    drawn(owner, GRID | {"start": made["start"], "strength": "0.2"})
    (entry,) = entries(app)
    for kept in (app.state.studio.library.own / "prompts" / "pictures").glob("*.npy"):
        kept.unlink()  # what was drawn from it has its own
    assert "equal" in drawn(owner, {}, f"{AT}/{entry.id}/again")["said"]
    assert owner.post(f"{AT}/picture", content=b"<svg>").status_code == 400


def test_images_and_settings_are_taken_home_and_removed(owner, app):
    drawn(owner)
    (entry,) = entries(app)
    archive = owner.get(f"{AT}/{entry.id}/all.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        assert files.namelist() == [
            *("000.png", "001.png", "002.png", "003.png"),
            *("sheet.png", "settings.json"),
        ]
        about = json.loads(files.read("settings.json"))
        sheet = files.read("sheet.png")
    assert (about["run"], about["asked"]["seed"], about["options"]["guidance"]) == (
        "runs/words",
        4,
        2.0,
    )
    assert owner.get(f"{AT}/{entry.id}/sheet.png").content == sheet
    for name in ("004.png", "..%2fjobs.json", "settings"):
        assert owner.get(f"{AT}/{entry.id}/{name}").status_code == 404
    assert owner.post(f"{AT}/{entry.id}/remove").status_code == 204
    assert owner.get(f"{AT}/{entry.id}/all.zip").status_code == 404
    assert owner.post(f"{AT}/{entry.id}/remove").status_code == 404
    assert entries(app) == []


def test_history_is_bounded_and_survives_a_line_cut_short(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "KEPT", 3)
    monkeypatch.setattr(history, "_LONGEST", 4)
    kept = History(tmp_path, "run")
    for number in range(20):
        entry = Entry(f"{number:02}", 0.0, Asked("a disc"), {}, 1, "", 1, 2, 2, 0.1)
        kept.add(entry, {"000.png": bytes([number])})
        if number == 10:
            with (tmp_path / "run.jsonl").open("ab") as file:
                file.write(b'\n{"type":"drawn","id":"xx"')
    assert [entry.id for entry in kept.entries()] == ["19", "18", "17"]
    assert kept.file("18", "000.png") == bytes([18])
    assert len(list((tmp_path / "run").glob("*.zip"))) == 3
    assert (tmp_path / "run.jsonl").read_bytes().count(b"\n") <= 12


def test_classes_are_chosen_where_a_model_learned_them(owner, folder):
    (folder / "classes").mkdir()
    data = captioned(24)
    labelled = gl.open_data(data.values, labels=np.arange(24) % 2)
    small("flow", condition="label", steps=4).fit(labelled, out=folder / "runs" / "classes")
    at = f"/runs/{id_of('runs/classes')}/prompt"
    page = owner.get(at).text
    assert 'name="label"' in page
    assert 'name="prompt"' not in page
    assert 'name="negative"' not in page
    assert 'aria-current="page">Draw' in page
    html = drawn(owner, {"label": "1", "number": "2", "seed": "1"}, at)["html"]
    assert 'alt="Class 1, 2 of 2"' in html


def test_page_draws_and_fills_the_form_in_again(open_tab, listening):
    tab = open_tab(listening)
    tab.goto(listening.split("/login")[0] + AT)
    tab.fill("#prompt", "a {dark,bright} disc")
    tab.fill("#steps", "2")
    tab.fill("#number", "1")
    tab.fill("#seed", "5")
    tab.click("text=Start from an image")
    tab.fill("#example", "3")
    tab.keyboard.press("Tab")
    tab.wait_for_selector("#start-shown:not([hidden])")
    ready = "#ask button.primary:not([disabled])"
    tab.click("#ask button.primary")
    tab.wait_for_selector(".drawing")
    tab.wait_for_selector(ready)
    tab.click("[data-do=again]")
    tab.get_by_text("equal, byte by byte").wait_for()
    tab.fill("#prompt", "")
    tab.fill("#seed", "1")
    tab.click("[data-do=use]")
    assert tab.input_value("#prompt") == "a {dark,bright} disc"
    assert (tab.input_value("#seed"), tab.input_value("#steps")) == ("5", "2")
    assert tab.input_value("[name=start]") == "data:3"
    tab.click("[data-do=vary]")
    tab.wait_for_selector(".drawing:nth-of-type(2)")
    tab.wait_for_selector(ready)
    assert tab.input_value("#seed") != "5"
    tab.locator("[data-do=remove]").first.click()
    tab.get_by_text("Removed.").wait_for()
    assert tab.locator(".drawing").count() == 1
    assert tab.evaluate("document.activeElement.tagName") == "H3"
    tab.click("text=Captions that it learned from")
    tab.get_by_role("button", name="a dark disc", exact=True).click()
    assert tab.input_value("#prompt") == "a dark disc"
    assert tab.told == []
