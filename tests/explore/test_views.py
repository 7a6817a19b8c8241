"""Steps, trainings, players and styles."""

import shutil

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small

from genlearn.core.errors import UserError
from genlearn.explore import VIEWS, Question
from genlearn.explore.animation import gif
from genlearn.explore.picture import frames, still
from genlearn.explore.sheet import evenly
from genlearn.explore.views import View


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of three kinds."""
    place = tmp_path_factory.mktemp("runs")
    return {
        name: (str(place / name), small(name, **how).fit(blobs(60), out=place / name))
        for name, how in (("stylegan", {"steps": 12}), ("flow", {}), ("vae", {"latent_dim": 3}))
    }


def asked(run, told=None, **more):
    name, model = run
    told = [] if told is None else told
    return Question({name: model}, lambda n: blobs(60)[:n], told.append, **more)


def test_steps_are_from_one_noise(runs):
    _, model = runs["flow"]
    (sheet,) = VIEWS["steps"].draw(asked(runs["flow"], number=2, columns=4)).sheets
    assert sheet.columns == ("1 step", "2 steps", "4 steps", "8 steps")
    np.testing.assert_array_equal(sheet.values[:, 2], model.sample(2, seed=0, steps=4))


def test_a_model_of_few_steps_is_shown_in_those(monkeypatch, runs):
    name, model = runs["flow"]
    told, sample = [], type(model).sample

    def few(self, n, *, steps=2, **how):
        if steps > 2:
            raise UserError(f"steps={steps} was given; at most 2")
        return sample(self, n, steps=steps, **how)

    monkeypatch.setattr(type(model), "sample", few)
    (sheet,) = VIEWS["steps"].draw(asked((name, model), told)).sheets
    assert sheet.columns == ("1 step", "2 steps")
    assert told == ["steps=4 was given; at most 2"]
    assert "data:image/png" in model._repr_html_()


def test_steps_of_what_draws_at_once_are_those_of_its_training(runs):
    told = []
    shown = VIEWS["steps"].draw(asked(runs["vae"], told))
    assert "draws at once" in told[0]
    assert shown.sheets[0].columns[-1] == "10"


def test_a_training_is_told_by_its_previews_and_damaged_ones_are_named(runs, tmp_path):
    shutil.copytree(runs["vae"][0], tmp_path / "copy")
    run, told = (str(tmp_path / "copy"), runs["vae"][1]), []
    (sheet,) = VIEWS["training"].draw(asked(run, number=3)).sheets
    last = np.load(tmp_path / "copy/samples/00000010.npy")
    np.testing.assert_array_equal(sheet.values[:, -1], last[:3])
    (tmp_path / "copy/samples/00000010.npy").write_bytes(b"\x93NUMPY")
    np.save(tmp_path / "copy/samples/00000009.npy", np.zeros((3, 5, 5)))
    shown = VIEWS["training"].draw(asked(run, told))
    assert shown.sheets[0].columns[-1] == "8"
    assert [line.split(" is damaged")[0][-12:] for line in told] == ["00000009.npy", "00000010.npy"]
    for preview in (tmp_path / "copy/samples").iterdir():
        preview.unlink()
    with pytest.raises(UserError, match=r"has 0 previews"):
        VIEWS["training"].draw(asked(run))


def test_players_are_shown_as_their_history_says(runs):
    _, model = runs["stylegan"]
    (sheet,) = VIEWS["players"].draw(asked(runs["stylegan"])).sheets
    assert set(sheet.curves.lines) == {"D(data)", "D(samples)"}
    line = sheet.curves.lines["D(data)"]
    np.testing.assert_array_equal(line[:, 1], model.history.curves()[:, 2])
    assert ((line[:, 1] >= 0) & (line[:, 1] <= 1)).all()
    with pytest.raises(UserError, match="plays against a discriminator"):
        VIEWS["players"].draw(asked(runs["vae"]))


def test_styles_are_mixed_and_truncated(runs):
    _, model = runs["stylegan"]
    mixing, truncation = VIEWS["styles"].draw(asked(runs["stylegan"], number=3)).sheets
    coarse, fine, mixed = model.mix_styles(3, 3, seed=0)
    np.testing.assert_array_equal(mixing.values[1:, 0], coarse)
    np.testing.assert_array_equal(mixing.values[0, 1:], fine)
    np.testing.assert_array_equal(mixing.values[1:, 1:], mixed)
    np.testing.assert_array_equal(truncation.values[:, -1], model.sample(3, seed=0))
    # at 0 all have the average style, and differ in their noise alone
    spread = truncation.values.astype(float).std(0).mean((1, 2))
    assert spread[0] <= spread[-1]


def test_latents_stand_by_growing_size_with_their_errors():
    two = {f"run{k}": small("ppca", latent_dim=k).fit(blobs(100)) for k in (8, 2)}
    question = Question(two, lambda n: blobs(60)[:n], print, number=4)
    (sheet,) = VIEWS["latents"].draw(question).sheets
    assert [name.split(",")[0] for name in sheet.rows] == ["data", "2 latents", "8 latents"]
    error = np.square((sheet.values[1].astype(float) - sheet.values[0]) / 255).mean()
    assert f"error {error:.2g}" in sheet.rows[1]
    two["run3"] = small("ppca", latent_dim=2).fit(blobs(40, 8, 8))
    with pytest.raises(UserError, match=r"run8 has images of shape .* run3"):
        VIEWS["latents"].draw(question)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_table_is_told_what_shows_it(view: View):
    model = small("ppca", latent_dim=2).fit(gaussian_table(50))
    with pytest.raises(UserError, match=r"learned from no images.*interpolate"):
        view.draw(Question({"run": model}, lambda n: None, print))


@pytest.mark.parametrize("what", ["walk", "steps", "process", "training", "players", "styles"])
def test_films_are_equal_each_time_and_of_limited_size(runs, what):
    name = {"walk": "vae", "training": "vae", "steps": "flow", "process": "flow"}.get(
        what, "stylegan"
    )
    shown = VIEWS[what].draw(asked(runs[name], film=True))
    spec = runs[name][1].spec_
    film = list(frames(shown, spec))
    assert len({frame.size for frame in film}) == 1
    assert max(film[0].size) <= 960
    assert gif(film) == gif(list(frames(shown, spec))) != gif(film[:2])
    assert max(still(shown, spec).size) <= 2560


def test_moments_are_chosen_evenly_with_both_ends():
    assert evenly(11, 6) == [0, 2, 4, 6, 8, 10]
    assert evenly(3, 6) == [0, 1, 2]
