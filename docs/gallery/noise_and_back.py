"""
To noise, and back

Above, a digit becomes noise, step by step. Below, a diffusion model takes the way back from other
noise: a new digit, and what the model expects to come out of each moment. Where all is noise it
expects the mean of all digits; which one it will be is decided on the way
([`ddpm`](models/ddpm.md), [`flow`](models/flow.md)).
"""

import numpy as np

import genlearn as gl
from genlearn.core.image_grid import Labels, image_grid

columns = 12
data = gl.open_data("digits")
model = gl.Flow(size="tiny", steps=600, condition="none").fit(data)
forward = model.diffuse(data.values[:2], columns, seed=0)
back, expected = model.sample_trajectory(2, columns, seed=5)
rows = [*forward, back[0], expected[0], back[1], expected[1]]
names = ("data to noise", "", "noise to data", "expected", "noise to data", "expected")
picture = image_grid(np.concatenate(rows), data.spec, columns, labels=Labels(rows=names))
picture.save("noise_and_back.png")
