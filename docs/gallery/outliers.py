"""
What does not belong

A mixture of Gaussians learns the digits from 0 to 8, and never sees a 9. Then 9s and other digits
that it has not seen are ranked by how much less likely they are to it than to one Gaussian of the
same data, the score that `genlearn outliers` takes for models of this kind. Which score suits
depends on model and data, and is worth measuring where some unusual examples are known
([outliers](outliers.md)).
"""

import matplotlib.pyplot as plt
import numpy as np

import genlearn as gl
from genlearn.core.image_grid import image_grid
from genlearn.evaluate.outliers.find import find_outliers
from genlearn.evaluate.outliers.reference import reference_of

data = gl.open_data("digits")
usual, nines = data.values[data.labels < 9], data.values[data.labels == 9]
known, new = usual[:1200], np.concatenate([usual[1200:], nines])
is_nine = np.arange(len(new)) >= len(usual[1200:])
model = gl.GMM().fit(known)
reference = reference_of(known, model.spec_, gl.open_data(known).fingerprint)
found = find_outliers(model, gl.open_data(new), reference, ("ratio",))
auc = found.auc(is_nine)["ratio"]
order, scores = found.table["index"].to_numpy(), found.table["ratio"].to_numpy()

figure, places = plt.subplot_mosaic("ac;bc", figsize=(9, 3), width_ratios=[1.7, 1])
for key, some, title in (("a", order[:30], "most unusual"), ("b", order[-30:], "most usual")):
    places[key].imshow(image_grid(new[some], model.spec_, 15))
    places[key].set_title(title)
    places[key].axis("off")
right = places["c"]
for name, wanted in (("digits 0 to 8", False), ("9s, which it never saw", True)):
    right.hist(
        scores[is_nine[order] == wanted],
        np.linspace(-2, 8, 30),
        density=True,
        alpha=0.5,
        label=name,
    )
right.set(title=f"AUC {auc.value:.2f} [{auc.low:.2f}, {auc.high:.2f}]", yticks=[])
right.set(xlabel="how far the single Gaussian is ahead")
right.legend(loc="upper right")
figure.savefig("outliers.png")
