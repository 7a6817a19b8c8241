"""The entrance: what was asked becomes a comparison in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.text import printable
from ..data.split import hold_out
from ..engine.hardware.device import resolve_device
from ..engine.hardware.distributed import launch_of
from ..evaluate.features import external_extractor
from .candidates import candidates_for, none_by_the_clock
from .comparison import Comparison, Tell, silent
from .config import ComparisonConfig
from .sharing.joined import joined, take_part
from .workspace import Workspace

_STEADY_SAMPLES = 2000


def compare(
    source: Any,
    out: str | Path = "comparison",
    *,
    budget: str = "10m",
    evaluation: str | None = None,
    samples: int | None = None,
    models: Sequence[str] = (),
    size: str = "small",
    seed: int = 0,
    device: str = "auto",
    trials: int = 0,
    features: Sequence[str] = (),
    processes: int = 1,
    join: bool = False,
    fresh: bool = False,
    tell: Tell = silent,
    progress: bool = False,
    debug: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Train and judge every model that suits ``source``; what report.json in the folder ``out``
    says.

    ``budget``: total time, as 90s, 10m or 2h; ``evaluation``: the part of it for judging (default:
    a sixth). ``samples``: how many of each model to judge by, at least 200, which takes as long as
    it takes: with steps for each candidate, two equal comparisons then differ in nothing but times
    (default: 2,000 where all have steps and ``evaluation`` is not given, else as many as the time
    for judging allows). ``models``: candidates such as ``vae`` or
    ``vae latent_dim=8``; "all"; none: baselines, and as many deep models as the budget can train.
    ``trials``: how many settings of each candidate to try before it is trained, in half of its
    time. ``features``: networks trained elsewhere to judge by as well (inception, dinov2, clip, or
    a path). ``processes`` share sampling and scoring. ``join``: with other processes of the same
    call, on any machines that see the folder; the budget is then the time of all together.
    ``options`` are those of `open_data`. The same call continues a comparison that was stopped.
    Raises `UserError` for fewer than 50 examples, unknown models, and a folder that holds something
    else. Of a model that fails the traceback is in errors.log; with ``debug`` it is told as well.
    """
    settings = ComparisonConfig.within(
        budget, evaluation, features=features, size=size, seed=seed, trials=trials, samples=samples
    )
    split = hold_out(source, seed=seed, tell=tell, **options)
    candidates, left_out = candidates_for(models, split.train.spec, settings.training)
    if evaluation is None and samples is None and none_by_the_clock(candidates):
        settings = replace(settings, samples=_STEADY_SAMPLES)
        left_out.append(
            f"all trainings are numbers of steps, so judging is by {_STEADY_SAMPLES:,} samples of"
            " each, as long as that takes: the same comparison again gives the same figures"
        )
    resolve_device(device)
    _check_launch()
    for name in features:
        external_extractor(name, split.train.spec)  # a mistake is told before anything is written
    folder, text = Workspace(Path(out)), source_name(source)
    comparison = Comparison(
        folder, split, candidates, settings, device, processes, tell, progress, debug
    )
    plan = Workspace.planned(settings, text, split, candidates)
    with (joined if join else alone)(folder, plan, fresh) as continued:
        for line in left_out:
            tell(line)
        tell(
            f"{'going on with' if continued else 'comparing'} {len(candidates)} models on {text} in"
            f" {out}: {split.how}"
        )
        tell(f"{settings.training:.0f} s for training, {settings.evaluation:.0f} s for judging")
        (take_part if join else Comparison.work)(comparison)
        return comparison.report(text)


def _check_launch() -> None:
    """Raise `UserError` where torchrun has started this: its processes would meet in steps of
    different models."""
    if (started := launch_of(1).processes) > 1:
        raise UserError(
            f"compare was started as {started} processes that share each step, which it does not;"
            " start it by itself with --join, once for each process"
        )


@contextmanager
def alone(folder: Workspace, plan: dict[str, Any], fresh: bool) -> Iterator[bool]:
    """Inside, this process alone works on the comparison of ``plan`` in ``folder``; whether there
    was one already."""
    with folder.alone():
        yield folder.open(plan, fresh)


def source_name(source: Any) -> str:
    """What to call the data."""
    if not isinstance(source, (str, Path)):
        return type(source).__name__
    path = Path(source)
    if path.is_absolute():  # pages are sent to others, whom the folders above do not concern
        path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else Path(path.name)
        return printable(str(path))
    return printable(str(source))
