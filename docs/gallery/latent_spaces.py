"""
What two numbers keep of an image

Each digit of 8x8 pixels becomes two numbers, by three models that were told no classes; the colours
were added afterwards. Principal components are the best flat plane. An autoencoder bends it, as far
as it likes. The codes of a VAE are drawn towards N(0, 1), so that new digits can be drawn from
there ([codes at work](representations.md)).
"""

import matplotlib.pyplot as plt
import numpy as np

import genlearn as gl

data = gl.open_data("digits")
models = {
    "principal components": gl.PPCA(latent_dim=2),
    "autoencoder": gl.Autoencoder(latent_dim=2, size="tiny", steps=1000),
    "VAE": gl.VAE(latent_dim=2, size="tiny", steps=1000),
}
figure, places = plt.subplots(1, len(models), figsize=(9, 3.2))
for place, (name, model) in zip(places, models.items(), strict=True):
    codes = model.fit(data).encode(data)
    place.scatter(*codes.T, c=data.labels, cmap="tab10", s=6, alpha=0.6, linewidths=0)
    box = {"boxstyle": "circle,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8}
    for digit in range(10):
        middle = np.median(codes[data.labels == digit], axis=0)
        place.text(*middle, digit, ha="center", va="center", weight="bold", bbox=box)
    low, high = np.quantile(codes, [0.005, 0.995], axis=0)
    place.set(title=name, xticks=[], yticks=[], xlim=(low[0], high[0]), ylim=(low[1], high[1]))
figure.savefig("latent_spaces.png")
