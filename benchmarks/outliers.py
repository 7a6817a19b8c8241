"""Outlier scores against raw log p(x): models learn some classes of images, without their labels,
and rank test images of those and of other classes. AUC with 95 % intervals, and how far each score
is ahead of log p(x) on the same images.

A task is SET-CLASS, where CLASS is unusual and the other nine are learned, or SET-CLASS-alone,
where CLASS is learned and the other nine are unusual.

OMP_NUM_THREADS=1 python benchmarks/outliers.py mnist-9:ppca,gmm,vae,flow cifar10-frog-alone:flow
"""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

import numpy as np
import torch
from common import HERE, report

import genlearn as gl
from genlearn.data.dataset import Dataset
from genlearn.evaluate.metric import MetricValue
from genlearn.evaluate.outliers.find import find_outliers
from genlearn.evaluate.outliers.reference import Reference
from genlearn.evaluate.roc import auc_difference

SHORT = {"size": "tiny", "batch_size": 64}  # two minutes of one core
SETTINGS: dict[str, dict[str, Any]] = {
    "flow": SHORT | {"condition": "none", "steps": 1000},
    "vae": SHORT | {"steps": 800},
}
ALONE_STEPS = 800  # a class has a ninth of the examples
LEFT_OUT, BACKGROUND = 1000, 10_000
# of each kind and of the reference: log p(x) of a flow takes a third of a second
EXAMPLES, OF_FLOW = (1000, 1000), (150, 100)


class Task(NamedTuple):
    """Images to learn from, images of the same kind left out, test images, and which of these are
    unusual."""

    learned: Any
    left_out: Any
    test: Any
    unusual: Any


def task_of(name: str) -> Task:
    source, label, *alone = name.split("-")
    train, test = (gl.open_data(source, split=split) for split in ("train", "test"))
    place = train.spec.classes.index(label)
    rng = np.random.default_rng(0)
    usual = rng.permutation(np.flatnonzero((train.labels == place) == bool(alone)))
    order = rng.permutation(len(test))
    return Task(
        np.asarray(train.values[usual[LEFT_OUT:]]),
        np.asarray(train.values[usual[:LEFT_OUT]]),
        np.asarray(test.values[order]),
        (test.labels[order] == place) != bool(alone),
    )


def measured(name: str, model_name: str) -> list[dict[str, Any]]:
    """A row for each score of the model."""
    task, settings = task_of(name), dict(SETTINGS.get(model_name, {}))
    if model_name == "flow" and name.endswith("alone"):
        settings["steps"] = ALONE_STEPS
    model = gl.create(model_name, **settings)
    model.fit(task.learned, out=HERE / "out" / f"outliers-{name}-{model_name}")
    n, held = OF_FLOW if model_name == "flow" else EXAMPLES
    kinds = [np.flatnonzero(task.unusual == kind)[:n] for kind in (False, True)]
    data = as_data(np.concatenate([task.test[kind] for kind in kinds]), model)
    positive = np.repeat([False, True], [len(kind) for kind in kinds])
    reference = Reference(
        as_data(task.left_out[:held], model),
        as_data(task.learned[:BACKGROUND], model),
        "images left out",
        False,
    )
    begun = time.process_time()
    found = find_outliers(model, data, reference, ("all",))
    spent = time.process_time() - begun
    table = found.table.sort_values("index")
    return [
        {
            "task": name,
            "model": model_name,
            "score": score,
            "AUC": text(value),
            "ahead of log p": text(
                auc_difference(table[score].to_numpy(), table["log_prob"].to_numpy(), positive)
            ),
            "n": len(data),
            "core s, all scores": spent,
        }
        for score, value in found.auc(positive).items()
    ]


def as_data(values: Any, model: Any) -> Dataset:
    return gl.open_data(values, like=model.spec_)  # type: ignore[no-any-return]


def text(value: MetricValue) -> str:
    return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"


def main() -> None:
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for word in sys.argv[1:]:
        name, _, models = word.partition(":")
        for model in models.split(","):
            rows += measured(name, model)
            report("outliers", rows)


if __name__ == "__main__":
    main()
