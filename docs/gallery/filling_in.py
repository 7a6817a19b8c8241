"""
What might have been there

Half of each digit is hidden. A diffusion model that learned whole digits fills it in, again for
each seed: where the visible half leaves no doubt, its answers agree, and where it leaves some, they
differ (`genlearn inpaint`; of tables, [gaps](tables.md)).
"""

import numpy as np

import genlearn as gl
from genlearn.core.image_grid import Labels, image_grid

data = gl.open_data("digits")
model = gl.Flow(size="tiny", steps=500, condition="none").fit(data.values[:1500])
given = data.values[[1520, 1521, 1528, 1530, 1543, 1551]]  # not learned from
mask = np.zeros(data.spec.user_shape, bool)
mask[4:] = True
hidden = np.where(mask, data.spec.high / 4, given)
filled = [model.inpaint(given, mask, seed=seed) for seed in range(6)]
columns = np.stack([given, hidden, *filled], axis=1)
names = ("was", "given", *["drawn"] * len(filled))
picture = image_grid(
    columns.reshape(-1, *data.spec.user_shape),
    data.spec,
    len(names),
    labels=Labels(columns=names),
)
picture.save("filling_in.png")
