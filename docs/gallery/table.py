"""
A table, and rows that never were

Three measures of 178 wines, and as many rows that a mixture of Gaussians draws after it has learned
them: whole numbers stay whole, no alcohol is below the least, and what goes together does so in
both. `genlearn compare` says how far that can be believed, and [tables](tables.md) what becomes of
categories, dates and gaps.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine

import genlearn as gl

wines = load_wine(as_frame=True).data[["alcohol", "color_intensity", "proline"]]
drawn = gl.GMM().fit(wines).sample(len(wines), seed=0)
figure, places = plt.subplots(3, 3, figsize=(8, 6), sharex="col")
for row, across in enumerate(wines):
    for column, along in enumerate(wines):
        place = places[row, column]
        for rows, name in ((wines, "real"), (drawn, "drawn")):
            if row == column:
                bins = np.linspace(wines[along].min(), wines[along].max(), 17)
                place.hist(rows[along], bins, alpha=0.5, histtype="stepfilled", label=name)
            else:
                place.scatter(rows[along], rows[across], s=8, alpha=0.6, linewidths=0)
        place.set(
            xlabel=along.replace("_", " ") if row == 2 else "",
            ylabel=across.replace("_", " ") if column == 0 else "",
            yticks=[] if row == column or column else place.get_yticks(),
        )
figure.legend(*places[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
figure.align_ylabels()
figure.savefig("table.png")
