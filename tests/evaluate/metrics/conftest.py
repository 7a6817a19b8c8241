"""Independent implementations."""

import pytest
from independent import load


@pytest.fixture(scope="session")
def fidelity():
    """torch_fidelity's module of that name."""
    return lambda name: load(f"torch_fidelity.{name}")


@pytest.fixture(scope="session")
def torchmetrics_fid():
    return load("torchmetrics.image.fid")
