"""Device and precision; where processes share a step, by Lightning Fabric.

bf16 is used where the hardware multiplies it natively, and for images only: tables are small, and
eight bits of precision are too coarse for calibrated densities over their columns.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.distributed.distributed_c10d import (
    PrefixStore,
    destroy_process_group,
    init_process_group,
    is_initialized,
)
from torch.distributed.rendezvous import rendezvous
from torch.utils._pytree import tree_map

from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.spec import DataSpec
from .distributed import (
    Launch,
    Processes,
    SingleProcess,
    by_torchrun,
    check_shares,
    launch_of,
)


def fabric_for(model: GradientTrained, spec: DataSpec) -> Processes:
    """The processes that train ``model`` by its device, devices and precision. Raises `UserError`
    for a device that is not there, and a batch that cannot be shared."""
    check_shares(model)
    device = resolve_device(model.device)
    bf16 = _bf16(model.precision, device, spec)
    launch = launch_of(model.devices)
    if launch.processes == 1:
        return SingleProcess(torch.empty(0, device=device).device, bf16)
    return _launched(device, launch, "bf16-mixed" if bf16 else "32-true")


def _launched(device: str, launch: Launch, precision: Any) -> Processes:
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment
    from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment

    with warnings.catch_warnings(), _quiet():
        warnings.simplefilter("ignore")
        fabric = Fabric(
            accelerator=device,
            devices=launch.processes // launch.nodes,
            num_nodes=launch.nodes,
            precision=precision,
            # in a job of SLURM it would wait for srun to start the others
            plugins=TorchElasticEnvironment() if by_torchrun() else LightningEnvironment(),
        )
        _join_attempt(device, launch)
        fabric.launch()
    return cast(Processes, fabric)


def _join_attempt(device: str, launch: Launch) -> None:
    """Connect the processes of this attempt. torchrun's store outlives a restart, and what was
    killed left its addresses there, at which the others would wait; so each attempt has its own."""
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT")
    # those of several machines are not counted alike
    if attempt is None or launch.nodes > 1 or is_initialized():
        return
    store, rank, processes = next(rendezvous("env://"))
    own = PrefixStore(f"attempt {attempt}", store)
    backend = "nccl" if device == "cuda" else "gloo"
    init_process_group(backend, store=own, rank=rank, world_size=processes)
    atexit.register(destroy_process_group)


def precision_of(model: GradientTrained, spec: DataSpec) -> str:
    """bf16 or fp32."""
    return "bf16" if _bf16(model.precision, resolve_device(model.device), spec) else "fp32"


def wait_for(device: torch.device) -> None:
    """Return when the device has done all that it was told of, so that clocks are right."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def to_device(networks: nn.ModuleDict, spec: DataSpec, device: str | torch.device) -> None:
    """Move ``networks`` to ``device`` ("auto": the accelerator if there is one), laid out as their
    data is: channels last for images.

    Numbers in double precision stay on the CPU where the device (mps) has none.
    """
    layout = torch.channels_last if len(spec.shape) == 3 else torch.preserve_format
    kind = torch.device(resolve_device(device) if isinstance(device, str) else device)
    double = any(tensor.dtype == torch.float64 for tensor in networks.state_dict().values())
    where = "cpu" if kind.type == "mps" and double else kind
    networks.to(device=where, memory_format=layout)  # type: ignore[call-overload]


@contextmanager
def mixed_precision(
    networks: nn.ModuleDict, fabric: Processes, forwards: Mapping[str, Callable[..., Any]]
) -> Iterator[None]:
    """Inside, each network's ``forward``, or what ``forwards`` has in its place, runs under
    autocast and answers in float32, so that objectives are computed in full precision."""
    for name, net in networks.items():
        net.forward = _autocast(forwards.get(name, net.forward), fabric)
    try:
        yield
    finally:
        for net in networks.values():
            del net.forward


def autocast(precision: str, device: torch.device, spec: DataSpec) -> torch.autocast:
    """Inside, networks compute in bf16 where a model of this ``precision`` is trained in it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=_bf16(precision, device.type, spec))


@contextmanager
def _quiet() -> Iterator[None]:
    """Inside, Lightning keeps its advice on launchers and precision to itself."""
    logger = logging.getLogger("lightning_fabric")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _autocast(forward: Any, fabric: Processes) -> Any:
    @functools.wraps(forward)
    def call(*args: Any, **kwargs: Any) -> Any:
        with fabric.autocast():
            return tree_map(_float32, forward(*args, **kwargs))

    return call


def _float32(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


def resolve_device(name: str) -> str:
    """The device that ``name`` means here. Raises `UserError` for one that is not there."""
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if there[device])
    if not there.get(name, False):
        raise UserError(
            f"device={name!r} was given; this machine has {', '.join(d for d in there if there[d])}"
        )
    return name


def _bf16(precision: str, device: str, spec: DataSpec) -> bool:
    if precision != "auto":
        return precision == "bf16"
    native = {"cpu": torch.cpu._is_avx512_bf16_supported, "cuda": torch.cuda.is_bf16_supported}
    return len(spec.shape) == 3 and device in native and bool(native[device]())
