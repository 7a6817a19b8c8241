"""What the tests of exploring share: runs by name, and images out of answers."""

import io

import numpy as np
from PIL import Image

import genlearn as gl

HEIGHT, WIDTH, COUNT = 12, 9, 48


def run_of(owner, name):
    runs = owner.app.state.studio.library.runs()
    return next(run for run in runs.values() if run.name == f"runs/{name}")


def frames(answer, columns=None):
    """Images side by side, (n, H, W)."""
    assert answer.headers["content-type"] == "image/png"
    sheet = np.asarray(Image.open(io.BytesIO(answer.content)))
    rows = sheet.reshape(len(sheet) // HEIGHT, HEIGHT, -1, WIDTH)
    return rows.swapaxes(1, 2).reshape(-1, HEIGHT, WIDTH)


def model_of(owner, name):
    return gl.load(run_of(owner, name).path)


def png(pixels):
    Image.fromarray(pixels).save(content := io.BytesIO(), "PNG")
    return content.getvalue()
