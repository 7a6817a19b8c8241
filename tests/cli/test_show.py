"""`genlearn show`, as a user types it."""

import re

import numpy as np
import pytest
from in_process import done, told
from PIL import Image

from genlearn.cli.commands.show import WHAT
from genlearn.explore import VIEWS


@pytest.fixture(autouse=True)
def _inside(inside):
    """The tests run where there are runs of images and of a table."""


def test_help_names_all_that_can_be_shown():
    assert WHAT.keys() == VIEWS.keys()


@pytest.mark.parametrize("what", ["grid", "walk", "training", "steps", "latents"])
def test_pictures_are_equal_each_time(inside, capsys, what):
    done("show", "runs/images", what)
    assert capsys.readouterr().out.startswith(f"{what}.png: ")
    before = (inside / f"{what}.png").read_bytes()
    done("show", "runs/images", what)
    assert (inside / f"{what}.png").read_bytes() == before


def test_a_walk_by_data_is_a_film_too(inside):
    done("show", "runs/images", "walk", "images", "-n", 2, "--out", "walk.gif")
    with Image.open("walk.gif") as film:
        assert film.n_frames == 46  # 24 moments, and back
    first = (inside / "walk.gif").read_bytes()
    done("show", "runs/images", "walk", "images", "-n", 2, "--out", "walk.gif")
    assert (inside / "walk.gif").read_bytes() == first


def test_a_run_may_be_called_like_what_is_shown(inside):
    done("fit", "ppca", "images", "--latent-dim", 2, "--out", "walk")
    done("show", "walk", "grid", "--out", "w.png")
    done("show", "walk", "walk", "images", "--out", "w.png")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["runs/table", "grid"], "learned from no images"),
        (["runs/images", "gird"], "did you mean 'grid'"),
        (["runs/images"], "add one of grid, walk"),
        (["grid"], "name it first"),
        (["runs/none", "grid"], "is not a run"),
        (["runs/images", "process"], "goes from noise to data"),
        (["runs/images", "runs/images", "walk"], "2 runs were given"),
        (["runs/images", "training", "images"], "takes no data"),
        (["runs/images", "grid", "nowhere"], "neither a file"),
        (["runs/images", "grid", "--out", "x.gif"], "does not move"),
        (["runs/images", "grid", "--out", "x.jpg"], "a picture is a .png"),
        (["runs/images", "grid", "--columns", "3"], "has no moments"),
        (["runs/images", "walk", "images", "--out", "images/x.png"], "lies in images"),
        (["runs/images", "walk", "-n", "0"], "Invalid value for '-n'"),
    ],
)
def test_mistakes_get_one_line(capsys, arguments, line):
    assert re.search(re.escape(line), told(capsys, "show", *arguments))


def test_pairs_are_named_above(inside):
    done("reconstruct", "runs/images", "images", "--out", "pairs.png")
    pixels = np.asarray(Image.open("pairs.png").convert("L"))
    tall, rows = 12 * 5 + 2, 8
    above = pixels.shape[0] - rows * tall - 2
    assert 10 < above < 30
    assert pixels[:above].min() < 100  # ink
    assert (pixels[:above, :2] == 255).all()
