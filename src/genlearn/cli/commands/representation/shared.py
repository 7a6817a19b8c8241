"""What the commands on codes share: the data with what stands for it, and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial, reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....data import has_split
from ....engine.runs.run import Run
from ...common import load_run
from ...data_io import ProgressLine, named_examples, read_like
from ...options import label_option, reading_options
from ...png import write_png
from ...protect import INPUT, check_output
from ...say import say, tell

if TYPE_CHECKING:
    from PIL.Image import Image

    from ....core.capabilities import Array
    from ....data import Dataset
    from ....representation.represent import Representation

_OPTIONS: tuple[Callable[..., Any], ...] = (
    label_option,
    click.option(
        "--features",
        default="auto",
        show_default=True,
        metavar="auto|codes|LAYER@T",
        help="What stands for an example: of a diffusion model, a layer of its network, or all, at"
        " a time of noise; auto: the best by the classes of DATA; of other models, their codes.",
    ),
    reading_options,
    click.argument("data", type=INPUT),
    click.argument("run"),
)  # from the last to the first


@dataclass(eq=False)
class CodedData:
    """The examples ``source`` as ``run`` reads them, by what of its model stands for them: where
    there is a choice, by what the examples ``known`` tell, all of them by default."""

    run: str
    source: str
    reading: dict[str, Any]
    features: str
    known: Dataset | None = None

    @cached_property
    def model(self) -> Any:
        return load_run(self.run)

    @cached_property
    def data(self) -> Dataset:
        return self._read(read_like, self.source)

    @cached_property
    def test(self) -> Dataset | None:
        """The test split beside ``data``, where there is one and no other was asked for."""
        if "split" in self.reading or not has_split(self.source, "test"):
            return None
        return self._read(partial(read_like, split="test"), self.source)

    @cached_property
    def representation(self) -> Representation:
        """What stands for an example."""
        from ....representation.represent import representation_of

        known = self.data if self.known is None else self.known
        return representation_of(self.model, self.features, known)

    @property
    def codes(self) -> Array:
        """Of ``data``, (n, d), kept with the run."""
        return self.codes_of(self.data)

    def codes_of(self, data: Dataset) -> Array:
        """Of ``data``, (n, d), kept with the run."""
        from ....representation.kept_codes import kept_codes

        with ProgressLine(f"encoding {self.source}") as bar:
            return kept_codes(Run(Path(self.run)), self.representation, data, bar, tell)

    def others(self, text: str) -> tuple[Dataset, Array]:
        """What else ``text`` names, and its codes. How the data is written is told of it alone, but
        where it is a part of that."""
        same = self.source in (text, text.rpartition(":")[0])
        reading = self.reading if same else {}
        data = named_examples(text, self.model.spec_, run=self.run, **reading)
        return data, self.representation.of(data)

    def _read(self, how: Callable[..., Dataset], source: str) -> Dataset:
        return how(source, self.model.spec_, run=self.run, **self.reading)


def coded_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """RUN, DATA, and how DATA is read, for commands on codes; they reach the command as
    ``coded``."""

    @wraps(command)
    def gathered(
        *args: Any,
        run: str,
        data: str,
        features: str,
        reading: dict[str, Any],
        **params: Any,
    ) -> Any:
        return command(*args, coded=CodedData(run, data, reading, features), **params)

    return reduce(lambda inner, option: option(inner), _OPTIONS, gathered)


def table_option(name: str, beside: str = "") -> Callable[..., Any]:
    """--out, a table called ``name``."""
    help = f"Table: .csv or .parquet{beside}."
    return click.option("--out", default=name, show_default=True, help=help)


def beside(out: str, suffix: str) -> Path:
    """The place beside the table ``out`` of what shows it. Raises `UserError` where that would
    replace an input."""
    place = Path(out).with_suffix(suffix)
    check_output(place)
    return place


def write_sheet(sheet: Image, place: Path, what: str) -> None:
    """A picture to ``place``, which is told."""
    write_png(sheet, place)
    say(f"{place}: {what}")
