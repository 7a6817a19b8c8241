"""`genlearn`: the commands, loaded when they are called, so that help is instant; and one line for
every mistake."""

from __future__ import annotations

import errno
import functools
import importlib
import os
import sys
import time
import warnings
from typing import Any

import click

from ..core.errors import UserError, exhausted, first_line, nearest
from ..core.text import printable
from .protect import protecting
from .session import Session

COMMANDS = {
    "models": "The models there are, and what each can do.",
    "inspect": "What the data holds, and what a model would see of it.",
    "prepare": "Data decoded once into a folder, by one machine or by many.",
    "fit": "Learn a distribution from data.",
    "sample": "Draw new data.",
    "encode": "Data to codes.",
    "decode": "Codes to data.",
    "reconstruct": "Data to codes and back.",
    "compress": "Images to one small file.",
    "decompress": "That file back to images.",
    "denoise": "Remove noise from data.",
    "inpaint": "Fill in what is missing of data.",
    "enlarge": "Small images to large ones, by a run that learned their details.",
    "diffuse": "Watch data become noise, or noise become data.",
    "interpolate": "From one example to another, through the latent space.",
    "neighbours": "Which examples are alike, by their codes.",
    "cluster": "Examples in groups, by their codes, and prototypes of each.",
    "map": "Examples in the plane, by their codes: a page to look at.",
    "probe": "How few labels the codes need to tell classes apart.",
    "show": "Pictures and films of what a run has learned.",
    "score": "log p(x) of each example.",
    "outliers": "Which examples are unlike what a run learned.",
    "discriminate": "How sure a GAN is that examples are data.",
    "prompt-adherence": "Whether a run that learned scenes draws what it is asked for.",
    "export": "Parts of a run for other runtimes: ONNX, or PyTorch alone.",
    "push": "A run to the Hugging Face hub, with a card of its figures.",
    "pull": "A run from there.",
    "quiz": "Which one is real? A page that asks people.",
    "quiz-results": "What people's answers to a quiz have shown.",
    "evaluate": "How good a run is: its page of the scoreboard.",
    "compare": "Which model is best for data: trains several, judges them, writes a report.",
    "lecture": "A course on generative models, with figures computed on data of your own.",
    "studio": "All of this in a browser: look, train, explore, prompt, compare and judge.",
    "serve": "A run as a service, for other programs: samples, codes and scores over HTTP.",
}
_FILES = {name: name for name in COMMANDS} | {
    "models": "info",
    "inspect": "info",
    "encode": "representation.encode",
    "decode": "representation.encode",
    "prepare": "data.prepare",
    "compress": "data.compress",
    "decompress": "data.compress",
    "reconstruct": "representation.encode",
    "interpolate": "representation.encode",
    "denoise": "denoise_inpaint",
    "inpaint": "denoise_inpaint",
    "neighbours": "representation.neighbours",
    "cluster": "representation.cluster",
    "map": "representation.map",
    "probe": "representation.probe",
    "discriminate": "score",
    "prompt-adherence": "score",
    "quiz": "pages.quiz",
    "quiz-results": "pages.quiz",
    "lecture": "pages.lecture",
    "studio": "pages.studio",
    "serve": "pages.serve",
    "push": "pages.hub",
    "pull": "pages.hub",
    "evaluate": "compare",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            raise UserError(f"no command is called {cmd_name!r}; {nearest(cmd_name, COMMANDS)}")
        command: click.Command = getattr(
            importlib.import_module(f".commands.{_FILES[cmd_name]}", __package__),
            cmd_name.replace("-", "_"),
        )
        return protecting(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="genlearn")
def genlearn(debug: bool) -> None:
    """Learn a distribution from unlabelled examples, and put it to use."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 a mistake told in one line, 130 or 143 stopped by a
    signal."""
    warnings.showwarning = _noted
    _open_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    loading = time.process_time()  # of Python and of this; a budget holds it too
    sys.exit(run([a for a in arguments if a != "--debug"], debug, loading))


def _open_streams() -> None:
    """A stream that was closed (``>&-``) leads nowhere, rather than to an error."""
    nowhere = functools.partial(open, os.devnull, "w", encoding="utf-8")
    sys.stdout, sys.stderr = sys.stdout or nowhere(), sys.stderr or nowhere()


def run(arguments: list[str], debug: bool, spent: float = 0.0) -> int:
    """Run the command line, for which ``spent`` seconds have passed already; the exit code."""
    try:
        _called(arguments, Session(debug, time.perf_counter() - spent, tuple(arguments)))
    except (click.ClickException, UserError, OSError, KeyboardInterrupt, click.Abort) as error:
        if debug:
            raise
        return _told(error)
    except Exception as error:
        if debug:
            raise
        if lack := exhausted(error):
            return _told(lack)
        return _told(
            f"{type(error).__name__}: {first_line(error)}. This is a defect of genlearn; --debug"
            " shows where",
            code=1,
        )
    return 0


def _called(arguments: list[str], session: Session) -> None:
    """Run the command, until what it printed is out of our hands."""
    try:
        genlearn.main(arguments, prog_name="genlearn", standalone_mode=False, obj=session)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
    except SystemExit:  # click's way to end where nobody reads on, as of `| head`
        raise BrokenPipeError from None
    sys.stdout.flush()


def _told(error: BaseException | str, code: int = 2) -> int:
    if isinstance(error, BrokenPipeError):
        _forget_output()
        return 0
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _forget_output()
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        error = error.__cause__ or error  # click wraps what a signal raised
        code = 128 + getattr(error, "number", 2)
        error = str(error) or "stopped"
    click.echo(f"genlearn: {printable(_message(error))}", err=True)
    return code


def _forget_output() -> None:
    """What could not be printed is not tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _noted(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    """A warning to the user as a line, without the place in the code that it came from."""
    click.echo(
        (
            f"genlearn: {printable(str(message))}"
            if category is UserWarning
            else warnings.formatwarning(message, category, filename, lineno, line)
        ),
        err=True,
    )


def _message(error: Any) -> str:
    if isinstance(error, click.NoSuchOption):
        close = (
            f"; did you mean {' or '.join(error.possibilities)}?"
            if error.possibilities
            else "; --help lists the flags"
        )
        return f"no flag is called {error.option_name}{close}"
    if isinstance(error, click.ClickException):
        return error.format_message().replace("\n", " ")
    if isinstance(error, OSError):
        return f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")
    return first_line(error) if isinstance(error, BaseException) else str(error)
