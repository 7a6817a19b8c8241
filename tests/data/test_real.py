"""On real data, where $GENLEARN_DATA says it is."""

import hashlib
import os

import pytest

from genlearn.data import inspect_data, open_data, splits

pytestmark = pytest.mark.skipif(
    "GENLEARN_DATA" not in os.environ, reason="GENLEARN_DATA is not set"
)


def test_mnist():
    assert splits("mnist") == ["train", "test"]
    data = open_data("mnist")
    assert data.values.shape == (60000, 28, 28)
    assert data.labels[:5].tolist() == [5, 0, 4, 1, 9]
    content = data.values.tobytes()
    head = bytes.fromhex("00000803") + b"".join(n.to_bytes(4, "big") for n in data.values.shape)
    assert hashlib.md5(head + content).hexdigest() == "6bbc9ace898e44ae57da46a324031adb"
    assert len(open_data("mnist", split="test")) == 10000


def test_emoji():
    report = inspect_data("emoji")
    assert (report.count, report.shape, report.captions) == (3543, (64, 64, 3), 3543)
    assert report.notes == ("1 other files not read: LICENSE",)


def test_cifar10():
    data = open_data("cifar10", split="test")
    assert data.values.shape == (10000, 32, 32, 3)
    assert data.spec.classes[3] == "cat"
    assert (sorted(set(data.labels.tolist()))) == list(range(10))
