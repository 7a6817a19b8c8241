"""
What density it has learned

Two thousand points on two half moons, and log p(x) of four models, from light to dark. A Gaussian
knows two directions, a mixture lays ellipses along the moons, kernels smear each point. A spline
flow bends one Gaussian until it fits, and leaves threads where it had to tear it: in two dimensions
a mixture is hard to beat. Beside each name the mean log p(x) of new points, in nats, of which more
is better ([`nsf`](models/nsf.md), [`gmm`](models/gmm.md)).
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

import genlearn as gl

points, new = (make_moons(2000, noise=0.07, random_state=seed)[0] for seed in (0, 1))
models = {
    "a Gaussian (PPCA)": gl.PPCA(latent_dim=1),
    "mixture of Gaussians": gl.GMM(),
    "kernel density": gl.KDE(),
    "spline flow": gl.NSF(steps=500, size="tiny"),
}
x, y = np.meshgrid(np.linspace(-1.5, 2.5, 160), np.linspace(-1, 1.5, 100))
figure, places = plt.subplots(2, 2, figsize=(9, 5.8))
for place, (name, model) in zip(places.flat, models.items(), strict=True):
    log_prob = model.fit(points).score_samples(np.stack([x, y], -1).reshape(-1, 2))
    place.pcolormesh(x, y, log_prob.reshape(x.shape), cmap="Blues", vmin=-6, vmax=1)
    place.scatter(*points[:150].T, s=2, color="#ee6677", linewidths=0)
    place.set(title=f"{name}: {model.score(new):.2f}", xticks=[], yticks=[], aspect="equal")
figure.savefig("densities.png")
