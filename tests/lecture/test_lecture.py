"""The lecture as a reader has it: whole, on any data, and made again where it was stopped."""

import importlib
import json
import re
import shutil
from base64 import b64decode
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from evaluate.report.test_page import parsed
from forked import Command, python
from PIL import Image

from genlearn.core.errors import UserError
from genlearn.lecture import lecture
from genlearn.lecture.chapter import chapters

from .conftest import STEPS

module = importlib.import_module("genlearn.lecture.lecture")


def test_all_chapters_stand_there_with_their_figures(page):
    html = page.read_text()
    reader = parsed(html)
    assert all(load.startswith(("#", "data:")) for load in reader.loads)
    for chapter in chapters():
        section = html.split(f'id="{chapter.key}"')[1].split("</section>")[0]
        assert "<details" in section
        assert "<math" in section
    assert not re.search(r"\{[a-z_]+\}", main_text(html))  # no place is left unfilled
    assert len(html) < 20e6


def main_text(html):
    """What is read, without style and script."""
    return re.sub(r"<[^>]+>", " ", html.split("<main")[1].split("</main>")[0])


def test_the_plan_is_told_before_anything_is_trained(page, told):
    first = next(i for i, line in enumerate(told) if line.endswith(": training"))
    assert any("trainings of 2 steps each" in line for line in told[:first])


def test_the_same_call_trains_nothing_again(page, digits_file, told, tmp_path):
    again, copy = [], shutil.copytree(page.parent, tmp_path / "copy")
    arguments = {"steps": STEPS, "size": "tiny", "label": "label", "only": (2, 3, 9)}
    lecture(digits_file, copy, tell=again.append, **arguments)
    failed = [line for line in told if "failed" in line]
    assert not failed
    assert not [line for line in again if "training" in line and "trainings of" not in line]


def test_other_data_do_not_take_the_folder(page, tmp_path):
    with pytest.raises(UserError, match="another folder"):
        lecture(np.random.default_rng(0).standard_normal((80, 3)), page.parent, steps=STEPS)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="other files"):
        lecture("digits", tmp_path, steps=STEPS)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("fresh", [False, True])
def test_runs_of_someone_else_are_left_where_they_are(fresh, tmp_path):
    kept = tmp_path / "runs" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("months of training")
    with pytest.raises(UserError, match="other files"):
        lecture("digits", tmp_path, steps=STEPS, fresh=fresh)
    assert kept.read_text() == "months of training"


def test_the_notebook_holds_the_same_chapters(page):
    book = json.loads((page.parent / "lecture.ipynb").read_text())
    text = "".join(cell["source"] for cell in book["cells"])
    assert all(f"## {chapter.number} " in text for chapter in chapters())


def test_the_notebook_shows_its_figures_before_it_is_run(page):
    book = json.loads((page.parent / "lecture.ipynb").read_text())
    kinds = set()
    for cell in book["cells"]:
        attached = cell.get("attachments", {})
        assert set(re.findall(r"\(attachment:([^)]+)\)", cell["source"])) == set(attached)
        for (kind, content), *others in (file.items() for file in attached.values()):
            kinds.add(kind)
            data = b64decode(content)
            assert not others
            if kind == "image/png":
                Image.open(BytesIO(data)).load()
            else:
                assert ElementTree.fromstring(data).tag.endswith("svg")
    assert kinds == {"image/png", "image/svg+xml"}
    assert len(json.dumps(book)) < 20 * 2**20


def test_the_notebook_runs_where_it_lies(page, digits_file):
    """All its cells, in a process of their own: of data with a name that all files are read by."""
    book = json.loads((page.parent / "lecture.ipynb").read_text())
    code = "\n".join(cell["source"] for cell in book["cells"] if cell["cell_type"] == "code")
    assert "DATA = " in code
    ended = Command(code, cwd=page.parent, program=python).ended()
    assert ended.returncode == 0, ended.stderr


def test_a_table_leaves_out_what_is_of_images(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "height": rng.normal(170, 10, 120).round(1),
            "weight": rng.normal(70, 9, 120).round(1),
            "colour": rng.choice(["red", "blue"], 120),
        }
    )
    lines = []
    out, only = tmp_path / "out", (1, 2, 3, 4, 5, 6, 7, 8, 11)
    page = lecture(frame, out, steps=STEPS, size="tiny", only=only, tell=lines.append)
    assert any("chapter 5 is left out" in line for line in lines)
    text = main_text(page.read_text())
    assert "the data are a table" in text
    assert not re.search(
        "move the dial|blurred|upper row|latent plane|whole range|the range of a", text
    )


def test_what_was_not_trained_is_not_spoken_of(digits_file, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "affordable", lambda needed, seconds: ([], needed))
    page = lecture(digits_file, tmp_path / "it's $1 *here*", budget="1s", label="label")
    text = main_text(page.read_text())
    assert not re.search(r"\{[a-z_]+\}", text)
    assert "too little time" in text
    assert "codes of  numbers" not in text
    assert r"gl.load(&#x27;" in text or "gl.load('" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"budget": "soon"}, "budget='soon'"),
        ({"language": "xx"}, "written in"),
        ({"source": np.zeros((30, 4))}, "50"),
        ({"only": (13,)}, "chapter 13"),
        ({"runs": "nowhere"}, "runs='nowhere'"),
    ],
)
def test_mistakes_get_one_line(arguments, said, tmp_path):
    with pytest.raises(UserError, match=said) as raised:
        lecture(**({"source": "digits", "out": tmp_path / "out"} | arguments))
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_it_without_a_complaint(page, open_tab, width):
    tab = open_tab(page, width)
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    tab.locator("#convolution summary").click()
    dial = tab.locator("#convolution .dial input").first
    shown = tab.locator("#convolution .frames").first.locator(".frame:visible")
    assert shown.count() == 1
    before = shown.get_attribute("data-label")
    dial.focus()
    tab.keyboard.press("ArrowLeft")
    assert int(shown.get_attribute("data-label")) == int(before) - 1
    assert not tab.told
