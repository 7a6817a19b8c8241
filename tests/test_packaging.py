"""What is installed is what is tested: the lock and the recipe say what the project says."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "packaging" / "linux-cpu.lock").read_text()
NAMES = {"torch": "pytorch", "prometheus-client": "prometheus_client"}  # as conda-forge has them


def needed():
    """The lowest version of each dependency, by name; those of some systems alone are left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return dict(one.split(">=") for one in project["dependencies"] if ";" not in one)


def pinned(text):
    return dict(re.findall(r"^([\w-]+)==(\S+)", text, re.MULTILINE))


def test_the_lock_has_all_that_is_needed_at_the_versions_that_are_tested():
    locked, tested = pinned(LOCK), pinned((ROOT / "constraints.txt").read_text())
    assert needed().keys() <= locked.keys()
    both = locked.keys() & tested.keys()
    assert {name: locked[name] for name in both} == {name: tested[name] for name in both}


def test_each_file_of_the_lock_has_a_digest_and_none_is_of_cuda():
    for requirement in re.findall(r"^\S.*(?:\n    .*)*", LOCK, re.MULTILINE):
        assert "--hash=sha256:" in requirement
        assert not requirement.startswith(("nvidia", "cuda", "triton"))
    assert "://" not in LOCK


@pytest.mark.parametrize("name", sorted(needed()))
def test_the_conda_recipe_asks_for_what_the_project_needs(name):
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text()
    assert f"    - {NAMES.get(name, name)} >={needed()[name]}\n" in recipe
