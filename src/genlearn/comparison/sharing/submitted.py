"""A comparison as jobs of a cluster. Each takes part in it through its folder (`joined`), so they
need nothing of one another, and nothing of a scheduler is known here: submitit hands them to SLURM,
and where there is none starts them as processes of this machine."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...core.errors import UserError, first_line


def submit(
    command: Sequence[str], folder: Path, jobs: int, settings: Mapping[str, str]
) -> tuple[str, list[str]]:
    """Submit ``command``, the words after ``genlearn``, so many times; the kind of cluster, and
    the names of the jobs, whose logs are in ``folder``. ``settings``: as submitit knows them.

    Raises `UserError` without submitit, and for settings that it does not know.
    """
    try:
        import submitit
    except ImportError:
        raise UserError("--slurm needs submitit: pip install 'genlearn[slurm]'") from None
    executor = submitit.AutoExecutor(folder=folder)
    try:
        executor.update_parameters(**{key: _read(value) for key, value in settings.items()})
    except (NameError, TypeError, ValueError, AssertionError) as error:
        raise UserError(f"--slurm-set {', '.join(settings)}: {first_line(error)}") from None
    work = submitit.helpers.CommandFunction([sys.executable, "-m", "genlearn", *command])
    with executor.batch():
        submitted = [executor.submit(work) for _ in range(jobs)]
    return executor.cluster, [str(job.job_id) for job in submitted]


def without(words: Sequence[str], flags: Sequence[str]) -> list[str]:
    """The ``words`` of a command line without these ``flags`` and their values."""
    kept, skipped = list[str](), False
    for word in words:
        if skipped:
            skipped = False
        elif word in flags:
            skipped = True
        elif word.split("=")[0] not in flags:
            kept.append(word)
    return kept


def _read(value: str) -> int | str:
    return int(value) if value.isdigit() else value
