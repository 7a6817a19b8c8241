"""Independent implementations. Both packages import torchvision, for images that are not used here;
a torchvision that is missing or was built for another torch is stood in for while they load."""

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

# what is not to be found again as it was loaded beside a stand-in
_MISLED = ("torchvision", "transformers")


class StandIn(ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(name)

    def __call__(self, *arguments, **named):
        return self

    def __mro_entries__(self, bases):
        return ()


class Finder:
    def find_spec(self, name, path=None, target=None):
        return (
            ModuleSpec(name, self, is_package=True) if name.split(".")[0] == "torchvision" else None
        )

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


def load(name):
    """The module ``name``, or skip."""
    if sys.modules.get("torchvision"):
        return importlib.import_module(name)
    # by `foreign.huggingface`
    hidden = {
        module: sys.modules.pop(module) for module in ["torchvision"] if module in sys.modules
    }
    before = set(sys.modules)
    sys.meta_path.insert(0, finder := Finder())
    try:
        return importlib.import_module(name)
    except ImportError:
        return pytest.skip(f"{name} is not installed")
    finally:
        sys.meta_path.remove(finder)
        for module in [m for m in sys.modules if m.split(".")[0] in _MISLED and m not in before]:
            del sys.modules[module]
        sys.modules.update(hidden)
