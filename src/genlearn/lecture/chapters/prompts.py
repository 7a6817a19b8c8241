"""12. Prompts: a frozen language model, one seed with one word changed, guidance, and what to lead
away from; and a small picture made large."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.errors import UserError
from ...data.text.text_encoder import text_encoder
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..material.prompt_data import FACTOR, PromptData
from ..page.asked_again import training
from ..page.prose import literal
from ..sketch import Sketch
from ..strings import Strings
from ..trainings.training import Training

_GUIDANCE, _FEW = (1.0, 2.0, 4.0, 7.0), (1.0, 4.0)
_ENOUGH = 0.1  # share of the budget that is left where all of them are drawn
_EACH = 3  # pictures of a prompt
_ENLARGED = 8


def prompted(course: Course) -> Training:
    """Diffusion that is told captions."""
    return Training("prompts", "flow", {"condition": "text"}, weight=22, rank=2, data="prompts")


def enlarging(course: Course) -> Training:
    """The second half of a cascade."""
    hyper = {"condition": "none", "factor": FACTOR}
    return Training("upscale", "upscale", hyper, weight=8, rank=3, data="enlarging")


def trainings(course: Course) -> Iterator[Training]:
    """Diffusion that reads captions, and what enlarges."""
    yield prompted(course)
    if course.prompts.cascaded:
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
    sketch = Sketch(known.small.spec, course.strings)
    shown = [_captions(sketch, known)]
    prompt, other = _two(known)
    facts = {
        "prompt": literal(prompt),
        "other": literal(other),
        "quoted": repr(prompt),
        # the reader's own images are in no style, where the lecture has made these
        "asking": shlex.quote(known.subjects[0] if known.kind == "classes" else prompt),
        "asked": "scenes" if known.kind == "scenes" else training(course.source, course.options),
        "captions": course.strings.text("prompts", f"from_{known.kind}"),
    }
    revealed: list[Any] = []
    if course.has("prompts"):
        revealed += _drawn(course, sketch, known, course.model("prompts"))
    if course.has("upscale"):
        revealed += _enlarged(course, known)
    return Drawn(shown, revealed, facts)


def _two(known: PromptData) -> tuple[str, str]:
    """Two prompts: of one subject in both styles, or of two subjects."""
    first, *others = [known.prompt(s, style) for s in known.subjects for style in known.styles]
    return first, (others or [first])[0]


def _words(course: Course, known: PromptData) -> Strings:
    """The strings, which name the first prompt."""
    return replace(course.strings, facts={"prompt": literal(_two(known)[0])})


def _captions(sketch: Sketch, known: PromptData) -> Any:
    """The first examples, each under its caption."""
    some = known.small.take(slice(0, 6))
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


def _enlarged(course: Course, known: PromptData) -> list[Figure]:
    """Words drawn small and enlarged, and how well enlarging does: small, enlarged, and as they
    were."""
    model, whole = course.model("upscale"), Sketch(known.data.spec, _words(course, known))
    kept = known.data.user(slice(0, _ENLARGED))
    small = model.shrink(kept)
    rows = ("small", "enlarged", "original")
    images = np.concatenate([_coarse(small), model.enlarge(small, seed=course.seed), kept])
    found: list[Figure] = []
    if course.has("prompts"):
        prompt = _two(known)[0]
        drawn = course.model("prompts").sample(
            _ENLARGED, seed=course.seed, prompt=prompt, guidance=4.0
        )
        both = np.concatenate([_coarse(drawn), model.enlarge(drawn, seed=course.seed)])
        found.append(
            whole.examples("prompts_cascade", both, columns=_ENLARGED, rows=("drawn", "enlarged"))
        )
    return [*found, whole.examples("prompts_enlarged", images, columns=_ENLARGED, rows=rows)]


def _coarse(images: Array) -> Array:
    """Small images (n, h, w[, C]) in as many pixels as large ones, without new detail."""
    return images.repeat(FACTOR, 1).repeat(FACTOR, 2)


CHAPTER = Chapter(number=12, key="prompts", draw=draw, trainings=trainings, unsuited=unsuited)
