"""`genlearn push RUN OWNER/NAME` and `genlearn pull OWNER/NAME OUT`: runs on the Hugging Face
hub."""

from __future__ import annotations

import click

from ....hub.card import UNSTATED
from ...say import say, tell


@click.command()
@click.argument("run")
@click.argument("repository", metavar="OWNER/NAME")
@click.option(
    "--license", required=True, help="Of the weights, as the hub names it: mit, cc-by-4.0."
)
@click.option("--data-license", default=UNSTATED, help="Of the data that it learned from.")
@click.option(
    "--report", help="A report.json with its figures. [default: RUN/evaluation/report.json]"
)
@click.option("--model", help="Its name in the report, where that has several.")
@click.option("--private", is_flag=True, help="For those alone who are let in.")
def push(
    run: str,
    repository: str,
    license: str,
    data_license: str,
    report: str | None,
    model: str | None,
    private: bool,
) -> None:
    """Upload RUN, without what it learned from, with a card of its figures."""
    from ....hub.repository import push as upload

    where = upload(
        run,
        repository,
        license=license,
        data_license=data_license,
        report=report,
        model=model,
        private=private,
        tell=tell,
    )
    say(where)


@click.command()
@click.argument("repository", metavar="OWNER/NAME")
@click.argument("out")
def pull(repository: str, out: str) -> None:
    """Fetch a model that was pushed into the folder OUT, as a run."""
    from ....hub.repository import pull as fetch

    fetch(repository, out, tell)
    say(f"{out}; next: genlearn sample {out}")
