"""What to learn prompts from, and what to ask for: subjects, each in two styles.

Captions of the reader's own come first. Two *endings* of captions are styles where many beginnings
are found with both ("waving hand dark skin tone", "waving hand light skin tone"). Images with
classes and no captions are rendered in two styles, and called by class and style. Where there is
neither, scenes are drawn whose every word is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from ...core.spec import ImageSpec
from ...data.dataset import Dataset
from ...data.downsample import downsample_dataset, downsampled_spec
from ...data.open.opening import open_data

_ENDINGS, _WORDS = 60, 3  # endings that are paired, and words in one
_SCENES, _STYLED = 8000, 10_000
_SIDE = 16  # pixels of what is drawn from words: what minutes are enough for
_SUBJECTS = 3
FACTOR = 2  # by how much it is enlarged
STYLES = ("in the style of a print", "in the style of a negative")


@dataclass(frozen=True)
class PromptData:
    """Examples with captions; ``kind`` says where those are from: captions, classes or scenes.

    Words are drawn ``small``, at half the size where that is not tiny, and enlarged then.
    """

    data: Dataset
    kind: str
    subjects: tuple[str, ...]
    styles: tuple[str, ...]

    @property
    def cascaded(self) -> bool:
        """Whether words are drawn small first."""
        return min(self.data.spec.shape[1:]) >= 2 * _SIDE

    @cached_property
    def small(self) -> Dataset:
        """What prompts are learned from."""
        if not self.cascaded:
            return self.data
        return downsample_dataset(self.data, downsampled_spec(self.data.spec, FACTOR))

    def prompt(self, subject: str, style: str) -> str:
        return f"{subject} {style}".strip()


def prompt_data(data: Dataset) -> PromptData:
    """What suits ``data``."""
    if isinstance(data.spec, ImageSpec) and data.captions is not None:
        return PromptData(data, "captions", *subjects_and_styles(data.captions))
    if isinstance(data.spec, ImageSpec) and data.labels is not None:
        subjects = data.spec.classes[:_SUBJECTS]
        return PromptData(in_two_styles(data), "classes", subjects, STYLES)
    scenes = open_data("scenes").take(slice(0, _SCENES))
    return PromptData(scenes, "scenes", *subjects_and_styles(scenes.captions or []))


def in_two_styles(data: Dataset) -> Dataset:
    """Each example as it is and as its negative, with captions of class and style."""
    some = data.take(slice(0, _STYLED))
    assert some.labels is not None
    assert isinstance(some.spec, ImageSpec)
    values = some.user(slice(0, len(some)))
    negative = (some.spec.low + some.spec.high - values).astype(values.dtype)
    names = [some.spec.classes[label] for label in some.labels]
    captions = [f"{name} {style}" for style in STYLES for name in names]
    order = np.arange(2 * len(some)).reshape(2, -1).T.ravel()
    both = np.concatenate([values, negative])[order]
    return replace(
        some,
        values=both,
        labels=None,
        captions=[captions[i] for i in order],
        names=None,
        digest=None,
        origin=None,
        spec=replace(some.spec, captions=True, classes=()),
    )


def subjects_and_styles(captions: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Beginnings of captions that are found with both of two endings, the shortest first, and these
    endings; the first captions and no style where no two endings share a beginning."""
    beginnings: defaultdict[str, set[str]] = defaultdict(set)
    for caption in dict.fromkeys(captions):
        words = caption.split()
        for count in range(1, min(_WORDS, len(words) - 1) + 1):
            beginnings[" ".join(words[-count:])].add(" ".join(words[:-count]))
    often = sorted(beginnings, key=lambda e: (-len(beginnings[e]), -len(e), e))[:_ENDINGS]
    best: tuple[str, ...] = ()
    shared: set[str] = set()
    for a, b in combinations(often, 2):
        both = beginnings[a] & beginnings[b]
        # of endings that share as much, the longest say most
        if (len(both), len(a) + len(b)) > (len(shared), sum(map(len, best))) and both:
            best, shared = (a, b), both
    if not best:
        return tuple(dict.fromkeys(captions))[:_SUBJECTS], ("",)
    chosen = sorted(shared, key=lambda s: (len(s.split()), len(s), s))
    apart = chosen[:: max(1, len(chosen) // _SUBJECTS)][:_SUBJECTS]
    return tuple(apart), best
