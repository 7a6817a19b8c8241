"""12. Prompts: a frozen language model, one seed with one word changed, guidance, and what to lead
away from; and a small picture made large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.errors import UserError
from ...core.spec import ImageSpec
from ...data.text.text_encoder import text_encoder
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..material.prompt_data import PromptData
from ..sketch import Sketch
from ..trainings.training import Training

_GUIDANCE, _FEW = (1.0, 2.0, 4.0, 7.0), (1.0, 4.0)
_ENOUGH = 0.1  # share of the budget that is left where all of them are drawn
_EACH = 3  # pictures of a prompt
_LEAST = 16  # pixels of what is made small and large again


def prompted(course: Course) -> Training:
    """Diffusion that is told captions."""
    return Training("prompts", "flow", {"condition": "text"}, weight=22, rank=2, data="prompts")


def enlarging(course: Course) -> Training:
    """The second half of a cascade."""
    hyper = {"condition": "none"}
    return Training("upscale", "upscale", hyper, weight=6, rank=4, data="prompts")


def trainings(course: Course) -> Iterator[Training]:
    """Diffusion that reads captions, and what enlarges."""
    yield prompted(course)
    if min(_spec(course.prompts).shape[1:]) >= _LEAST:
        yield enlarging(course)


def unsuited(course: Course) -> str:
    """Why the data do not suit."""
    try:
        text_encoder("minilm")
    except UserError:
        return "no_text"
    return ""


def draw(course: Course) -> Drawn:
    """Examples and their captions; then the same noise under other words, guidance, what is led
    away from, and an image enlarged."""
    known = course.prompts
    sketch = Sketch(known.data.spec, course.strings)
    shown = [_captions(sketch, known)]
    facts = {
        "prompt": known.prompt(known.subjects[0], known.styles[0]),
        "other": known.prompt(known.subjects[0], known.styles[-1]),
        "asked": "scenes" if known.kind == "scenes" else course.source,
        "captions": course.strings.text("prompts", f"from_{known.kind}"),
    }
    revealed: list[Any] = []
    if course.has("prompts"):
        revealed += _drawn(course, sketch, known, course.model("prompts"))
    if course.has("upscale"):
        revealed.append(_enlarged(course, sketch, known))
    return Drawn(shown, revealed, facts)


def _spec(known: PromptData) -> ImageSpec:
    assert isinstance(known.data.spec, ImageSpec)
    return known.data.spec


def _captions(sketch: Sketch, known: PromptData) -> Any:
    """The first examples, each under its caption."""
    some = known.data.take(slice(0, 6))
    return sketch.examples(
        "prompts_data", some.user(slice(0, 6)), columns=1, rows=tuple(some.captions or ())
    )


def _drawn(course: Course, sketch: Sketch, known: PromptData, model: Any) -> list[Figure]:
    """Prompts in rows; guidance on the dial."""
    prompts = [known.prompt(s, style) for s in known.subjects for style in known.styles]
    levels = _GUIDANCE if course.time_left > _ENOUGH else _FEW
    frames = []
    for guidance in levels:
        rows = [
            model.sample(_EACH, seed=course.seed, prompt=prompt, guidance=guidance)
            for prompt in prompts
        ]
        frames.append(
            sketch.examples(
                "prompts_drawn", np.concatenate(rows), columns=_EACH, rows=tuple(prompts)
            )
        )
    found: list[Figure] = [sketch.frames("prompts_drawn", levels, frames)]
    if len(known.styles) < 2:
        return found
    led = {
        "without": {},
        "away from the first style": {"negative": known.styles[0]},
        "away from the second style": {"negative": known.styles[-1]},
    }
    images = [
        model.sample(2 * _EACH, seed=course.seed, prompt=known.subjects[0], guidance=4.0, **options)
        for options in led.values()
    ]
    found.append(
        sketch.examples(
            "prompts_negative", np.concatenate(images), columns=2 * _EACH, rows=tuple(led)
        )
    )
    return found


def _enlarged(course: Course, sketch: Sketch, known: PromptData) -> Any:
    """Small, enlarged, and as they were."""
    model, count = course.model("upscale"), 8
    whole = known.data.user(slice(0, count))
    small = model.shrink(whole)
    coarse = small.repeat(whole.shape[1] // small.shape[1], 1).repeat(
        whole.shape[2] // small.shape[2], 2
    )
    images = np.concatenate([coarse, model.enlarge(small, seed=course.seed), whole])
    return sketch.examples(
        "prompts_enlarged", images, columns=count, rows=("small", "enlarged", "original")
    )


CHAPTER = Chapter(number=12, key="prompts", draw=draw, trainings=trainings, unsuited=unsuited)
