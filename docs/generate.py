"""Write docs/models/NAME.md for every model, from its docstrings and hyper-parameters, and
docs/api.md and docs/scoreboard.md from those of the public names and of the metrics.

python docs/generate.py [--check]
"""

import importlib
import inspect
import sys
from math import inf
from pathlib import Path
from typing import Any

from api_page import api, prose

from genlearn.comparison import comparison, judging_time, tune
from genlearn.core import capabilities
from genlearn.core.estimator_types import Composite, GenerativeModel, GradientTrained
from genlearn.core.options import options_of
from genlearn.core.params import Param, params_of
from genlearn.core.registry import available, files_in, find
from genlearn.evaluate import features, metrics, reference_set, uncertainty
from genlearn.evaluate import ranking as scores
from genlearn.evaluate.evaluate_model import JUDGED
from genlearn.evaluate.metric import Metric
from genlearn.evaluate.metrics import metrics_for
from genlearn.evaluate.probes import (
    class_fidelity,
    latent_geometry,
    latent_statistics,
    likelihood,
    memorization,
    probing,
    profiling,
    reconstruction,
    usefulness,
)

PAGES = Path(__file__).parent
ABILITIES = {
    capabilities.Samples: "samples",
    capabilities.Encodes: "encodes and decodes",
    capabilities.HasFeatures: "has features of its layers, to search and classify by",
    capabilities.DecodesExactly: "compresses images",
    capabilities.Scores: "scores log p(x)",
    capabilities.Denoises: "denoises",
    capabilities.Restores: "removes noise of any strength",
    capabilities.Inpaints: "fills in what is missing",
    capabilities.SuperResolves: "enlarges small examples",
    capabilities.DiffusionProcess: "shows the way to noise and back, and trades steps for quality",
}
TAKEN = {
    "label": "draws a class that is asked for",
    "prompt": "draws what a text says",
    "steps": "draws in steps of any number",
    "where": "draws under conditions on columns",
    "init": "starts from an example where asked to",
}

# of models that cannot do without
_SETTINGS = {"pipeline": ('source="stable-diffusion/"', "--source stable-diffusion/")}

# of models that learn from no images: what they learn in the time they take, and an example of it
_TABLES = {"arm": ("a table of 30,000 rows", "table.csv", "arm-table")}


def page(name: str) -> str:
    """The page of one model: theory, equation, abilities, use, hyper-parameters."""
    model = find(name)
    theory = inspect.getdoc(sys.modules[model.__module__]) or ""
    title, _, text = theory.partition("\n\n")
    composed, draws = issubclass(model, Composite), issubclass(model, capabilities.Samples)
    options = options_of(model.sampling_options) if draws else {}
    able = [word for kind, word in ABILITIES.items() if issubclass(model, kind)]
    abilities = ", ".join([*able, *(word for option, word in TAKEN.items() if option in options)])
    steps, shared = (
        composed or issubclass(model, GradientTrained),
        params_of(Composite if composed else GradientTrained),
    )
    learned, data, run = _TABLES.get(name, ("28x28 images", "digits", f"{name}-digits"))
    setting = _SETTINGS.get(name, ("steps=2000" if steps else "",))[0]
    own = {
        key: h
        for key, h in params_of(model).items()
        if key not in shared or h.default != shared[key].default
    }
    return "\n".join(
        [
            f"# {title.rstrip('.')}",
            "",
            f"**{model.use}** Learning {learned} takes {model.takes} on two cores.",
            "",
            prose(text),
            "",
            f"## `{model.__name__}`",
            "",
            prose(inspect.getdoc(model) or ""),
            "",
            f"It {abilities}.",
            "",
            "```python",
            "import genlearn as gl",
            "",
            f'model = gl.{model.__name__}({setting}).fit("{data}")',
            (
                "model.sample(16, seed=7)"
                if draws
                else "model.enlarge(small, seed=7)  # images of half the height and width"
            ),
            "```",
            "",
            "```sh",
            f"genlearn fit {name} {data}"
            f" {_SETTINGS.get(name, ('', '--steps 2000' if steps else ''))[1]}".rstrip(),
            (f"genlearn sample runs/{run}" if draws else f"genlearn enlarge runs/{run} small/"),
            "```",
            "",
            "## Hyper-parameters",
            "",
            _table(own),
            "",
            *_shared(model, own),
            "",
        ]
    )


