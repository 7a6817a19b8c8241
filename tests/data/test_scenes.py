"""Scenes show what their captions say, and some pairs only where they are asked for."""

import numpy as np
import pytest

import genlearn as gl
from genlearn.data import open_data
from genlearn.data.sources import toy_captions
from genlearn.data.sources.toy_captions import (
    ATTRIBUTES,
    COLOURS,
    caption,
    draw_attributes,
    held_out,
    scenes,
)


def test_held_out_pairs_are_apart_and_every_colour_and_shape_is_seen():
    seen, held = draw_attributes(3000, 0), draw_attributes(3000, 0, held=True)
    assert not held_out(seen).any()
    assert held_out(held).all()
    for rows in (seen, held):
        assert all(
            set(rows[:, column]) == set(range(len(names)))
            for column, names in enumerate(ATTRIBUTES.values())
        )
    assert not {tuple(pair) for pair in seen[:, 2:4]} & {tuple(pair) for pair in held[:, 2:4]}


def test_captions_read_as_a_person_would_write_them():
    assert caption(np.array([0, 1, 0, 3, 2])) == "one large red cross on the left"
    assert caption(np.array([1, 0, 1, 3, 0])) == "two small green crosses at the top"
    assert caption(np.array([2, 0, 5, 2, 1])) == "three small black triangles at the bottom"


@pytest.mark.parametrize("side", [32, 64])
def test_colour_place_size_and_number_are_in_the_pixels(side):
    drawn = scenes(600, 3, side)
    ground = np.median(drawn.values.reshape(600, -1, 3), 1)
    apart = np.abs(drawn.values - ground[:, None, None]).max(3)
    there = apart > 60
    y, x = np.mgrid[:side, :side] / side
    centre = np.stack([(there * axis).sum((1, 2)) / there.sum((1, 2)) for axis in (y, x)], 1) - 0.5
    place = drawn.attributes[:, 4]
    along = np.where(place[:, None] < 2, centre, centre[:, ::-1])
    assert (np.sign(along[:, 0]) == np.where(place % 2 == 0, -1, 1)).all()
    assert (np.abs(along[:, 0]) > np.abs(along[:, 1])).all()
    paint = drawn.values.reshape(600, -1, 3)[
        np.arange(600), apart.reshape(600, -1).argmax(1)
    ].astype(float)
    nearest = np.linalg.norm(paint[:, None] - np.array(list(COLOURS.values())), axis=2).argmin(1)
    assert (nearest == drawn.attributes[:, 2]).mean() > 0.97
    area = there.mean((1, 2))
    for count in range(3):
        small, large = (
            area[(drawn.attributes[:, 0] == count) & (drawn.attributes[:, 1] == size)]
            for size in (0, 1)
        )
        assert small.mean() < 0.5 * large.mean()


def test_the_named_set_is_drawn_at_the_size_asked_for(monkeypatch):
    monkeypatch.setitem(toy_captions._SPLITS, "test", (300, 1, False))
    large = open_data("scenes", resolution=64, split="test")
    assert large.spec.shape == (3, 64, 64)
    np.testing.assert_array_equal(large.values[:100], scenes(300, 1, 64).values[:100])
    assert large.captions == open_data("scenes", split="test").captions
    for wrong in (8, (32, 64)):
        with pytest.raises(ValueError, match="they are square, and at least 16 high"):
            open_data("scenes", resolution=wrong)


def test_nothing_is_cut_off():
    values = scenes(400, 5).values.astype(int)
    border = np.concatenate([values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1]], 1)
    assert (np.abs(border - np.median(values.reshape(400, -1, 3), 1)[:, None]).max(2) < 60).all()


def test_the_named_set_is_the_same_each_time_and_captioned():
    first, again = (gl.open_data("scenes", split="held-out") for _ in range(2))
    assert first.fingerprint == again.fingerprint
    assert first.spec.captions
    assert first.spec.shape == (3, 32, 32)
    assert held_out(draw_attributes(20, 2, held=True)).all()
    assert first.captions[:20] == [caption(row) for row in draw_attributes(5000, 2, held=True)[:20]]
