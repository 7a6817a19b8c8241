"""The pictures of docs/explore.md: python docs/explore_pictures.py (three minutes on one core;
$GENLEARN_DATA holds mnist)."""

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from genlearn.cli.main import run

HERE = Path(__file__).parent
_TINY = ["--size", "tiny"]
RUNS = {
    "vae2": ["vae", "mnist", *_TINY, "--steps", "700", "--latent-dim", "2"],
    "vae8": ["vae", "mnist", *_TINY, "--steps", "500", "--latent-dim", "8"],
    "vae32": ["vae", "mnist", *_TINY, "--steps", "500", "--latent-dim", "32"],
    "r3gan": ["r3gan", "digits", *_TINY, "--steps", "500"],
    "flow": ["flow", "digits", *_TINY, "--steps", "300"],
}
PICTURES = {
    "explore-grid.png": ["vae2", "grid", "-n", "12"],
    "explore-walk.png": ["vae8", "walk", "-n", "5"],
    "explore-latents.png": ["vae2", "vae8", "vae32", "latents"],
    "explore-steps.png": ["flow", "steps", "-n", "4"],
    "explore-players.gif": ["r3gan", "players", "-n", "6"],
}
_LARGEST = 60_000  # bytes


def main() -> None:
    """Fit, show, and put the pictures beside this file in few colours."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for name, how in RUNS.items():
            called("fit", *how, "--out", str(place / name))
        for name, (*words, last) in PICTURES.items():
            asked = [str(place / word) if word in RUNS else word for word in (*words, last)]
            called("show", *asked, "--out", str(HERE / name))
            if name.endswith(".png"):
                with Image.open(HERE / name) as picture:
                    picture.convert("L").quantize(32).save(HERE / name, optimize=True)
            if (size := (HERE / name).stat().st_size) > _LARGEST:
                raise SystemExit(f"{name} has {size:,} bytes; show less of it")


def called(*arguments: str) -> None:
    """`genlearn` with these arguments, which succeeds."""
    if run(list(arguments), debug=True):
        raise SystemExit(f"genlearn {' '.join(arguments)} failed")


if __name__ == "__main__":
    main()