def _table(table: dict[str, Param]) -> str:
    rows = [(f"`{h.name}`", _kind(h), _default(h), h.help) for h in table.values()]
    return as_table(("name", "type", "default", "what"), rows)


def as_table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A table of Markdown, in whose cells a bar is a bar."""
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    first, *others = [f"| {' | '.join(line)} |" for line in (heads, *cells)]
    return "\n".join([first, "|" + "---|" * len(heads), *others])


def _kind(h: Param) -> str:
    if h.choices:
        return " | ".join(h.choices)
    bounds = [f">= {h.low:g}"] if h.low is not None else []
    bounds += [f"<= {h.high:g}"] if h.high not in (None, inf) else []
    return " ".join([{tuple: "integers"}.get(h.kind, h.kind.__name__), *bounds])


def _default(h: Param) -> Any:
    return "none" if h.default is None else h.default


def _shared(model: type, own: dict[str, Param]) -> list[str]:
    """The hyper-parameters that all models of its kind have, but those that are its ``own``."""
    if issubclass(model, Composite):
        title, about, kind = "Training", "all models that are made of models", Composite
    elif issubclass(model, GradientTrained):
        title, about, kind = "Training", "all that are trained by gradient steps", GradientTrained
    else:
        title, about, kind = "Fitting", "all models", GenerativeModel
    begin = "In one go, without training. " if title == "Fitting" else ""
    table = {name: h for name, h in params_of(kind).items() if name not in own}
    return [f"## {title}", "", f"{begin}Shared by {about}.", "", _table(table)]


def scoreboard() -> str:
    """The page of the scoreboard: how it is made, what each number means,
    and each metric's theory."""
    parts = [comparison, judging_time, reference_set, scores, tune, uncertainty, features]
    theories = [
        *metric_modules(),
        class_fidelity,
        likelihood,
        reconstruction,
        probing,
        latent_geometry,
        latent_statistics,
        memorization,
        usefulness,
        profiling,
    ]
    return (
        "\n\n".join(
            [
                "# The scoreboard",
                (
                    "```sh\ngenlearn compare DATA --budget 10m      # as many models as it can"
                    " train; comparison-DATA/report.html\ngenlearn evaluate RUN DATA              #"
                    " one run, against the same reference set\n```"
                ),
                *[_section(inspect.getdoc(part) or "", "##") for part in parts],
                "## What each number means",
                _metrics_table(
                    [
                        m
                        for needs in ("features", "images", "table")
                        for metric in metrics_for(needs)
                        for m in metric.metrics
                    ]
                ),
                _metrics_table(
                    [usefulness.USEFULNESS, *(m for part in JUDGED for m in part.METRICS)]
                ),
                "## Each metric's theory",
                *[_section(inspect.getdoc(theory) or "", "###") for theory in theories],
            ]
        )
        + "\n"
    )


def metric_modules() -> list[Any]:
    """The modules of `genlearn.evaluate.metrics`, by name."""
    return [importlib.import_module(path) for _, path in sorted(files_in(metrics.__name__).items())]


def _section(text: str, level: str) -> str:
    title, _, rest = prose(text).partition("\n\n")
    return f"{level} {' '.join(title.split()).rstrip('.')}\n\n{rest}".rstrip()


def _metrics_table(metrics: list[Metric]) -> str:
    rows = [(m.title, f"`{m.key}`", m.better, m.meaning, m.reference) for m in metrics]
    return as_table(("metric", "key", "better", "what it tells", "reference"), rows)


def main(check: bool) -> int:
    """Write all pages, or say which are out of date."""
    pages = {f"models/{name}.md": page(name) for name in available()} | {
        "api.md": api(),
        "scoreboard.md": scoreboard(),
    }
    stale = [
        name
        for name, text in pages.items()
        if not (PAGES / name).exists() or (PAGES / name).read_text() != text
    ]
    for name in [] if check else stale:
        (PAGES / name).write_text(pages[name])
    print(
        "\n".join(f"{'out of date' if check else 'wrote'}: docs/{name}" for name in stale)
        or "all pages are up to date"
    )
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
