"""
Which row is real?

One row shows real digits, the others samples of a mixture of Gaussians, a VAE, a GAN and a flow,
each after some seconds of training. Look first; the order stands in the code. `genlearn compare`
puts figures to it, and `genlearn quiz` makes [a test](turing.md) of it that asks people.
"""

import numpy as np

import genlearn as gl
from genlearn.core.image_grid import Labels, image_grid

data = gl.open_data("digits")
real = data.values[np.random.default_rng(3).choice(len(data), 14, replace=False)]
rows = {
    "A": gl.VAE(latent_dim=8, size="tiny", steps=800),
    "B": gl.GMM(),
    "C": gl.Flow(size="tiny", steps=500, condition="none"),
    "D": real,
    "E": gl.R3GAN(size="tiny", steps=600, condition="none"),
}
shown = [
    row if isinstance(row, np.ndarray) else row.fit(data).sample(len(real), seed=7)
    for row in rows.values()
]
picture = image_grid(np.concatenate(shown), data.spec, len(real), labels=Labels(rows=tuple(rows)))
picture.save("which_is_real.png")
