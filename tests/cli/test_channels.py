"""Images of other channels than grey, RGB and RGBA, and of 16 bits, on their way to files."""

import numpy as np
import pytest

from genlearn.cli.writers import OutputSpec, writing
from genlearn.core.errors import UserError
from genlearn.core.image_grid import image_grid, shown_size, to_bytes
from genlearn.core.spec import ImageSpec
from genlearn.data import open_data
from genlearn.data.inspect.contact_sheet import contact_sheet


def images(channels, dtype="uint8", n=4):
    top = np.iinfo(dtype).max
    values = np.random.default_rng(0).integers(0, top, (n, 6, 8, channels), dtype, endpoint=True)
    return values, ImageSpec(
        shape=(channels, 6, 8), dtype=dtype, low=0, high=top, levels=top + 1, channel_axis=True
    )


@pytest.mark.parametrize("channels", [2, 5])
@pytest.mark.parametrize("out", ["folder", "a.parquet"])
def test_what_png_cannot_hold_is_refused_before_it_is_drawn(channels, out, tmp_path):
    _, spec = images(channels)
    with pytest.raises(UserError, match=rf"{channels} channels cannot be written as PNG.*\.npy"):
        writing(str(tmp_path / out), OutputSpec(spec, 3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_every_channel_is_shown(channels):
    values, spec = images(channels)
    shown = to_bytes(values, spec)
    assert shown.shape[1:3] == shown_size(spec)
    if channels in (3, 4):
        np.testing.assert_array_equal(shown, values)
        return
    for channel in range(channels):
        part = shown[:, :, 8 * channel : 8 * (channel + 1), 0]
        np.testing.assert_array_equal(part, values[..., channel])


@pytest.mark.parametrize("channels", [2, 5])
def test_grids_and_sheets_show_every_channel(channels):
    values, spec = images(channels)
    values[...] = 0
    values[..., -1] = 255  # the last channel alone is not black
    assert np.asarray(image_grid(values, spec, gap=0)).mean() == pytest.approx(255 / channels)
    sheet = np.asarray(contact_sheet(open_data(values)))
    share = (sheet == 255).all(-1).sum() / (sheet == 0).all(-1).sum()
    assert share == pytest.approx(1 / (channels - 1))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("out", ["folder", "a.parquet"])
def test_pixels_come_back_as_they_were_written(channels, dtype, out, tmp_path):
    values, spec = images(channels, dtype)
    with writing(str(tmp_path / out), OutputSpec(spec, len(values))) as put:
        put(values)
    read = open_data(tmp_path / out)
    np.testing.assert_array_equal(read.values.reshape(values.shape), values)
    assert read.values.dtype == dtype
