"""`genlearn fit MODEL DATA`."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ...core.errors import UserError, nearest
from ...core.estimator_types import Composite, GradientTrained
from ...core.registry import available, find
from ..options import binarise_option, count, data_options, param_options, stem
from ..protect import INPUT, Input, check_output, protecting
from ..session import Session
from .config_file import FLAG, expanded

_READING = ("binarise", "split", "resolution", "label", "header", "delimiter", "decimal", "key")
_KEPT = (
    "fresh",
    "start_from",
    "more",
    "patience",
    "save_every",
    "keep_checkpoints",
    "trackers",
    "only",
)


class ModelGroup(click.Group):
    """A command for each model, with its hyper-parameters as flags."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, expanded(args, _command))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return available()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in available():
            order = "the model comes first, then the data; " if os.path.exists(cmd_name) else ""
            known = nearest(cmd_name, available())
            raise UserError(f"no model is called {cmd_name!r}; {order}{known}")
        return protecting(_command(cmd_name))


class ShareOrData(Input):
    """0.05, or a text that names data."""

    name = "SHARE|DATA"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return float(value)
        except ValueError:
            return value


@click.group(cls=ModelGroup, subcommand_metavar="MODEL DATA [OPTIONS]...")
@click.option(
    FLAG,
    type=INPUT,
    expose_value=False,
    help="TOML with model, data and flags, or a run's manifest.json; flags beside it win.",
)
def fit() -> None:
    """Learn a distribution from DATA: a folder of images, a file, or a named set (digits, mnist,
    cifar10...).

    The same command again continues the run, and --more trains a finished one further.
    `genlearn fit MODEL --help` lists a model's flags.
    """


def _command(name: str) -> click.Command:
    model = find(name)

    @click.command(name, help=(model.__doc__ or "").split("\n\n", maxsplit=1)[0])
    @click.argument("data", type=INPUT)
    @click.option("--out", help="Folder of the run. [default: runs/MODEL-DATA]")
    @click.option("--fresh", is_flag=True, help="Start again, replacing a run that stands there.")
    @_loop_options(model)
    @binarise_option
    @data_options
    @click.pass_context
    def command(ctx: click.Context, /, data: str, out: str | None, **rest: Any) -> None:
        session: Session = ctx.obj
        how = {key: rest.pop(key) for key in _READING}
        kept = {key: rest.pop(key) for key in _KEPT if key in rest}
        watch = rest.pop("validation", None)
        given = {
            key: value
            for key, value in rest.items()
            if ctx.get_parameter_source(key) != ParameterSource.DEFAULT
        }
        place = out or f"runs/{name}-{stem(data)}"
        check_output(place)
        begins = kept.get("start_from")
        known = _settings_from(begins, name) if begins else {}
        known |= _settings_of(place, name) if kept.get("more") else {}
        kept["started"] = session.started
        _fit(model(**known | given), data, place, how, kept, watch)

    command.params += param_options(model)
    return command


_LOOP_OPTIONS: tuple[Any, ...] = (
    click.option(
        "--from",
        "start_from",
        type=INPUT,
        help="Fine-tune: begin as this run of the same model, with its hyper-parameters where"
        " no others are given.",
    ),
    click.option(
        "--patience",
        type=count(),
        help="End the training where so many marks of the held-out curve have risen above the"
        " best, and keep the weights of that one.",
    ),
    click.option(
        "--validation",
        type=ShareOrData(),
        help="Watch the training by examples that it does not learn from: a share of DATA, as"
        " 0.05, or a folder, a file, a named set (its test part, if it has one).",
    ),
    click.option(
        "--more",
        help="Train a finished run further, by steps or a time, as 500 or 5m; with other rates"
        " if they are given.",
    ),
    click.option(
        "--tracker",
        "trackers",
        multiple=True,
        metavar="NAME",
        help="Pass the curves on: tensorboard (files in the run), mlflow, wandb, trackio, or one of"
        " an installed package; as often as wanted.",
    ),
    click.option(
        "--keep-checkpoints",
        type=count(),
        default=2,
        show_default=True,
        help="How many checkpoints to keep.",
    ),
    click.option(
        "--save-every",
        type=count(),
        help="Steps between checkpoints. [default: a tenth of the run]",
    ),
)


def _loop_options(model: type[Any]) -> Callable[[Any], Any]:
    """Flags of the training loop, where there is one."""
    options = _LOOP_OPTIONS
    if issubclass(model, Composite):
        options = (
            *options,
            click.option(
                "--only", help="Train this part alone; others elsewhere, with the same --out."
            ),
        )
    return lambda command: reduce(
        lambda inner, option: option(inner),
        options if issubclass(model, (GradientTrained, Composite)) else (),
        command,
    )


def _settings_of(place: str, name: str) -> dict[str, Any]:
    """The hyper-parameters of the run at ``place``, if it is one of this model: one that goes on
    keeps what is not given anew."""
    from ...engine.runs.run import Run, from_manifest, to_manifest

    run = Run(Path(place))
    if not run.exists() or run.manifest["model"] != name:
        return {}
    there = from_manifest(run.manifest)
    return {key: getattr(there, key) for key in to_manifest(there)["hyper"]}


def _settings_from(place: str, name: str) -> dict[str, Any]:
    """Those that a model which begins as the run at ``place`` takes over."""
    from ...engine.runs.fine_tuning import OWN

    known = _settings_of(place, name)
    return {key: value for key, value in known.items() if key not in OWN}


def _fit(
    model: Any,
    source: str,
    out: str,
    how: dict[str, Any],
    kept: dict[str, Any],
    watch: float | str | None,
) -> None:
    from ...engine.runs.run_options import RunOptions
    from ..data_io import read, read_as

    data = read(source, **how)
    held_out = read_as(watch, how) if isinstance(watch, str) else watch
    model.fit(
        data,
        out=out,
        progress=True,
        validation=held_out,
        options=RunOptions(source=source, **kept),
    )
