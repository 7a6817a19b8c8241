"""The image is built where a builder is at hand."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker here")
def test_the_image_is_built_and_answers():
    subprocess.run(["docker", "build", "-q", "-t", "genlearn-test", str(ROOT)], check=True)
    done = subprocess.run(
        ["docker", "run", "--rm", "genlearn-test", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Answer requests" in done.stdout
