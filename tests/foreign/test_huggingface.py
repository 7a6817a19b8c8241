"""Libraries that others wrote: used as they are installed, and the process as it was afterwards."""

import importlib
import sys

import pytest

from genlearn.core.errors import UserError
from genlearn.foreign import huggingface
from genlearn.foreign.huggingface import diffusers, transformers


def package(place, name, content):
    """A package that loads a module of its own and then does what ``content`` says."""
    (place / name).mkdir()
    (place / name / "part.py").write_text("")
    (place / name / "__init__.py").write_text(f"from {name} import part\n{content}\n")


@pytest.mark.parametrize(
    ("name", "content", "absent"),
    [
        ("whole_package", "", False),
        ("package_for_another_torch", "raise RuntimeError('operator nms does not exist')", True),
        ("package_without_its_library", "raise ImportError('undefined symbol')", True),
        ("package_that_misses_another", "import no_such_package", True),
        ("no_package", None, False),
    ],
)
def test_a_package_that_does_not_load_counts_as_absent_inside_alone(
    name, content, absent, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    if content is not None:
        package(tmp_path, name, content)
    modules = set(sys.modules)
    with huggingface._absent_if_broken(name) as found:
        assert found is absent
        there = importlib.util.find_spec(name) is not None
        assert there is (content is not None and not absent)
    left = {module for module in set(sys.modules) - modules if module.startswith(name)}
    assert left == ({name, f"{name}.part"} if there else set())
    assert (importlib.util.find_spec(name) is not None) is (content is not None)
    with pytest.raises(KeyError), huggingface._absent_if_broken(name):
        raise KeyError
    assert name not in sys.modules or there
    for module in left:
        monkeypatch.delitem(sys.modules, module)


@pytest.fixture
def broken(monkeypatch):
    """A torchvision that does not load, and libraries that take it for whole."""
    from diffusers.utils import import_utils
    from transformers.utils.import_utils import is_torchvision_available

    for module in [m for m in sys.modules if m.partition(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(huggingface, "_is_broken", lambda name: True)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, package=None: None if hidden(name) else object()
    )
    monkeypatch.setattr(import_utils, "_torchvision_available", True)
    is_torchvision_available.cache_clear()
    yield lambda: (is_torchvision_available(), import_utils.is_torchvision_available())
    is_torchvision_available.cache_clear()


def hidden(name):
    return name in sys.modules and sys.modules[name] is None


def test_libraries_believe_what_they_did_before(broken):
    assert broken() == (True, True)
    with transformers(""):
        assert broken() == (False, True)
    assert broken() == (True, True)
    with diffusers(""):
        assert broken() == (False, False)
    assert broken() == (True, True)
    with pytest.raises(KeyError), diffusers(""):
        raise KeyError
    assert broken() == (True, True)
    assert "torchvision" not in sys.modules


def test_a_library_that_is_missing_is_told():
    with pytest.raises(UserError, match=r"no_such_library is needed .* pip install 'genlearn"):
        huggingface.library("no_such_library.part", "'genlearn[text]'")
