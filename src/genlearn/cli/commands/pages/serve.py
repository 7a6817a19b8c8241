"""`genlearn serve RUN`: a run as a service."""

from __future__ import annotations

import os

import click

from ....core.capabilities import Encodes, Samples, Scores
from ...common import loaded
from ...options import count
from ...say import tell

TOKEN = "GENLEARN_TOKEN"


@click.command()
@click.argument("run")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0: all."
)
@click.option(
    "--port",
    default=8128,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where to listen; 0 for any port that is free.",
)
@click.option(
    "--batch",
    default=256,
    show_default=True,
    type=count(),
    help="Examples that the model is asked for at a time, and most of a request.",
)
@click.option(
    "--waiting",
    default=2048,
    show_default=True,
    type=count(),
    help="Examples that may wait; more are refused with 429.",
)
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.01),
    help="Seconds after which a request is given up with 503.",
)
@click.option(
    "--seed", default=0, show_default=True, type=count(0), help="Of the stream of samples."
)
def serve(
    run: str, host: str, port: int, batch: int, waiting: int, timeout: float, seed: int
) -> None:
    """Answer requests for samples, codes and scores of RUN over HTTP. Clients have to know the
    token in the variable GENLEARN_TOKEN, if there is one; Ctrl-C ends it."""
    from ....serve.app import Limits, Service
    from ....serve.server import serve as listen

    model = loaded(run, "answers", Samples, Encodes, Scores)
    limits = Limits(batch, waiting, timeout)
    service = Service(model, limits, os.environ.get(TOKEN, ""), seed)
    if host not in ("127.0.0.1", "localhost") and not service.token:
        tell(f"everyone who reaches {host} may ask; set {TOKEN} to what they have to know")
    listen(service, host, port, tell)
