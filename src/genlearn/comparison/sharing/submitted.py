"""A comparison as jobs of a cluster. Each takes part in it through its folder (`joined`), so they
need nothing of one another, and nothing of a scheduler is known here: submitit hands them to SLURM,
and where there is none starts them as processes of this machine."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from ...core.errors import UserError, first_line


def submit(
    command: Sequence[str], folder: Path, jobs: int, settings: Mapping[str, str], budget: float
) -> tuple[str, list[str]]:
    """Submit ``command``, the words after ``genlearn``, so many times; the kind of cluster, and
    the names of the jobs, whose logs are in ``folder``. ``settings``: as submitit knows them;
    where they do not say how long a job may be, it is twice the ``budget``, in seconds, and half an
    hour.

    Raises `UserError` without submitit, for settings that it does not know, and where the cluster
    refuses.
    """
    try:
        import submitit
    except ImportError:
        raise UserError("--slurm needs submitit: pip install 'genlearn[slurm]'") from None
    executor = submitit.AutoExecutor(folder=folder)
    usual = {"timeout_min": math.ceil(2 * budget / 60) + 30}
    if executor.cluster == "local":  # which else lets jobs see no GPU
        usual["gpus_per_node"] = torch.cuda.device_count()
    given = {key: _read(value) for key, value in settings.items()}
    try:
        executor.update_parameters(**(usual | given))
    except (NameError, TypeError, ValueError, AssertionError) as error:
        raise UserError(f"--slurm-set {', '.join(settings)}: {first_line(error)}") from None
    work = submitit.helpers.CommandFunction([sys.executable, "-m", "genlearn", *command])
    try:
        with executor.batch():
            submitted = [executor.submit(work) for _ in range(jobs)]
    except submitit.core.utils.FailedJobError as error:
        raise UserError(f"the cluster took no jobs: {first_line(error)}") from error
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
