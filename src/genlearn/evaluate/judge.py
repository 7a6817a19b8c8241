"""One model against the yardstick: its figures, its panels, and how long that took."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..core.capabilities import Array, Denoises, Encodes, Enlarges, Illustrates, Inverts, Reads, Samples, Scores
from ..core.hyper import hypers
from ..core.panel import Curves, Panel
from ..core.random import derive
from ..engine.files import read_document, write_document
from . import copies, cost, embedding, enlarging, latents, latentspace, likelihood, reconstruction
from .exhibits import code_panels, denoising_panels, learning_panels, nearest_panel, sample_panels
from .measure import Figure, Measure
from .panels import load_panels, save_panels
from .shards import Shards
from .yardstick import Yardstick

IMPORTANCE_SAMPLES = 200  # for bounds of log p(x) in a comparison; enough for an order, far fewer than a paper would take
PAIRS = 12  # samples shown beside their nearest training examples
JUDGED = (likelihood, reconstruction, enlarging, embedding, latentspace, latents, copies, cost)  # in the order of the columns
_MUCH = 1.5  # ratio of errors from which a model is said to overfit
_DRAWS, _PAIRS = 500, 100  # of codes, to see whether the latent space is one
_NEW = 2000  # held-out examples, at least, that show how near to training data new data comes


@dataclass(frozen=True)
class Amounts:
    """How many examples of each kind a judgement takes; ``mapped`` are those whose codes take long."""

    samples: int
    scored: int
    encoded: int
    mapped: int = 50
    enlarged: int = 0


@dataclass
class Judgement:
    """``kind`` of the log-likelihood, "" without one; ``copies`` is the audit in short."""

    figures: dict[str, Figure] = field(default_factory=dict)
    panels: list[Panel] = field(default_factory=list)
    kind: str = ""
    copies: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def show(self, what: str, panels: Callable[[], Iterable[Panel]]) -> None:
        """Add panels; where they cannot be made, a note says so and the figures stand."""
        try:
            self.panels += panels()
        except Exception as error:
            self.notes.append(f"{what} cannot be shown ({type(error).__name__}: {error})")

    def save(self, folder: Path, key: str) -> None:
        """Write everything to ``folder``; ``key`` names what was judged, and by what."""
        save_panels(folder / "panels", self.panels)
        figures = {name: figure.to_json() for name, figure in self.figures.items()}
        write_document(folder / "judgement.json", {"key": key, "figures": figures, "kind": self.kind, "copies": self.copies, "notes": self.notes})

    @classmethod
    def load(cls, folder: Path, key: str) -> Judgement | None:
        """The judgement in ``folder``, or None where there is none of ``key``."""
        if not (folder / "judgement.json").exists():
            return None
        document = read_document(folder / "judgement.json")
        if document["key"] != key:
            return None
        figures = {name: Figure(**figure) for name, figure in document["figures"].items()}
        return cls(figures, load_panels(folder / "panels"), document["kind"], document["copies"], document["notes"])


def measures(yardstick: Yardstick) -> dict[str, Measure]:
    """Every measure that a judgement may hold, by key, in the order of the columns."""
    others: list[Measure] = [measure for part in JUDGED for measure in part.MEASURES]
    return yardstick.measures | {measure.key: measure for measure in others}


def judge(
    model: Any,
    run: Path,
    yardstick: Yardstick,
    amounts: Amounts,
    *,
    processes: int = 1,
    seconds: float = 0.0,
    audited: bool = True,
) -> Judgement:
    """``model``, which is that of ``run`` and took ``seconds`` to train, by what it can do.

    ``audited``: whether to look for copies, which makes sense only of a model that was trained on the yardstick's training part.
    """
    result, eased = Judgement(), ease(model)
    if eased:
        result.notes.append(f"log p(x) is bounded with {IMPORTANCE_SAMPLES} importance samples; more would raise the bound")
    shards = Shards(model, run, processes, eased)
    if isinstance(model, Samples):
        samples = _samples(result, shards, yardstick, amounts.samples)
        if audited:
            _audit(result, samples, yardstick)
    if isinstance(model, Scores):
        _scores(result, shards, yardstick, amounts.scored)
    if isinstance(model, Encodes):
        _codes(result, model, yardstick, amounts)
    if isinstance(model, Enlarges) and amounts.enlarged and model.small_spec_ != yardstick.spec:
        _enlarging(result, model, yardstick, amounts.enlarged)
    if isinstance(model, Denoises):
        result.show("denoising", lambda: denoising_panels(model, yardstick))
    if isinstance(model, Illustrates):
        result.show("the model's own panels", lambda: model.panels(yardstick.split.held_out))
    result.show("learning", lambda: learning_panels(run, yardstick.spec))
    result.figures |= cost.cost(model, yardstick.split.held_out, seconds)
    return result


def ease(model: Any) -> dict[str, Any]:
    """Let ``model`` bound log p(x) with no more than a few samples; the hyper-parameters that this lowers, if any."""
    more = "evaluation_samples" in hypers(model) and model.evaluation_samples > IMPORTANCE_SAMPLES
    eased = {"evaluation_samples": IMPORTANCE_SAMPLES} if more else {}
    model.set_params(**eased)
    return eased


def _samples(result: Judgement, shards: Shards, yardstick: Yardstick, n: int) -> Array:
    captions = yardstick.split.held_out.captions if isinstance(shards.model, Reads) and shards.model.reads_ else None
    samples = shards.sample(n, derive(yardstick.seed, "judge") % 2**31, {"prompt": captions} if captions else {})
    if captions:
        result.notes.append("its samples are what it draws for the captions of held-out examples")
    result.figures |= yardstick.judge(samples)
    result.show("samples", lambda: sample_panels(yardstick, samples))
    return samples


def _audit(result: Judgement, samples: Array, yardstick: Yardstick) -> None:
    places, held = yardstick.places, yardstick.split.held_out
    new = held.user(slice(0, max(len(samples), _NEW)))
    audit = copies.audit(places(samples), yardstick.train_places, places(new), yardstick.seed)
    result.figures |= audit.figures()
    result.copies = {"accused": bool(audit.accused), "p": float(audit.p), "suspects": len(audit.suspects)}
    result.show("nearest training images", lambda: _nearest(audit, samples, yardstick))


def _nearest(audit: copies.Audit, samples: Array, yardstick: Yardstick) -> Iterator[Panel]:
    """The samples most like one training example -- suspects, if the audit accuses."""
    shown = audit.suspects[:PAIRS] if audit.accused else audit.closest(PAIRS)
    title = "Suspected copies" if audit.accused else "Nearest training images"
    meaning = "The samples that stand closest to a single training example, compared with the next ones, and that example. Equal pairs are copies."
    yield from nearest_panel(yardstick, samples, shown, audit.nearest[shown], title, meaning)


def _scores(result: Judgement, shards: Shards, yardstick: Yardstick, n: int) -> None:
    held = yardstick.split.held_out
    scores = shards.score(held.user(slice(0, min(n, len(held)))))
    result.figures |= likelihood.figures(scores, held.spec)
    result.kind = shards.model.log_prob_kind


def _enlarging(result: Judgement, model: Enlarges, yardstick: Yardstick, n: int) -> None:
    small, large = enlarging.enlarged(model, yardstick, n)
    result.figures |= enlarging.figures(model, yardstick, small, large)
    result.show("enlarging", lambda: enlarging.panels(yardstick, small, large))


def _codes(result: Judgement, model: Encodes, yardstick: Yardstick, amounts: Amounts) -> None:
    held, whole, dear = yardstick.split.held_out, cost.codes_are_whole(model, yardstick.spec), cost.codes_are_dear(model, yardstick.spec)
    n = amounts.mapped if dear else amounts.encoded
    few, extractor = held.take(slice(0, min(n, len(held)))), yardstick.extractors[0]
    codes = model.encode(few.values)
    result.figures |= reconstruction.figures(model, few)
    if isinstance(model, Inverts):
        result.notes.append("its codes are found by optimisation, since it has no encoder: they are approximate")
    if whole:
        result.notes.append("its codes are as large as the data, so that they can hold all of it: a low reconstruction error is no merit")
    else:
        _overfitting(result, model, yardstick, len(few))
    result.figures |= latents.figures(codes)
    draws, pairs = min(_DRAWS, n), min(_PAIRS, math.ceil(n / latentspace.STEPS))
    result.figures |= latentspace.latent_space(model, codes, extractor, extractor(few.values), yardstick.seed, draws, pairs)
    result.show("the latent space", lambda: code_panels(model, yardstick, codes))
    if held.labels is not None and len(np.unique(held.labels)) > 1:
        if dear and n < yardstick.taught:  # taught with fewer than the others, its codes would look worse than they are
            result.notes.append(f"whether its codes tell the classes apart was not measured: encoding {yardstick.taught:,} examples takes too long")
        else:
            _embedding(result, model, yardstick, n)


def _overfitting(result: Judgement, model: Encodes, yardstick: Yardstick, n: int) -> None:
    """A note where training examples come back much better than new ones."""
    known = reconstruction.figures(model, yardstick.real.take(slice(0, min(n, len(yardstick.real)))))["reconstruction"]
    new = result.figures["reconstruction"]
    if new.low > _MUCH * known.high:
        times = f"{new.value / known.value:.1f} times" if known.value > 0 else "infinitely"
        result.notes.append(
            f"it overfits: the reconstruction error of held-out examples is {times} that of training examples; fewer steps would serve it"
        )


def _embedding(result: Judgement, model: Encodes, yardstick: Yardstick, n: int) -> None:
    """How well the codes of at most ``n`` examples tell the classes apart, beside principal components of the same number, or the data itself."""
    own = yardstick.probed(model.encode, n)
    dim = int(result.figures["latents"].value)
    result.figures |= own.figures
    meaning = "A linear classifier on the codes, taught with few labels and with many: good codes need few. Beside them principal components."
    beside = f"{dim} principal components" if dim < yardstick.spec.dim else "the data itself"
    series = {"": own.curve, beside: yardstick.components(dim, n).curve}
    title = "Accuracy against number of labels"
    result.panels.append(Curves(title=title, meaning=meaning, x="labels", y="accuracy", series=series, log_x=True))


def dumps(document: dict[str, Any]) -> bytes:
    """JSON for people: no NaN, which is no JSON."""
    return json.dumps(_finite(document), indent=1, allow_nan=False, default=_plain).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)
