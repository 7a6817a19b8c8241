import sys

import datasets
import datasets.config
import numpy as np
import pytest
from huggingface_hub import constants

from genlearn.core.errors import UserError
from genlearn.data import open_data, splits
from genlearn.data.sources import huggingface


@pytest.fixture
def pets(noise):
    """A dataset with images, classes and captions."""
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["cat", "dog"]),
            "text": datasets.Value("string"),
        }
    )
    rows = {
        "image": [noise("RGB", (5, 4), i) for i in range(3)],
        "label": [1, 0, 1],
        "text": ["a", "b", "c"],
    }
    return datasets.Dataset.from_dict(rows, features=features)


def check(data):
    assert data.values.shape == (3, 4, 5, 3)
    assert data.spec.classes == ("cat", "dog")
    assert data.labels.tolist() == [1, 0, 1]
    assert data.captions == ["a", "b", "c"]


def test_a_dataset_in_memory(pets):
    check(open_data(pets))
    assert open_data(pets.select([2, 0])).captions == ["c", "a"]


def test_a_dict_of_datasets(pets):
    both = datasets.DatasetDict({"test": pets.select([0]), "train": pets})
    assert splits(both) == ["train", "test"]
    check(open_data(both))


def test_saved_on_disk(pets, tmp_path):
    pets.save_to_disk(tmp_path / "pets")
    check(open_data(tmp_path / "pets"))


def test_a_table(tmp_path):
    assert open_data(datasets.Dataset.from_dict({"a": [1, 2], "b": [0.5, 1.5]})).spec.columns == (
        "a",
        "b",
    )


def test_by_name_from_the_hub(pets, monkeypatch):
    asked = []

    def load_dataset(name, *, split, cache_dir):
        asked.append((name, split))
        return pets

    monkeypatch.setattr(huggingface, "_answers", lambda address: True)
    monkeypatch.setattr(datasets, "get_dataset_split_names", lambda name: ["test", "train"])
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    check(open_data("owner/pets"))
    assert asked == [("owner/pets", "train")]
    monkeypatch.delenv("GENLEARN_DATA", raising=False)
    check(open_data("cifar10", split="test"))
    assert asked[1:] == [("uoft-cs/cifar10", "test")]


def test_without_a_network_one_line_says_where_to_put_the_files(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface, "_answers", lambda address: False)
    monkeypatch.setenv("GENLEARN_DATA", str(tmp_path))
    before = datasets.config.HF_HUB_OFFLINE
    with pytest.raises(
        UserError,
        match=r"'mnist' is not here .* \(there is no network\); put its files in .*/mnist",
    ):
        open_data("mnist")
    assert before == datasets.config.HF_HUB_OFFLINE


@pytest.mark.parametrize("reachable", [True, False])
def test_the_libraries_are_left_as_they_were(reachable, pets, monkeypatch):
    """Without a network they are told so, for as long as the set is looked for."""
    places = [(datasets.config, "HF_HUB_OFFLINE"), (constants, "HF_HUB_OFFLINE")]
    for place in places:
        monkeypatch.setattr(*place, False)
    before, inside = [False, False], []

    def load_dataset(name, *, split, cache_dir):
        inside.append([getattr(*place) for place in places])
        if len(inside) > 1:
            raise OSError
        return pets

    monkeypatch.setattr(huggingface, "_answers", lambda address: reachable)
    monkeypatch.setattr(datasets, "get_dataset_split_names", lambda name: ["train"])
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    open_data("owner/pets")
    assert [getattr(*place) for place in places] == before
    with pytest.raises(UserError):
        open_data("owner/pets")
    assert [getattr(*place) for place in places] == before
    assert all(seen == [not reachable] * 2 for seen in inside)


def test_a_local_path_never_asks_the_network(monkeypatch, save, tmp_path):
    def forbidden(*arguments, **options):
        raise AssertionError("the network was tried")

    monkeypatch.setattr("socket.socket.connect", forbidden)
    save("photos/a.png")
    np.save(tmp_path / "a.npy", np.eye(3))
    monkeypatch.chdir(tmp_path)
    assert len(open_data("photos")) == 1
    assert len(open_data("a.npy")) == 3
    with pytest.raises(UserError, match=r"did you mean 'a\.png'"):
        open_data("photos/b.png")


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match=r"datasets is needed.*pip install 'genlearn\[hub\]'"):
        huggingface.HubSource("someone/pets", "pets").splits()
