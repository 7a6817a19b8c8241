"""`genlearn export RUN`: its parts for other runtimes."""

from __future__ import annotations

from pathlib import Path

import click

from ...core.capabilities import Exports, ExportsPipeline
from ...core.errors import UserError
from ..common import loaded
from ..protect import check_output
from ..say import say, tell


@click.command()
@click.argument("run")
@click.option(
    "--to",
    "form",
    type=click.Choice(["onnx", "torch", "diffusers"]),
    default="onnx",
    show_default=True,
    help="For onnxruntime and others, for PyTorch, or for the diffusers library.",
)
@click.option("--out", help="Folder to write to. [default: RUN-onnx, RUN-torch or RUN-diffusers]")
@click.option(
    "--part",
    "parts",
    multiple=True,
    help="A part, again for each; diffusers takes the whole. [default: all]",
)
@click.option("--overwrite", is_flag=True, help="Replace what is at --out.")
def export(run: str, form: str, out: str | None, parts: tuple[str, ...], overwrite: bool) -> None:
    """What RUN has learned as files that run without genlearn: encoder and decoder, generator, or
    denoiser and a whole sampler; or a pipeline of diffusers, of --network unet2d, and an
    autoencoder, of --network autoencoder_kl. Each is compared with the model."""
    from ...export import export as write

    folder = Path(out or f"{run.rstrip('/')}-{form}")
    check_output(folder)
    if folder.exists() and not overwrite:
        raise UserError(f"{folder} is there already; name another --out, or give --overwrite")
    model = loaded(run, "exports", Exports, ExportsPipeline)
    document = write(model, folder, form, parts=parts, tell=tell)
    say(f"{folder}: what goes in and comes out stands in {document.name}")
