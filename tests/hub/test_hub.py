"""A run goes to a hub and comes back; the hub is a folder."""

import json
import shutil
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
from helpers import blobs, small

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.engine.runs.run import Run
from genlearn.hub.repository import pull, push

FIGURE = {"value": 1.25, "low": 1.0, "high": 1.5, "n": 200}
REPORT = {
    "data": {
        "fingerprint": "abc",
        "train": 40,
        "held_out": 20,
        "held_out_fingerprint": "def",
        "split": "20 of 60 held out",
    },
    "protocol": {"date": "2026-11-30", "seed": 0},
    "metrics": {"frechet/learned": {"title": "Distance", "better": "lower", "space": "learned"}},
    "floor": {"frechet/learned": FIGURE | {"value": 0.5, "low": None}},
    "ceiling": {},
    "models": [
        {
            "name": "small vae",
            "model": "vae",
            "status": "done",
            "figures": {"frechet/learned": FIGURE, "unknown": FIGURE},
            "copies": {"accused": True, "p": 0.001, "suspects": 3},
            "notes": ["watched for 3 s"],
        },
        {"name": "gmm", "model": "gmm", "status": "failed", "figures": {}},
    ],
}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """What was uploaded, by repository."""
    place = tmp_path / "hub"

    class Api:
        def create_repo(self, name, private, exist_ok):
            if name == "not/mine":
                raise PermissionError("403 Forbidden")
            (place / name).mkdir(parents=True, exist_ok=exist_ok)
            return f"https://hub/{name}"

        def upload_folder(self, repo_id, folder_path, allow_patterns, commit_message):
            for name in allow_patterns:
                if (Path(folder_path) / name).exists():
                    shutil.copy(Path(folder_path) / name, place / repo_id / name)

    def download(name, local_dir, allow_patterns):
        for file in allow_patterns:
            if (place / name / file).exists():
                shutil.copy(place / name / file, Path(local_dir) / file)

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    return place


@pytest.fixture
def run(tmp_path):
    small("vae", steps=4).fit(blobs(40, 8, 8), out=tmp_path / "secret" / "run")
    return tmp_path / "secret" / "run"


def test_a_run_comes_back_as_it_went(hub, run, tmp_path):
    where = push(run, "me/vae", license="mit", private=True)
    assert where == "https://hub/me/vae"
    assert {file.name for file in (hub / "me/vae").iterdir()} == {
        "manifest.json",
        "weights.safetensors",
        "README.md",
        "samples.png",
    }
    pull("me/vae", tmp_path / "back")
    np.testing.assert_array_equal(
        gl.load(tmp_path / "back").sample(5, seed=1), gl.load(run).sample(5, seed=1)
    )


def test_places_of_this_machine_stay_here(hub, run):
    push(run, "me/vae", license="mit")
    for file in ("manifest.json", "README.md"):
        assert "secret" not in (hub / "me/vae" / file).read_text()


def test_the_card_says_what_was_measured(hub, run, tmp_path):
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    how = {"license": "mit", "data_license": "cc-by-4.0", "report": tmp_path / "report.json"}
    push(run, "me/vae", **how)
    card = (hub / "me/vae/README.md").read_text()
    for said in (
        "license: mit",
        "licence: cc-by-4.0",
        "| Distance (learned features) | lower | 1.25 [1, 1.5] | 200 | 0.5 |  |",
        "Against 20 examples (digest def), beside 40 others (digest abc): 20 of 60 held out.",
        f"digest: {Run(run).manifest['data']['fingerprint']}",
        "**copies training examples** (p = 0.001, 3 suspects)",
        "watched for 3 s",
    ):
        assert said in card
    with pytest.raises(UserError, match=r"0 models of kind vae called 'gmm'; .* of: small vae"):
        push(run, "me/vae", model="gmm", **how)


def test_without_figures_the_card_says_so(hub, run):
    told = []
    push(run, "me/vae", license="mit", tell=told.append)
    assert "None were measured" in (hub / "me/vae/README.md").read_text()
    assert any("genlearn evaluate" in line for line in told)


def test_what_cannot_be_is_told(hub, run, tmp_path):
    with pytest.raises(UserError, match="not/mine was not uploaded: 403"):
        push(run, "not/mine", license="mit")
    with pytest.raises(UserError, match=r"holds no manifest.json"):
        pull("me/nothing", tmp_path / "new")
    with pytest.raises(UserError, match="there already"):
        pull("me/vae", run)
    with pytest.raises(UserError, match="no report"):
        push(run, "me/vae", license="mit", report=tmp_path / "nowhere.json")
