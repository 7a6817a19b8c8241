"""Write docs/models/NAME.md for every model, from its docstrings and hyper-parameters, and docs/scoreboard.md from those of the measures.

python docs/generate.py [--check]
"""

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path
from typing import Any

from genlearn.contest import contest, tune
from genlearn.core import capabilities, drawing
from genlearn.core.hyper import Hyper, hypers
from genlearn.core.registry import available, find
from genlearn.core.training import Common, Composer, Training
from genlearn.evaluate import copies, cost, embedding, features, intervals, latents, latentspace, likelihood, metrics, reconstruction, yardstick
from genlearn.evaluate import scoreboard as scores
from genlearn.evaluate.judge import JUDGED
from genlearn.evaluate.measure import Measure
from genlearn.evaluate.metrics import FEATURE_METRICS, IMAGE_METRICS, TABLE_METRICS

PAGES = Path(__file__).parent
ABILITIES = {
    capabilities.Samples: "samples",
    capabilities.Encodes: "encodes and decodes",
    capabilities.Scores: "scores log p(x)",
    capabilities.Denoises: "denoises",
    capabilities.Inpaints: "inpaints",
    drawing.Conditional: "draws a class that is asked for",
    drawing.Stepwise: "draws in steps of any number",
    drawing.Converges: "trades steps for quality",
    drawing.Steered: "starts from an example where asked to",
    capabilities.Enlarges: "enlarges small examples",
    drawing.Diffuses: "shows the way to noise and back",
}


_SETTINGS = {"pipeline": ('source="stable-diffusion/"', "--source stable-diffusion/")}  # of models that cannot do without


def page(name: str) -> str:
    """The page of one model: theory, equation, abilities, use, hyper-parameters."""
    model = find(name)
    theory = inspect.getdoc(sys.modules[model.__module__]) or ""
    title, _, text = theory.partition("\n\n")
    abilities = ", ".join(word for kind, word in ABILITIES.items() if issubclass(model, kind))
    composed, draws = issubclass(model, Composer), issubclass(model, capabilities.Samples)
    steps, shared = composed or issubclass(model, Training), hypers(Composer if composed else Training)
    own = {key: h for key, h in hypers(model).items() if key not in shared or h.default != shared[key].default}
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
            f'model = gl.{model.__name__}({_SETTINGS.get(name, ("steps=2000" if steps else "",))[0]}).fit("digits")',
            "model.sample(16, seed=7)" if draws else "model.enlarge(small, seed=7)  # images of half the height and width",
            "```",
            "",
            "```",
            f"genlearn fit {name} digits {_SETTINGS.get(name, ('', '--steps 2000' if steps else ''))[1]}".rstrip(),
            f"genlearn sample runs/{name}-digits" if draws else f"genlearn enlarge runs/{name}-digits small/",
            "```",
            "",
            "## Hyper-parameters",
            "",
            _table(own),
            "",
            *(_PARTS if composed else _TRAINING if steps else _COMMON),
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
_PARTS = ("## Training", "", "Shared by all models that are made of models.", "", _table(hypers(Composer)))
_COMMON = ("## Fitting", "", "In one go, without training. Shared by all models:", "", _table(hypers(Common)))


def scoreboard() -> str:
    """The page of the scoreboard: how it is made, what each number means, and each measure's theory."""
    parts = [contest, yardstick, scores, tune, intervals, features]
    theories = [*metric_modules(), likelihood, reconstruction, embedding, latentspace, latents, copies, cost]
    return (
        "\n\n".join(
            [
                "# The scoreboard",
                "```\ngenlearn compare DATA --budget 10m      # every model that suits the data; comparison-DATA/report.html\n"
                "genlearn evaluate RUN DATA              # one run, by the same yardstick\n```",
                *[_section(inspect.getdoc(part) or "", "##") for part in parts],
                "## What each number means",
                _measures([m for part in (FEATURE_METRICS, IMAGE_METRICS, TABLE_METRICS) for metric in part for m in metric.measures]),
                _measures([yardstick.USEFULNESS, *(m for part in JUDGED for m in part.MEASURES)]),
                "## Each measure's theory",
                *[_section(inspect.getdoc(theory) or "", "###") for theory in theories],
            ]
        )
        + "\n"
    )


def metric_modules() -> list[Any]:
    """The modules of `genlearn.evaluate.metrics`, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(metrics.__path__) if module.name != "distances")
    return [importlib.import_module(f"{metrics.__name__}.{name}") for name in names]


def _section(text: str, level: str) -> str:
    title, _, rest = _prose(text).partition("\n\n")
    return f"{level} {' '.join(title.split()).rstrip('.')}\n\n{rest}".rstrip()


def _measures(measures: list[Measure]) -> str:
    rows = [f"| {m.title} | `{m.key}` | {m.better} | {m.meaning} | {m.reference} |" for m in measures]
    return "\n".join(["| measure | key | better | what it tells | reference |", "|---|---|---|---|---|", *rows])


def main(check: bool) -> int:
    """Write all pages, or say which are out of date."""
    pages = {f"models/{name}.md": page(name) for name in available()} | {"scoreboard.md": scoreboard()}
    stale = [name for name, text in pages.items() if not (PAGES / name).exists() or (PAGES / name).read_text() != text]
    for name in [] if check else stale:
        (PAGES / name).write_text(pages[name])
    print("\n".join(f"{'out of date' if check else 'wrote'}: docs/{name}" for name in stale) or "all pages are up to date")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
