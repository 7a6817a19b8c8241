"""`genlearn compress RUN IMAGES`, `genlearn decompress FILE`: images to one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....core.capabilities import DecodesExactly
from ....core.disk.atomic import write_bytes
from ....core.errors import UserError
from ....core.text import writable
from ...common import load_run, loaded
from ...data_io import ProgressLine
from ...image_folder import check_absent, write_images
from ...options import reading_options, stem
from ...protect import INPUT, check_output
from ...say import say, tell

if TYPE_CHECKING:
    from ....compression.compress import Compressed
    from ....compression.container import Head
    from ....compression.images import Images

_SUFFIX = ".glc"
_NAMED = 3  # files that a line names
_overwrite = click.option("--overwrite", is_flag=True, help="Replace what is at --out.")


@click.command()
@click.argument("run")
@click.argument("images", type=INPUT)
@click.option(
    "--lossless/--lossy",
    default=True,
    show_default=True,
    help="Every pixel exactly, or as the codes of RUN tell it.",
)
@click.option(
    "--quality",
    type=click.FloatRange(0, 100),
    help="How finely codes are rounded, with --lossy; 75 adds an error of 1 level. [default: 50]",
)
@reading_options
@_overwrite
@click.option("-o", "--out", help="File to write. [default: IMAGES.glc]")
def compress(
    run: str,
    images: str,
    lossless: bool,
    quality: float | None,
    reading: dict[str, Any],
    overwrite: bool,
    out: str | None,
) -> None:
    """IMAGES in one file, by RUN. Each decodes to exactly the pixels that it has; --lossy is
    smaller, and shows what RUN makes of it."""
    from ....compression.compress import compress_lossless, compress_lossy, image_spec
    from ....compression.images import exact_images, read_images

    out = out or f"{stem(images)}{_SUFFIX}"
    check_output(out)
    check_absent(Path(out), overwrite)
    if quality is not None and lossless:
        raise UserError(
            f"--quality {quality:g} was given; it is for --lossy, and lossless has none"
        )
    model = loaded(run, "compresses", DecodesExactly)
    spec = image_spec(model)
    with ProgressLine(f"reading {images}"):
        if lossless:
            found = exact_images(images, spec, tell=tell, **reading)
        else:
            found = read_images(images, spec, tell=tell, **reading)
    _note(found)
    with ProgressLine("compressing") as bar:
        if lossless:
            made = compress_lossless(model, found, writable(run), bar)
        else:
            made = compress_lossy(model, found, 50 if quality is None else quality, writable(run))
    write_bytes(Path(out), made.content)
    _tell(found, made, out, lossless)


@click.command()
@click.argument("file", type=INPUT)
@click.option("--run", help="The run that compressed it. [default: where it was then]")
@_overwrite
@click.option("-o", "--out", help="Folder to write to. [default: FILE without its ending]")
def decompress(file: str, run: str | None, overwrite: bool, out: str | None) -> None:
    """The images of FILE, as PNG under their names."""
    from ....compression.container import unpack
    from ....compression.decompress import decompress as decode

    folder = Path(out or Path(file).with_suffix(""))
    check_output(folder)
    head, parts = unpack(_content(file))
    model = load_run(_run_of(head, Path(file), run))
    with ProgressLine("decompressing") as bar:
        found = decode(model, head, parts, bar)
    count = write_images(folder, found, head, overwrite)
    exact = "exactly as they were" if head.lossless else "as the codes of the run tell them"
    kept = f", {len(found.kept):,} of them kept as files" if found.kept else ""
    say(f"{folder}: {count:,} image{'s' * (count != 1)}, {exact}{kept}")


def _run_of(head: Head, file: Path, run: str | None) -> str:
    """Where the run of ``file`` is: as it was called, from here or from where the file lies."""
    if run is not None:
        return run
    for place in (Path(head.run), file.parent / head.run):
        if head.run and (place / "manifest.json").is_file():
            return str(place)
    raise UserError(
        f"{file} was compressed by the run {head.run or '(not named)'}, which is not there;"
        " say where it is by --run RUN"
    )


def _content(file: str) -> bytes:
    path = Path(file)
    if not path.is_file():
        raise UserError(f"{file} is not there, or no file; give what `genlearn compress` wrote")
    return path.read_bytes()


def _note(found: Images) -> None:
    """What is not in the pixels."""
    if found.kept:
        reasons = [f"{name} ({why})" for name, _, why in found.kept[:_NAMED]]
        more = ", ..." if len(found.kept) > _NAMED else ""
        tell(
            f"{len(found.kept):,} file{'s' * (len(found.kept) != 1)} that RUN cannot compress will"
            f" be kept as they are: {', '.join(reasons)}{more}"
        )
    if found.about:
        tell(
            f"{found.about:,} of the images hold more than pixels (EXIF, colour profiles), which"
            " is left out"
        )


def _tell(found: Images, made: Compressed, out: str, lossless: bool) -> None:
    from ....compression.measure import png_bytes

    pixels, size = found.pixels, len(made.content)
    kept = sum(len(content) for _, content, _ in found.kept)
    given = pixels.nbytes + kept if found.stored is None else found.stored
    what = "of pixels" if found.stored is None else "of files"
    count = len(pixels) + len(found.kept)
    say(f"{out}: {count:,} images, {given:,} bytes {what} in, {size:,} bytes out")
    if not len(pixels):
        return
    ours, png = size - kept, png_bytes(pixels)
    places = pixels.size // (pixels.shape[-1] if lossless or pixels.ndim == 4 else 1)
    say(
        f"{8 * ours / places:.3g} bits per pixel; PNG of the same pixels takes {png:,} bytes,"
        f" {png / ours:.3g} times as many"
    )
    if lossless:
        codes = (
            f"codes of the run take {made.codes:,} of the bytes, and save more"
            if made.codes
            else "without codes of the run, which would take more than they save"
        )
        say(f"every pixel exactly; {codes}")
    if size > given:
        tell(
            "the files were smaller: they are compressed with losses already; keep them as they are"
        )
