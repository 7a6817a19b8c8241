"""The image is built where a builder is at hand."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _builder():
    """Whether a daemon answers, and not its client alone."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not _builder(), reason="there is no builder of images here")
def test_the_image_is_built_and_answers():
    subprocess.run(["docker", "build", "-q", "-t", "genlearn-test", str(ROOT)], check=True)
    done = subprocess.run(
        ["docker", "run", "--rm", "genlearn-test", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Answer requests" in done.stdout
