"""Every string that is asked for is there, in every language."""

import html
import re
import shlex
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest

import genlearn as genlearn_package
from genlearn import lecture
from genlearn.cli.main import genlearn
from genlearn.core.errors import UserError
from genlearn.lecture.chapter import chapters
from genlearn.lecture.page.asked_again import in_python, reading, training
from genlearn.lecture.page.prose import formula, literal, prose
from genlearn.lecture.strings import languages, strings
from genlearn.lecture.trainings.training import Training, affordable

PARTS = ("title", "lead", "question", "answer", "notice", "formula", "symbols", "command", "python")
SOURCE = "\n".join(path.read_text() for path in Path(lecture.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("language", languages())
def test_a_language_has_every_string(language):
    words = strings(language).tables
    for chapter in chapters():
        assert set(PARTS) <= set(words[chapter.key])
    assert set(words["figures"]) == set(strings("en").tables["figures"])


def test_every_figure_of_the_strings_is_drawn_somewhere():
    for key in strings("en").tables["figures"]:
        stem = key.rsplit("_", 1)[0]
        assert key in SOURCE or f'"{stem}_{{' in SOURCE or f'"{key.split("_")[0]}_{{' in SOURCE, key


def test_every_formula_is_read():
    for chapter in chapters():
        made = formula(strings("en").tables[chapter.key]["formula"])
        assert "<math" in made
        assert not re.search(r"\\[a-zA-Z]", made)


READ = {  # in every way that there is
    "label": "kind of bird",
    "resolution": (24, 32),
    "header": False,
    "delimiter": ";",
    "decimal": ",",
    "key": "x",
    "kinds": {"zip": "category"},
    "split": "train",
}


@pytest.mark.parametrize("options", [{}, READ])
@pytest.mark.parametrize("key", [chapter.key for chapter in chapters()])
def test_every_command_is_one_that_genlearn_takes(key, options):
    named = {"data": reading("my birds.csv", options), "training": training("2", options)}
    for line in strings("en").tables[key]["command"].splitlines():
        told = re.sub(r"\{(data|training)\}", lambda found: named[found[1]], line)
        _, *arguments = shlex.split(re.sub(r"\{[a-z]+\}", "2", told))
        command, context = genlearn, click.Context(genlearn)
        while isinstance(command, click.Group):
            command = command.get_command(context, arguments.pop(0))
        command.make_context("genlearn", arguments)  # raises for a flag that there is not


def test_what_is_printed_reads_the_data_as_they_were_read(tmp_path):
    rows = np.random.default_rng(0).normal(size=(60, 3))
    np.savez(tmp_path / "two.npz", x=rows, other=rows[:9], kind=["a", "b"] * 30)
    line = in_python(str(tmp_path / "two.npz"), {"key": "x", "label": "kind"})
    data = eval(line, {"gl": genlearn_package})
    assert len(data) == 60
    assert data.spec.classes == ("a", "b")
    assert in_python("digits", {}) == "'digits'"


def test_sentences_of_figures_that_there_are_not_are_left_out():
    words = replace(strings("en"), facts={"code": "3"})
    assert words.known("Of {code}. By {none} or {code}. $x_{none}$ stays?") == (
        "Of 3. $x_{none}$ stays?"
    )


def test_names_and_captions_are_not_read_as_marks():
    for name in ("keycap *", "a*b*c", "$5 and $6", "`so`", r"C:\$x$"):
        assert prose(literal(name)) == html.escape(name)
        assert prose(f"*{literal(name)}*") == f"<em>{html.escape(name)}</em>"


def test_prose_is_escaped_outside_of_formulas():
    assert prose("a < b, $x < y$, `<c>`, *so*") == (
        "a &lt; b, " + prose("$x < y$") + ", <code>&lt;c&gt;</code>, <em>so</em>"
    )


def test_an_unknown_language_is_told():
    with pytest.raises(UserError, match="written in"):
        strings("latin")


def test_what_a_short_time_cannot_train_is_what_matters_least():
    trainings = [
        Training("first", "ppca"),
        Training("most", "vae", weight=10, rank=0),
        Training("some", "gan", weight=5, rank=1),
        Training("least", "gan", weight=5, rank=2),
    ]
    kept, left_out = affordable(trainings, 8.0)
    assert [t.name for t in left_out] == []
    kept, left_out = affordable(trainings, 7.0)
    assert [t.name for t in left_out] == ["least"]
    assert [t.name for t in affordable(trainings, 1.0)[0]] == ["first"]
    assert [t.name for t in kept] == ["first", "most", "some"]
