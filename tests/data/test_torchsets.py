import numpy as np
import pytest
import torch
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import IterableDataset, TensorDataset

from genlearn.core.errors import UserError
from genlearn.data import open_data


class Items(TorchDataset):
    def __init__(self, items, classes=()):
        self.items, self.classes = items, classes

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def test_tensors_are_channels_first():
    x = torch.linspace(0, 1, 360).reshape(5, 3, 4, 6)
    data = open_data(TensorDataset(x, torch.tensor([0, 1, 2, 1, 0])))
    np.testing.assert_array_equal(data.values, x.permute(0, 2, 3, 1))
    assert data.labels.tolist() == [0, 1, 2, 1, 0]
    assert open_data(TensorDataset(torch.zeros(5, 1, 4, 6))).values.shape == (5, 4, 6)
    assert open_data(TensorDataset(torch.zeros(5, 7))).values.shape == (5, 7)


def test_arrays_are_channels_last():
    assert open_data(Items([np.zeros((4, 6, 3), np.uint8)] * 2)).values.shape == (2, 4, 6, 3)


def test_pictures_of_several_sizes(noise):
    items = [(noise("RGB", (4 + (i == 1), 4), i), i % 2) for i in range(3)]
    data = open_data(Items(items, classes=["cat", "dog"]))
    assert data.values.shape == (3, 4, 4, 3)
    assert data.labels.tolist() == [0, 1, 0]
    assert data.spec.classes == ("cat", "dog")


def test_text_beside_pictures(noise):
    data = open_data(
        Items([(noise("L", (4, 4), i), text) for i, text in enumerate(["a dog", "a cat"])])
    )
    assert data.captions == ["a dog", "a cat"]
    assert data.spec.captions


def test_lists_of_pictures_and_of_paths(noise, save):
    assert open_data([noise("L", (4, 4), 1)]).values.shape == (1, 4, 4)
    paths = [save("a.png"), str(save("b.png"))]
    data = open_data(paths, labels=["x", "y"])
    assert data.names == [str(path) for path in paths]
    assert data.labels.tolist() == [0, 1]


class Endless(IterableDataset):
    def __iter__(self):
        return iter([torch.zeros(2)])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Items([]), "0 examples"),
        (Items([torch.zeros(3), torch.zeros(4)]), r"item 1 has shape \(4,\) and item 0 \(3,\)"),
        (Endless(), "iterable dataset"),
    ],
)
def test_bad_sets(source, message):
    with pytest.raises(UserError, match=message):
        open_data(source)


def test_second_parts_that_are_no_labels():
    data = open_data(Items([(torch.zeros(3), {"box": 1})] * 2))
    assert data.labels is None
    assert "left out" in data.notes[0]
