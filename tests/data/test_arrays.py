import numpy as np
import pytest
import scipy.sparse
import torch

from genlearn.core.errors import UserError
from genlearn.core.spec import ImageSpec, VectorSpec
from genlearn.data import open_data

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (6, 4, 5), dtype=np.uint8)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (BYTES, (0, 255, 256)),
        (BYTES > 100, (0, 1, 2)),
        ((BYTES > 100).astype(np.uint8) * 255, (0, 255, 2)),
        ((BYTES > 100) * 2.0 - 1, (-1, 1, 2)),
        (BYTES % 17, (0, 16, 17)),
        ((BYTES % 17).astype(np.float64), (0, 16, 17)),
        (BYTES.astype(np.int64), (0, 255, 256)),
        (BYTES.astype(np.float32), (0, 255, 256)),
        (BYTES.astype(np.uint16) * 257, (0, 65535, 65536)),
        (
            BYTES.astype(np.int64) - 100,
            (int(BYTES.min()) - 100, int(BYTES.max()) - 100, int(np.ptp(BYTES)) + 1),
        ),
        (BYTES / 255, (0, 1, 256)),
        ((BYTES / 127.5 - 1).astype(np.float32), (-1, 1, 256)),
        (RNG.random((3, 4, 4)), (0, 1, None)),
        (RNG.uniform(-1, 1, (3, 4, 4)), (-1, 1, None)),
        (np.full((2, 3, 3), 7.5), (7.5, 8.5, None)),
        (np.zeros((2, 3, 3), np.uint8), (0, 255, 256)),
        (np.zeros((2, 3, 3)), (0, 1, 2)),
        (np.full((2, 3, 3), -4), (-4, -3, 2)),
    ],
)
def test_range_of_images(values, expected):
    spec = open_data(values).spec
    assert isinstance(spec, ImageSpec)
    assert (spec.low, spec.high, spec.levels) == expected
    assert torch.isfinite(spec.to_internal(values)).all()


def test_shapes():
    assert open_data(BYTES).spec.shape == (1, 4, 5)
    colour = open_data(np.repeat(BYTES[..., None], 3, -1)).spec
    assert (colour.shape, colour.user_shape, colour.channel_axis) == ((3, 4, 5), (4, 5, 3), True)
    assert open_data(BYTES[..., None]).spec.user_shape == (4, 5, 1)
    assert isinstance(open_data(BYTES.reshape(6, -1)).spec, VectorSpec)


def test_lists_and_tensors_are_arrays():
    assert open_data([[1.0, 2.0], [3.0, 4.5]]).spec.dtype == "float64"
    assert open_data(torch.zeros(3, 2, dtype=torch.bfloat16)).spec.dtype == "float32"
    assert open_data(torch.from_numpy(BYTES)).fingerprint == open_data(BYTES).fingerprint
    assert open_data(np.array([[1, 2.5], [3, 4]], dtype=object)).spec.dtype == "float64"


def test_a_dataset_is_returned_as_it_is():
    data = open_data(BYTES)
    assert open_data(data) is data


def test_labels_of_all_kinds():
    data = open_data(BYTES, labels=["b", "a", "b", "c", "a", "b"])
    assert data.spec.classes == ("a", "b", "c")
    assert data.labels.tolist() == [1, 0, 1, 2, 0, 1]
    assert open_data(BYTES, labels=np.array([5, 7, 5, 5, 5, 9.0])).spec.classes == ("5", "7", "9")
    assert open_data(
        BYTES, labels=torch.tensor([[1], [0], [0], [0], [0], [0]])
    ).labels.tolist() == [1, 0, 0, 0, 0, 0]
    assert open_data(BYTES, labels=RNG.random(6)).labels is None
    assert "fractions" in open_data(BYTES, labels=RNG.random(6)).notes[0]


def test_fingerprint_names_values_and_labels():
    one, two = open_data(BYTES), open_data(BYTES.copy())
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != open_data(BYTES, labels=range(6)).fingerprint
    assert one.fingerprint != open_data(BYTES[::-1]).fingerprint
    assert one.fingerprint != open_data(BYTES.reshape(6, 5, 4)).fingerprint


def test_batch_and_take():
    data = open_data(BYTES, labels=range(6))
    x, y = data.batch(np.array([4, 1]))
    assert x.shape == (2, 1, 4, 5)
    assert x.dtype == torch.float32
    assert y.tolist() == [4, 1]
    torch.testing.assert_close(x, data.spec.to_internal(BYTES[[4, 1]]))
    some = data.take(np.array([5, 0, 2]))
    np.testing.assert_array_equal(some.values, BYTES[[5, 0, 2]])
    assert some.labels.tolist() == [5, 0, 2]
    assert some.spec == data.spec
    assert np.shares_memory(data.take(slice(1, 4)).values, BYTES)
    assert len(data.take(np.array([], dtype=int))) == 0


