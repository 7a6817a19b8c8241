"""What models are for, on the digits that come with scikit-learn, in about a minute: learn, sample,
encode, denoise.

    python examples/tour.py [FOLDER] [DATA]

Leaves runs and pictures in FOLDER (default: tour); ``overview.png`` shows all of them. DATA is any
set of images with classes.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import genlearn as gl
from genlearn.core.image_grid import image_grid

# Tol, colour-blind safe
COLOURS = [
    "#332288",
    "#88ccee",
    "#44aa99",
    "#117733",
    "#999933",
    "#ddcc77",
    "#cc6677",
    "#882255",
    "#aa4499",
    "#555555",
]


def main(folder: Path, source: str = "digits") -> None:
    """Train three models and show what each is for."""
    folder.mkdir(exist_ok=True)
    data = gl.open_data(source)
    pictures: dict[str, Image.Image] = {
        "what it learns from": image_grid(data.values[:24], data.spec, 12)
    }

    vae = fit("vae", data, folder, latent_dim=8, steps=1200)
    pairs = np.stack([data.values[:12], vae.reconstruct(data.values[:12])])
    show(
        pictures,
        vae,
        "examples, and what eight numbers keep of them",
        pairs.reshape(-1, *data.spec.user_shape),
    )
    show(pictures, vae, "new data: samples of a variational autoencoder", vae.sample(24, seed=0))
    show(
        pictures,
        vae,
        "from one to another, through the latent space",
        np.concatenate([between(vae, data, 0, 5), between(vae, data, 13, 7)]),
    )

    plain = fit("autoencoder", data, folder, latent_dim=8, steps=800, latent_density="none")
    show(
        pictures,
        plain,
        "a plain autoencoder has no structure to sample from: z ~ N(0, I)",
        plain.sample(24, seed=0),
    )
    plain.set_params(latent_density="gaussian").post_training(data)
    show(pictures, plain, "the same, from a Gaussian fitted to its codes", plain.sample(24, seed=0))

    denoiser = fit(
        "autoencoder",
        data,
        folder / "denoising",
        latent_dim=24,
        steps=800,
        corruption="gaussian",
        corruption_level=0.6,
    )
    rng = np.random.default_rng(0)
    # inside, where the range is 2, that is 0.6
    noise = rng.normal(0, 0.3 * data.spec.high, (12, *data.spec.user_shape))
    noisy = (data.values[:12] + noise).clip(0, data.spec.high).astype(np.uint8)
    show(
        pictures,
        denoiser,
        "noise, and what a denoising autoencoder makes of it",
        np.concatenate([noisy, denoiser.denoise(noisy)]),
    )

    flat = fit("vae", data, folder / "map", latent_dim=2, steps=1200)
    pictures["all in two dimensions, coloured by class"] = scatter(
        flat.encode(data.values[:2000]), data.labels[:2000]
    )

    for name, picture in pictures.items():
        picture.save(folder / f"{name.split(':')[0].replace(' ', '-').replace(',', '')}.png")
    overview(pictures).save(folder / "overview.png")
    print(
        f"look at {folder / 'overview.png'}; what was drawn along the way is in"
        f" {folder}/vae/samples"
    )


def fit(name: str, data: Any, folder: Path, **hyper: Any) -> Any:
    """A small model, trained in a run of its own."""
    return gl.create(name, size="tiny", **hyper).fit(data, out=folder / name, progress=True)


def between(model: Any, data: Any, a: int, b: int) -> np.ndarray:
    """Twelve steps between two examples."""
    return model.interpolate(data.values[a : a + 1], data.values[b : b + 1], 12)


def show(pictures: dict[str, Image.Image], model: Any, title: str, values: np.ndarray) -> None:
    """Add a grid of ``values``, twelve in a row."""
    pictures[title] = image_grid(values, model.spec_, 12)


def scatter(codes: np.ndarray, labels: np.ndarray, side: int = 376) -> Image.Image:
    """Codes in the plane, each in the colour of its class, the class's number at its median."""
    low, high = np.quantile(codes, [0.002, 0.998], axis=0)
    places = (20 + (codes - low) / (high - low) * (side - 40)) * [1.9, 1]
    picture = Image.new("RGB", (int(side * 1.9), side), "white")
    draw = ImageDraw.Draw(picture)
    for (x, y), label in zip(places, labels, strict=True):
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=COLOURS[label])
    for label, colour in enumerate(COLOURS):
        x, y = np.median(places[labels == label], axis=0)
        draw.text(
            (x, y),
            str(label),
            colour,
            ImageFont.load_default(26),
            anchor="mm",
            stroke_width=3,
            stroke_fill="white",
        )
    return picture


def overview(pictures: dict[str, Image.Image], margin: int = 16, line: int = 26) -> Image.Image:
    """All pictures in two columns, each under its title."""
    columns = list(pictures.items())[0::2], list(pictures.items())[1::2]
    width = max(picture.width for picture in pictures.values()) + margin
    height = max(sum(picture.height + line + margin for _, picture in column) for column in columns)
    sheet = Image.new("RGB", (2 * width + margin, height + margin), "white")
    for index, column in enumerate(columns):
        left, top = margin + index * width, margin
        for title, picture in column:
            ImageDraw.Draw(sheet).text((left, top), title, "#222222", ImageFont.load_default(18))
            sheet.paste(picture, (left, top + line))
            top += picture.height + line + margin
    return sheet


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tour"), *sys.argv[2:])
