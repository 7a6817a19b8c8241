"""The page of the public names, docs/api.md: functions of the package, what all models have, and
what those with an ability have besides; from their docstrings, for `docs/generate.py`."""

import inspect
import runpy
from typing import Any

import genlearn
from genlearn.core import capabilities
from genlearn.core.registry import available, find
from genlearn.models.base import Estimator

_ABOUT = """# Python

`import genlearn as gl`. A model is a class of its name, as `gl.VAE` ([all of them](models.md)).
What fails because of what was asked raises `genlearn.core.errors.UserError`, a `ValueError` of one
line.

## Functions

{functions}

## Every model

Estimators as scikit-learn means it: `get_params`, `set_params`, `clone` and pipelines work; what
was learned is in attributes that end in `_`, such as `spec_` and `history_`.

{shared}

## Models that can

What a model cannot do is absent from its type, one of `genlearn.core.capabilities`.

{abilities}
"""


def prose(text: str) -> str:
    """Docstring markup as Markdown: indented lines stay blocks, double backquotes become single."""
    return text.replace("``", "`")


def api() -> str:
    """The page."""
    # as they are written: once genlearn.studio is imported, it stands in the function's place
    named = runpy.run_path(genlearn.__file__)
    functions = [named[name] for name in dir(genlearn) if not name.startswith("_")]
    shared = [Estimator.fit, Estimator.partial_fit, Estimator.save]
    return _ABOUT.format(
        functions="\n\n".join(described(function, "gl.") for function in functions),
        shared="\n\n".join(described(method, "model.") for method in shared),
        abilities="\n\n".join(
            ability(kind) for kind in vars(capabilities).values() if is_one(kind)
        ),
    )


def is_one(kind: Any) -> bool:
    """Whether models may be of this type, and are."""
    return inspect.isabstract(kind) and not getattr(kind, "_is_protocol", False)


def ability(kind: type) -> str:
    """What those have that are of this type, and who they are."""
    able = [f"[`{name}`](models/{name}.md)" for name in available() if issubclass(find(name), kind)]
    own = [value for key, value in vars(kind).items() if inspect.isfunction(value)]
    told = [described(method, "model.") for method in own if is_public(method.__name__)]
    about = prose(inspect.getdoc(kind) or "")
    return "\n\n".join([f"### {kind.__name__}", about, f"Models: {', '.join(able)}.", *told])


def is_public(name: str) -> bool:
    """Whether users call it."""
    return not name.startswith(("_", "check_"))


def described(function: Any, owner: str) -> str:
    """Signature without types, and docstring."""
    taken = inspect.signature(function).parameters.items()
    plain = [one.replace(annotation=one.empty) for key, one in taken if key != "self"]
    call = f"{owner}{function.__name__}{inspect.Signature(plain)}"
    return f"```python\n{call}\n```\n\n{prose(inspect.getdoc(function) or '')}"
