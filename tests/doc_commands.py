"""Command lines as they stand in the pages of the documentation."""

import re
import shlex
from pathlib import Path

import click
import numpy as np
import pandas as pd
from PIL import Image

import genlearn as gl
from genlearn.cli.main import genlearn

ROOT = Path(__file__).parent.parent
_FENCED = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:^ {4}\S.*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`(genlearn [a-z][^`]*)`")


def pages():
    """All pages that tell commands, by their place."""
    found = [ROOT / "README.md", ROOT / "benchmarks/README.md", *ROOT.glob("docs/**/*.md")]
    return [str(page.relative_to(ROOT)) for page in sorted(found)]


def blocks(page):
    """Lines of the shell in fenced blocks; what a session printed is left out."""
    lines = []
    for block in _FENCED.findall((ROOT / page).read_text()):
        told = block.replace("\\\n", " ").splitlines()
        session = any(line.startswith("$ ") for line in told)
        lines += [line.removeprefix("$ ") for line in told if line.startswith("$ ") or not session]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def command_lines(page):
    """Arguments of each `genlearn` in the blocks of a page, in indented ones, and in its text."""
    text = (ROOT / page).read_text()
    prose = _FENCED.sub("", text)
    indented = [
        line.strip()
        for block in _INDENTED.findall(prose)
        for line in block.replace("\\\n", " ").splitlines()
    ]
    inline = [found.replace("\n", " ") for found in _INLINE.findall(prose)]
    for line in (*blocks(page), *indented):
        yield from calls(line)
    for line in inline:  # which may name a command without its arguments
        for name, *others in calls(line):
            yield (name, *others) if others else (name, "--help")


def calls(line):
    """Arguments of each `genlearn` in a line of the shell, by itself or as python's module."""
    if "genlearn " not in line:
        return
    words = shlex.split(line, comments=True)
    ends = [index for index, word in enumerate(words) if word in ("&&", "|")]
    for start, end in zip([0, *(end + 1 for end in ends)], [*ends, len(words)], strict=True):
        part = words[start:end]
        before = part[: part.index("genlearn")] if "genlearn" in part else ["?"]
        if before[-1:] == ["-m"] or all("=" in word for word in before):
            yield tuple(part[len(before) + 1 :])


def check_parses(arguments):
    """Raise where the command line ``genlearn ARGUMENTS`` would be refused before it does
    anything: a command, model, flag or choice that there is not, or too few arguments."""
    context, name, command, rest = None, "genlearn", genlearn, list(arguments)
    while True:
        try:
            context = command.make_context(name, rest, parent=context)
        except click.exceptions.Exit:  # --help, --version
            return
        if not isinstance(command, click.Group):
            return
        name, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )


def shortened(arguments):
    """The same command with seconds for minutes."""
    times = {"--budget": "6s", "--more": "3s", "--evaluation": "5s"}
    before = ("", *arguments)
    return [times.get(flag, word) for flag, word in zip(before, arguments, strict=False)]


def write_data(place):
    """What the pages speak of: images of two classes, few, noisy, small and captioned ones, and a
    table with gaps."""
    data, rng = gl.open_data("digits"), np.random.default_rng(0)
    shown = [
        Image.fromarray((15 * image).astype(np.uint8)).resize((16, 16)) for image in data.values
    ]
    for name, count in (("few", 40), ("new", 12), ("noisy", 6)):
        _write(shown[:count], place / name)
    for label, name in ((0, "cat"), (1, "dog")):
        _write(
            [shown[i] for i in np.flatnonzero(data.labels == label)[:80]],
            place / "photos" / name,
        )
    _write(shown[:80], place / "captioned")
    captions = [f"a digit, {label}" for label in data.labels[:80]]
    files = [f"{index:03}.png" for index in range(80)]
    pd.DataFrame({"file_name": files, "text": captions}).to_csv(
        place / "captioned/metadata.csv", index=False
    )
    _write([image.resize((8, 8)) for image in shown[:4]], place / "small")
    Image.fromarray(np.pad(np.full((16, 8), 255, np.uint8), ((0, 0), (8, 0)))).resize(
        (32, 32)
    ).save(place / "mask.png")
    kind, start = rng.choice(["a", "b"], 300), rng.integers(0, 50, 300)
    mass = (40 + 10 * (kind == "b") + rng.normal(0, 5, 300)).round(1)
    people = pd.DataFrame({"kind": kind, "mass": mass, "start": start})
    people["end"] = start + rng.integers(0, 9, 300)
    people.loc[::17, "mass"] = None
    people.to_csv(place / "people.csv", index=False)


def _write(images, place):
    place.mkdir(parents=True)
    for index, image in enumerate(images):
        image.save(place / f"{index:03}.png")
