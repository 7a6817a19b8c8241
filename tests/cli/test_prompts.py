"""Prompts as they are typed."""

import numpy as np
import pytest
from helpers import genlearn, grid_cells, small
from PIL import Image
from toy_text_encoder import captioned, language_model

from genlearn.cli.prompts import prompts
from genlearn.core.errors import UserError
from genlearn.data import open_data
from genlearn.data.text.prompt_grid import count_of, expanded


def test_alternatives_make_a_grid_of_which_the_last_are_the_columns():
    found = expanded("a {red, blue} {heart,star,moon} at night")
    assert found.texts == [
        f"a {colour} {thing} at night"
        for colour in ("red", "blue")
        for thing in ("heart", "star", "moon")
    ]
    assert (found.columns, count_of("a {red, blue} {heart,star,moon} at night")) == (3, 6)
    assert (expanded("a heart {plain}").texts, expanded("a heart {plain}").columns) == (
        ["a heart {plain}"],
        None,
    )


def test_a_grid_of_prompts_names_its_rows_and_columns(tmp_path):
    found = expanded("a {red, blue} {heart,star,moon} at night")
    assert found.rows == ("a red … at night", "a blue … at night")
    assert found.heads == ("heart", "star", "moon")
    several = prompts(["a dog", "a cat"], None)
    assert (several.rows, several.heads, several.columns) == (("a dog", "a cat"), (), 1)
    other = prompts(["a {b,c}", "the {b,c}"], None)
    assert (other.rows, other.heads) == (("a …", "the …"), ("b", "c"))
    uneven = prompts(["a {b,c}", "a dog"], None)  # rows do not begin with their prompts
    assert (uneven.rows, uneven.heads) == ((), ())


def test_prompts_come_from_flags_and_lines(tmp_path):
    (tmp_path / "texts").write_text("a dog\n\n  a cat \n")
    assert prompts(["a {b,c}"], str(tmp_path / "texts")).texts == ["a b", "a c", "a dog", "a cat"]
    assert prompts([], None) is None
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "other").write_text("a caf\u00e9\r\n\r\na tea\u2026", encoding=encoding)
        assert prompts([], str(tmp_path / "other")).texts == ["a caf\u00e9", "a tea\u2026"]
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(UserError, match="holds no prompts"):
        prompts([], str(tmp_path / "empty"))


def test_sampling_by_prompts(tmp_path):
    model = small(
        "flow", condition="auto", steps=3, text_encoder=language_model(tmp_path / "words")
    ).fit(captioned(30))
    model.save(tmp_path / "run")
    done = genlearn(
        "sample",
        "run",
        "--prompt",
        "a {dark,bright} disc",
        "-n",
        2,
        "--guidance",
        2,
        "--seed",
        4,
        "--out",
        "grid.png",
        cwd=tmp_path,
    )
    assert done.stdout == "grid.png: 4\n"
    with Image.open(tmp_path / "grid.png") as sheet:
        shown = grid_cells(sheet, model.spec_, 1, 4)
    wanted = np.concatenate(
        [
            model.sample(2, seed=4, prompt=f"a {which} disc", guidance=2.0)
            for which in ("dark", "bright")
        ]
    )
    np.testing.assert_allclose(shown, wanted, atol=2)
    for out in ("folder", "images.parquet"):  # which can be learned from
        genlearn(
            "sample",
            "run",
            "--prompt",
            "a {dark,bright} disc",
            "-n",
            2,
            "--seed",
            4,
            "--out",
            out,
            cwd=tmp_path,
        )
        assert open_data(tmp_path / out).captions == ["a dark disc"] * 2 + ["a bright disc"] * 2
    cut = genlearn("sample", "run", "--prompt", "dark " * 150, "-n", 1, cwd=tmp_path)
    assert cut.stderr.startswith("genlearn: 1 of 1 texts are longer than 128 tokens")
    small("ppca").fit(captioned(30)).save(tmp_path / "other")
    refused = genlearn("sample", "other", "--prompt", "a disc", cwd=tmp_path, check=False)
    assert refused.returncode == 2
    said = "prompt='a disc' was given to a model of ppca in other, which reads no captions"
    assert refused.stderr == f"genlearn: {said}\n"


def test_words_that_no_caption_has_are_told_with_their_nearest(tmp_path):
    (tmp_path / "discs").mkdir()
    data = captioned(12)
    for number, image in enumerate(data.user(slice(None))):
        Image.fromarray(image).save(tmp_path / f"discs/{number}.png")
        (tmp_path / f"discs/{number}.txt").write_text(data.captions[number])
    genlearn(
        *("fit", "flow", "discs", "--steps", 2, "--size", "tiny", "--out", "run"),
        *("--text-encoder", language_model(tmp_path / "words")),
        cwd=tmp_path,
    )
    done = genlearn("sample", "run", "--prompt", "the drak disc", "-n", 1, cwd=tmp_path)
    assert done.stderr.strip() == "no caption contains 'drak'; nearest: 'dark'"
    negative = ("--negative", "brigth", "--guidance", 2)
    done = genlearn("sample", "run", "--prompt", "a disc", *negative, "-n", 1, cwd=tmp_path)
    assert done.stderr.strip() == "no caption contains 'brigth'; nearest: 'bright'"
    done = genlearn("sample", "run", "--prompt", "a Dark disc", "-n", 1, cwd=tmp_path)
    assert done.stderr.strip() == ""
