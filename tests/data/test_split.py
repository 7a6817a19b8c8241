"""Held-out data is apart from training data, fixed by the seed, and unknown to what is measured
beforehand."""

import numpy as np
import pytest
from helpers import blobs, gaussian_table
from PIL import Image

from genlearn.cli.data_io import read_like
from genlearn.data.open.opening import open_data
from genlearn.data.split import divide, hold_out


def rows(data):
    return {row.tobytes() for row in np.ascontiguousarray(data.values)}


@pytest.mark.parametrize(
    ("n", "share"), [(60, 1 / 3), (600, 1 / 3), (4000, 1 / 4), (20_000, 1 / 5)]
)
def test_parts_are_apart_and_make_up_the_whole(n, share):
    table = gaussian_table(n, 3)
    split = hold_out(table)
    assert not rows(split.train) & rows(split.held_out)
    assert len(split.train) + len(split.held_out) == n
    assert len(split.held_out) == pytest.approx(share * n, rel=0.05)


def test_never_more_than_ten_thousand_are_held_out():
    assert len(hold_out(np.zeros((60_000, 1)) + np.arange(60_000)[:, None]).held_out) == 10_000


def test_the_seed_fixes_the_split():
    images = blobs()
    first = hold_out(images, seed=0)
    same = hold_out(images, seed=0)
    other = hold_out(images, seed=1)
    assert first.train.fingerprint == same.train.fingerprint != other.train.fingerprint


def test_the_scale_of_a_table_is_that_of_its_training_part():
    split = hold_out(gaussian_table(300, 4))
    inside = split.train.spec.to_internal(split.train.values).numpy()
    np.testing.assert_allclose(inside.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(inside.std(0), 1, atol=1e-5)
    assert split.held_out.spec == split.train.spec


def test_a_test_split_is_what_is_held_out(tmp_path):
    table = gaussian_table(200, 3)
    for name, part in (("train", table[:120]), ("test", table[120:])):
        np.savetxt(tmp_path / f"{name}.csv", part, delimiter=",", header="a,b,c", comments="")
    split = hold_out(str(tmp_path))
    assert (len(split.train), len(split.held_out)) == (120, 80)
    assert "came with the data" in split.how


def test_labels_stay_with_their_examples():
    images, labels = blobs(), np.arange(160) % 4
    split = divide(open_data(images, labels=labels), seed=0)
    where = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    assert all(
        where[image.tobytes()] == label
        for image, label in zip(split.held_out.values, split.held_out.labels, strict=True)
    )


@pytest.mark.parametrize("n", [3, 49])
def test_fewer_than_fifty_examples_are_refused_in_one_line(n):
    with pytest.raises(ValueError, match=f"{n} examples were given") as error:
        hold_out(gaussian_table(n, 3))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["test", "testing", "Test", "evaluation"])
def test_an_authors_test_part_is_held_out_however_it_is_spelled(name, tmp_path):
    for part, count in (("training", 60), (name, 20)):
        (tmp_path / part).mkdir()
        for index, image in enumerate(blobs(count, seed=count)):
            Image.fromarray(image).save(tmp_path / part / f"{index}.png")
    split = hold_out(tmp_path)
    assert (len(split.train), len(split.held_out)) == (60, 20)
    assert split.how == "the test split that came with the data"
    assert len(read_like(str(tmp_path), split.train.spec, held_out=True)) == 20
