"""Commands in the pages exist, and those of the first pages run, in order, in a new folder."""

import re

import numpy as np
import pandas as pd
import pytest
from doc_commands import ROOT, blocks, calls, check_parses, command_lines, pages, shortened
from helpers import genlearn
from PIL import Image
from quick_judging import judge_quickly

import genlearn as gl

# servers, uploads, and what takes minutes whatever its budget is; each has tests of its own
ELSEWHERE = {"studio", "serve", "push", "lecture"}


@pytest.mark.parametrize("page", pages())
def test_commands_of_the_pages_exist(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, settings in enumerate(tomls(page)):
        (tmp_path / ("run.toml" if name == 0 else f"{name}.toml")).write_text(settings)
    for arguments in command_lines(page):
        if not any(word.endswith("manifest.json") for word in arguments):  # of a run to be made
            check_parses(arguments)


def tomls(page):
    return re.findall(r"```toml\n(# run.*?)```", (ROOT / page).read_text(), re.DOTALL)


def test_a_command_that_there_is_not_is_found():
    check_parses(["fit", "flow", "photos/", "--budget", "10m"])
    for wrong in ("learn flow", "fit flaw photos/", "fit flow photos/ --bugdet 1m", "fit flow"):
        with pytest.raises(Exception, match=r"\w"):
            check_parses(wrong.split())
    line = "X=1 torchrun -m genlearn fit vae a.csv --delimiter ';' && genlearn models  # a 'note"
    assert [*calls("genlearn inspect a | head")] == [("inspect", "a")]
    with pytest.raises(ValueError, match="quotation"):
        [*calls(line.replace("#", ""))]
    assert [*calls(line)] == [("fit", "vae", "a.csv", "--delimiter", ";"), ("models",)]


@pytest.fixture
def folder(tmp_path):
    """What the pages speak of: images of two classes, few, noisy, small and captioned ones, and a
    table with gaps."""
    data, rng = gl.open_data("digits"), np.random.default_rng(0)
    shown = [
        Image.fromarray((15 * image).astype(np.uint8)).resize((16, 16)) for image in data.values
    ]
    for name, count in (("few", 40), ("new", 12), ("noisy", 6)):
        write(shown[:count], tmp_path / name)
    for label, name in ((0, "cat"), (1, "dog")):
        write(
            [shown[i] for i in np.flatnonzero(data.labels == label)[:80]],
            tmp_path / "photos" / name,
        )
    write(shown[:80], tmp_path / "captioned")
    captions = [f"a digit, {label}" for label in data.labels[:80]]
    files = [f"{index:03}.png" for index in range(80)]
    pd.DataFrame({"file_name": files, "text": captions}).to_csv(
        tmp_path / "captioned/metadata.csv", index=False
    )
    write([image.resize((8, 8)) for image in shown[:4]], tmp_path / "small")
    Image.fromarray(np.pad(np.full((16, 8), 255, np.uint8), ((0, 0), (8, 0)))).resize(
        (32, 32)
    ).save(tmp_path / "mask.png")
    kind, start = rng.choice(["a", "b"], 300), rng.integers(0, 50, 300)
    mass = (40 + 10 * (kind == "b") + rng.normal(0, 5, 300)).round(1)
    people = pd.DataFrame({"kind": kind, "mass": mass, "start": start})
    people["end"] = start + rng.integers(0, 9, 300)
    people.loc[::17, "mass"] = None
    people.to_csv(tmp_path / "people.csv", index=False)
    return tmp_path


def write(images, place):
    place.mkdir(parents=True)
    for index, image in enumerate(images):
        image.save(place / f"{index:03}.png")


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/start.md", "docs/recipes.md"])
def test_commands_run_in_their_order_in_a_new_folder(page, folder):
    done = 0
    for line in blocks(page):
        for arguments in calls(line):
            if arguments[0] in ELSEWHERE:
                continue
            genlearn(*shortened(arguments), cwd=folder, first=judge_quickly)
            done += 1
    assert done
