"""Settings from a file are those that would be typed."""

import json
from pathlib import Path

import pytest

from genlearn.cli.main import run

TOML = """
model = "vae"
data = "digits"
steps = 3
batch-size = 16
hidden = [12, 8]
network = "mlp"
out = "one"
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run.toml").write_text(TOML)


def settings(folder):
    return json.loads((Path(folder) / "manifest.json").read_text())["hyper"]


def weights(folder):
    return (Path(folder) / "weights.safetensors").read_bytes()


def test_a_file_is_what_would_be_typed():
    typed = "fit vae digits --steps 3 --batch-size 16 --hidden 12,8 --network mlp --out two"
    assert run(["fit", "--config", "run.toml"], debug=True) == 0
    assert run(typed.split(), debug=True) == 0
    assert settings("one") == settings("two")
    assert weights("one") == weights("two")


def test_what_is_typed_wins():
    asked = ["fit", "vae", "digits", "--config=run.toml", "--steps", "2", "--out", "three"]
    assert run(asked, debug=True) == 0
    assert settings("three") == settings_with(steps=2)


def test_a_model_that_is_typed_needs_no_name_in_the_file(capsys):
    Path("plain.toml").write_text('steps = 2\nout = "five"')
    assert run(["fit", "vae", "digits", "--config", "plain.toml"], debug=True) == 0
    assert settings("five")["steps"] == 2
    assert run(["fit", "flow", "digits", "--config", "run.toml"], debug=False) == 2
    assert "flow was asked for, and run.toml is about vae" in capsys.readouterr().err


def settings_with(**other):
    assert run(["fit", "--config", "run.toml"], debug=True) == 0
    return settings("one") | other


def test_a_manifest_is_such_a_file():
    assert run(["fit", "--config", "run.toml"], debug=True) == 0
    assert run(["fit", "--config", "one/manifest.json", "--out", "four"], debug=True) == 0
    assert settings("four") == settings("one")
    assert weights("four") == weights("one")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('data = "digits"', "names no model"),
        ('model = "vae"\nsteps = 3\nlatentdim = 4', "'latentdim', which is no setting; did you"),
        ('model = "vea"\ndata = "digits"', "no model is called 'vea'"),
        ("model = ", "cannot be read as settings"),
    ],
)
def test_mistakes_are_told_in_a_line(text, told, capsys):
    Path("run.toml").write_text(text)
    assert run(["fit", "--config", "run.toml"], debug=False) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert run(["fit", "--config", "absent.toml"], debug=False) == 2
    assert "absent.toml cannot be read" in capsys.readouterr().err
