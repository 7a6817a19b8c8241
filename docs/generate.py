"""Write docs/models/NAME.md for every model, from its docstrings and hyper-parameters.

python docs/generate.py [--check]
"""

import inspect
import sys
from pathlib import Path
from typing import Any

from genlearn.core import capabilities
from genlearn.core.hyper import Hyper, hypers
from genlearn.core.registry import available, find
from genlearn.core.training import Common, Training

PAGES = Path(__file__).parent / "models"
ABILITIES = {
    capabilities.Samples: "samples",
    capabilities.Encodes: "encodes and decodes",
    capabilities.Scores: "scores log p(x)",
    capabilities.Denoises: "denoises",
}


def page(name: str) -> str:
    """The page of one model: theory, equation, abilities, use, hyper-parameters."""
    model = find(name)
    theory = inspect.getdoc(sys.modules[model.__module__]) or ""
    title, _, text = theory.partition("\n\n")
    abilities = ", ".join(word for kind, word in ABILITIES.items() if issubclass(model, kind))
    own = {key: h for key, h in hypers(model).items() if key not in hypers(Training)}
    steps = issubclass(model, Training)
    return "\n".join(
        [
            f"# {title.rstrip('.')}",
            "",
            _prose(text),
            "",
            f"## `{model.__name__}`",
            "",
            _prose(inspect.getdoc(model) or ""),
            "",
            f"It {abilities}.",
            "",
            "```python",
            "import genlearn as gl",
            "",
            f'model = gl.{model.__name__}({"steps=2000" if steps else ""}).fit("digits")',
            "model.sample(16, seed=7)",
            "```",
            "",
            "```",
            f"genlearn fit {name} digits{' --steps 2000' if steps else ''}",
            f"genlearn sample runs/{name}-digits",
            "```",
            "",
            "## Hyper-parameters",
            "",
            _table(own),
            "",
            *(_TRAINING if steps else _COMMON),
            "",
        ]
    )


def _prose(text: str) -> str:
    """Docstring markup as Markdown: indented lines stay blocks, double backquotes become single."""
    return text.replace("``", "`")


def _table(table: dict[str, Hyper]) -> str:
    rows = [f"| `{h.name}` | {_kind(h)} | {_default(h)} | {h.help} |" for h in table.values()]
    return "\n".join(["| name | type | default | what |", "|---|---|---|---|", *rows])


def _kind(h: Hyper) -> str:
    if h.choices:
        return " \\| ".join(h.choices)
    bounds = [f">= {h.low:g}"] if h.low is not None else []
    bounds += [f"<= {h.high:g}"] if h.high is not None else []
    return " ".join([{tuple: "integers"}.get(h.kind, h.kind.__name__), *bounds])


def _default(h: Hyper) -> Any:
    return "derived" if h.default is None else h.default


_TRAINING = ("## Training", "", "Shared by all models that are trained by gradient steps.", "", _table(hypers(Training)))
_COMMON = ("## Fitting", "", "In one go, without training. Shared by all models:", "", _table(hypers(Common)))


def main(check: bool) -> int:
    """Write all pages, or say which are out of date."""
    stale = [name for name in available() if not (PAGES / f"{name}.md").exists() or (PAGES / f"{name}.md").read_text() != page(name)]
    for name in [] if check else stale:
        (PAGES / f"{name}.md").write_text(page(name))
    print("\n".join(f"{'out of date' if check else 'wrote'}: docs/models/{name}.md" for name in stale) or "all pages are up to date")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
