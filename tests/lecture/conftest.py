"""A lecture on a few small digits, made once."""

from socket import AF_INET, AF_INET6

import numpy as np
import pytest
from sklearn.datasets import load_digits

from genlearn.lecture import lecture

STEPS = 2


@pytest.fixture(scope="session")
def digits_file(tmp_path_factory):
    """300 digits with their classes."""
    digits = load_digits()
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    np.savez(path, images=digits.images[:300].astype("uint8"), label=digits.target[:300])
    return path


@pytest.fixture(scope="session")
def told():
    """What the lecture said while it was made."""
    return []


@pytest.fixture(scope="session")
def page(digits_file, tmp_path_factory, told):
    """The page of the lecture, which asks nothing of a network."""
    out = tmp_path_factory.mktemp("lecture") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.socket.connect", _refuse)
        return lecture(digits_file, out, steps=STEPS, size="tiny", label="label", tell=told.append)


def _refuse(socket, address):
    if socket.family in (AF_INET, AF_INET6):
        raise AssertionError(f"a connection to {address} was asked for")