def test_stochastic_binarisation_is_drawn_anew_for_batches_only():
    data = open_data(RNG.random((2, 16, 16)), binarise="stochastic")
    index = np.arange(2)
    with torch.random.fork_rng():
        assert not torch.equal(data.batch(index)[0], data.batch(index)[0])
    assert torch.equal(data.spec.to_internal(data.values), data.spec.to_internal(data.values))


def test_tables_have_means_and_scales():
    values = np.column_stack([RNG.normal(5, 3, 100), np.full(100, 0.1), np.arange(100)])
    spec = open_data(values).spec
    np.testing.assert_allclose(spec.mean, values.mean(0))
    np.testing.assert_allclose(spec.scale, [values[:, 0].std(), 1, values[:, 2].std()])
    whole = open_data(np.arange(6).reshape(3, 2)).spec
    assert whole.to_user(torch.tensor([[0.2, -0.2]])).tolist() == [[2, 3]]  # means 2 and 3


def test_resolution_resizes_arrays():
    data = open_data(BYTES, resolution=(8, 10))
    assert data.values.shape == (6, 8, 10)
    assert data.values.dtype == np.uint8
    assert data.notes == ("resized from 5x4 to 10x8",)
    assert open_data(
        np.stack([BYTES / 255] * 3, -1).astype(np.float32), resolution=2
    ).values.shape == (6, 2, 2, 3)


def nan_at(*places, shape=(4, 3)):
    values = np.ones(shape)
    for place in places:
        values[place] = np.nan
    return values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(5), "Reshape your data"),
        (np.float64(3), "Reshape your data"),
        ([], "Reshape your data"),
        (np.zeros((0, 3)), "0 sample"),
        (
            np.zeros((12, 0)),
            r"0 feature\(s\) \(shape=\(12, 0\)\) while a minimum of 1 is required.",
        ),
        (np.zeros((3, 0, 4)), "0 feature"),
        (np.zeros((2, 3, 4, 5, 6)), r"\(N, H, W, C\)"),
        (np.zeros((2, 3, 32, 32)), "transpose"),
        (np.ones((3, 2)) * 1j, "Complex data not supported"),
        (
            nan_at((0, 1), (2, 1)),
            r"2 values are NaN or infinite \(inf\), in 2 of 4 examples \(columns 1\)",
        ),
        (nan_at((3, 0, 0), shape=(4, 3, 3)), r"images 3"),
        (np.array([[1.0, np.inf]]), "inf"),
        ([[1, 2], [3]], "one shape"),
        ([["a", "b"]], "not numbers"),
        (np.array([[{"a": 1}, 2]], dtype=object), "argument must be a string or a number"),
        (scipy.sparse.eye(3), "sparse"),
        (np.array([["2020-01-01"]], dtype="M8[D]"), "dates or times"),
        (np.ma.masked_array(np.eye(3), np.eye(3) > 0), "3 values are NaN"),
        (np.full((3, 2), 1e300) * [[1], [-1], [1]], "too large"),
    ],
)
def test_bad_arrays(values, message):
    with pytest.raises(UserError, match=message) as caught:
        open_data(values)
    assert "\n" not in str(caught.value)


def test_things_that_are_no_numbers_are_type_errors_too():
    with pytest.raises(TypeError, match="argument must be"):
        open_data(np.array([[{}, 2]], dtype=object))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": [1, 2]}, "2 labels were given for 6 examples"),
        ({"labels": np.zeros((6, 2))}, "one label for each"),
        ({"split": "test"}, "no splits"),
        ({"resolution": 0}, "integer from 1 to 65,536"),
        ({"resolution": True}, "integer from 1 to 65,536"),
        ({"binarise": "maybe"}, "binarise"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(UserError, match=message):
        open_data(BYTES, **options)


@pytest.mark.parametrize("options", [{"binarise": "threshold"}, {"resolution": 8}, {"label": "y"}])
def test_options_that_are_not_for_tables(options):
    with pytest.raises(UserError, match=next(iter(options))):
        open_data(np.eye(3), **options)


def test_labels_beside_the_array_of_an_object_type():
    assert open_data(np.eye(3), labels=np.array([1, 2, 1], dtype=object)).labels.tolist() == [
        0,
        1,
        0,
    ]
