"""What guidance gives, and what it costs.

    OMP_NUM_THREADS=1 python benchmarks/guidance.py judges cifar10 RUN 1 1.5 2 3
    OMP_NUM_THREADS=1 python benchmarks/guidance.py steps SCENES_RUN 18 12 9 9:.3:.9 9:0:.8
    OMP_NUM_THREADS=1 python benchmarks/guidance.py batch SCENES_RUN
    OMP_NUM_THREADS=1 python benchmarks/guidance.py cascade EMOJI_RUN emoji/ 18:18 18:4 9:4
    OMP_NUM_THREADS=1 python benchmarks/guidance.py students SCENES_RUN:9:3 STUDENT:4:1

*judges*: Frechet distances of 2,000 samples to the test images, by the classifier of `frozen`,
whose features tell the classes that guidance exaggerates, and by two judges that know none:
features learned without labels, and random ones. *steps*: shares of pictures that show what 600
prompts of each kind asked for, at guidance 3, by steps of the sampler and the interval in which
guidance acts, and images in a core second. *batch*: an evaluation of both conditions, in two
batches and in one. *cascade*: images in a core second by steps of base and stage. *students*: runs
on scenes by steps and guidance: such shares, and the distance of samples with the captions of data,
by random features.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from common import machine, table
from frozen import Frozen

import genlearn as gl
from genlearn.data import open_data
from genlearn.data.sources.toy_captions import caption, draw_attributes
from genlearn.evaluate.features.learned_network import LearnedExtractor
from genlearn.evaluate.features.random_conv import RandomConvolutions
from genlearn.evaluate.metrics.frechet import frechet
from genlearn.evaluate.probes.prompt_following import prompt_adherence
from genlearn.nets.layers.conditioning import joined

SAMPLED, LEARNED, LEARNING = 2000, 20_000, 150.0
PROMPTS, TIMED = 600, 128
LEVEL = 6  # of the 18 of a sampler, at which evaluations are timed


def core_seconds(work: Callable[[], Any], least: float = 0.0) -> float:
    """What ``work`` takes, on average over ``least`` seconds."""
    start, count = time.process_time(), 0
    while not count or time.process_time() - start < least:
        work()
        count += 1
    return (time.process_time() - start) / count


def judges(source: str, run: str, *guidance: str) -> list[dict[str, Any]]:
    train, test, frozen = *(open_data(source, split=s) for s in ("train", "test")), Frozen(source)
    unlabelled = open_data(train.values[:LEARNED])
    blind = {
        "learned": LearnedExtractor.fit(unlabelled, 0, LEARNING, lambda note: None),
        "random": RandomConvolutions.fit(unlabelled, 0),
    }
    ends = {name: judge(test.values) for name, judge in blind.items()}

    def row(name: str, images: Any) -> dict[str, Any]:
        found = {k: float(frechet(ends[k], judge(images))) for k, judge in blind.items()}
        return {"guidance": name, "classifier": frozen.distance(images)} | found

    model: Any = gl.load(run)
    return [
        row("real images", train.user(slice(0, SAMPLED))),
        *(row(g, model.sample(SAMPLED, seed=1, guidance=float(g))) for g in guidance),
    ]


def steps(run: str, *cases: str) -> list[dict[str, Any]]:
    model: Any = gl.load(run)
    asked, rows = _asked(TIMED), []
    model.sample(8, prompt=asked, guidance=3.0)  # with what comes once
    for case in cases:
        count, *interval = case.split(":")
        model.sampling_steps = int(count)
        model.guidance_from, model.guidance_to = (float(t) for t in interval or (0, 1))
        taken = core_seconds(lambda: model.sample(TIMED, prompt=asked, guidance=3.0, seed=0))
        found = prompt_adherence(model, PROMPTS, guidance=3.0)
        shares = {kind: float(found[kind]["all"]) for kind in ("seen", "held out")}
        rows.append({"steps:interval": case} | shares | {"images/s": TIMED / taken})
    return rows


def students(*cases: str) -> list[dict[str, Any]]:
    data = open_data("scenes", resolution=32)
    test = open_data("scenes", resolution=32, split="test").user(slice(0, SAMPLED))
    judge, captions = RandomConvolutions.fit(data, 0), (data.captions or [])[:SAMPLED]
    real = judge(test)

    def row(case: str) -> dict[str, Any]:
        run, steps, guidance = case.rsplit(":", 2)
        model: Any = gl.load(run)
        how = {"steps": int(steps), "guidance": float(guidance)}
        found = prompt_adherence(model, PROMPTS, **how)
        distance = frechet(real, judge(model.sample(SAMPLED, seed=1, prompt=captions, **how)))
        taken = core_seconds(lambda: model.sample(TIMED, prompt=_asked(TIMED), seed=0, **how))
        return {
            "run": case,
            "all, seen": float(found["seen"]["all"]),
            "all, held out": float(found["held out"]["all"]),
            "shape, held out": float(found["held out"]["shape"]),
            "distance": float(distance),
            "floor": float(frechet(real, judge(data.user(slice(0, SAMPLED))))),
            "images/s": TIMED / taken,
        }

    return [row(case) for case in cases]


def batch(run: str) -> list[dict[str, Any]]:
    model: Any = gl.load(run)
    prompts = model.encode_prompts(_asked(TIMED))
    return [_in_two_and_in_one(model, prompts, n) for n in (1, 8, 64)]


def _in_two_and_in_one(model: Any, prompts: Any, n: int) -> dict[str, Any]:
    level, ask = model.schedule.levels(18)[LEVEL], model.denoiser.posterior_mean
    x, told = torch.randn(n, *model.spec_.shape), model.prompt_encodings(prompts, n, 0)
    both = joined(told, None, 0)
    with model.sampling():
        two = core_seconds(lambda: (ask(x, level, told), ask(x, level, None)), 2.0)
        one = core_seconds(lambda: ask(torch.cat([x, x]), level, both), 2.0)
    return {"images": n, "two batches, ms": two * 1e3, "one, ms": one * 1e3}


def cascade(run: str, source: str, *cases: str) -> list[dict[str, Any]]:
    model: Any = gl.load(run)
    captions, rows = (open_data(source, resolution=32).captions or [])[:64], []
    base, stage = model.parts_.values()
    model.sample(4, prompt=captions[:4])  # with what comes once
    for case in cases:
        base.sampling_steps, stage.sampling_steps = map(int, case.split(":"))
        for scale in (1.0, 3.0):
            draw = partial(model.sample, len(captions), prompt=captions, guidance=scale, seed=0)
            taken = core_seconds(draw)
            rows.append({"base:stage": case, "guidance": scale, "images/s": len(captions) / taken})
    return rows


def _asked(n: int) -> list[str]:
    return [caption(row) for row in draw_attributes(n, 0, held=True)]


if __name__ == "__main__":
    kinds: dict[str, Callable[..., list[dict[str, Any]]]] = {
        "judges": judges,
        "steps": steps,
        "batch": batch,
        "cascade": cascade,
        "students": students,
    }
    print(table(kinds[sys.argv[1]](*sys.argv[2:])), machine(), sep="\n")
