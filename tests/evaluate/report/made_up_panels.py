"""Panels that look like what models make, for the made-up reports."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from genlearn.core.panels import ImagePanel, LinePanel, ScatterPanel

from .made_up_reports import digits_report


def digits_panels(points=600):
    """Panels of digits that look like what models make."""
    images, labels = (a[:1797] for a in load_digits(return_X_y=True))
    images = images.reshape(-1, 8, 8).round().astype(np.uint8)
    rng = np.random.default_rng(1)
    panels = {
        "": [
            ImagePanel(
                title="Real data",
                meaning="Held-out examples, drawn at random.",
                values=images[:96],
                columns=16,
            )
        ]
    }
    for number, m in enumerate(digits_report()["models"][:5]):
        noisy = (
            (images + rng.normal(0, 0.5 + number, images.shape))
            .clip(0, 16)
            .round()
            .astype(np.uint8)
        )
        panels[m["name"]] = [
            ImagePanel(
                title="Samples",
                section="samples",
                meaning="The first samples of each model at one seed, not chosen.",
                values=noisy[:96],
                columns=12,
            ),
            ImagePanel(
                title="Nearest training images",
                section="copies",
                meaning="Above, the samples nearest to a training image; below, those images.",
                values=np.concatenate([noisy[:12], images[:12]]),
                columns=12,
                rows=("sample", "nearest"),
            ),
            LinePanel(
                title="Learning curve",
                section="learning",
                meaning="Loss on the examples being trained on.",
                x="seconds",
                y="loss",
                series={"loss": learning(number)},
            ),
        ]
        if not m["baseline"]:
            panels[m["name"]] += coding_panels(images, noisy, labels, number, points)
    panels["iwae"].append(
        LinePanel(
            title="Effective samples",
            meaning="How many of k weights count.",
            x="k",
            y="effective",
            log_x=True,
            log_y=True,
            series={"held out": np.array([[k, k**0.8] for k in (1, 2, 5, 10, 50, 500)])},
        )
    )
    return panels


def coding_panels(images, noisy, labels, number, points):
    codes = PCA(4 + number).fit_transform(images.reshape(len(images), -1) * 1.0)
    knn = np.array(
        [[k, 0.95 - 0.6 / np.sqrt(k) - 0.02 * number] for k in (10, 20, 50, 100, 200, 500, 1000)]
    )
    return [
        ImagePanel(
            title="Reconstructions",
            section="reconstructions",
            meaning="Above, held-out examples; below, what comes back.",
            values=np.concatenate([images[:12], noisy[:12]]),
            columns=12,
            rows=("held out", "came back"),
        ),
        ScatterPanel(
            title="Latent map",
            section="maps",
            meaning="Codes of held-out examples, on their two main directions.",
            points=np.tanh(codes[:points, number : number + 2] / 20),
            labels=labels[:points],
            classes=(*"012345678", "<9>"),
            values=images[:points],
        ),
        ImagePanel(
            title="Latent traversals",
            section="traversals",
            meaning="One latent number varies in a row, the others stay.",
            values=np.sort(noisy[:44], 0),
            columns=11,
            rows=("z1", "z2", "z3", "z4"),
        ),
        LinePanel(
            title="Embedding: accuracy of neighbours",
            section="embedding",
            meaning="How few labels the codes need.",
            x="labels",
            y="accuracy",
            log_x=True,
            series={"codes": knn, "PCA": knn - [0, 0.05]},
        ),
    ]


def learning(number):
    steps = np.arange(1, 600)
    noise = np.random.default_rng(number).normal(0, 0.4, len(steps))
    return np.stack([steps / 20, 20 + number + 60 * np.exp(-steps / 60) + noise], 1)


def table_panels():
    rng = np.random.default_rng(0)
    cloud = {
        "title": "Latent map",
        "section": "maps",
        "meaning": "Codes on their two main directions.",
    }
    return {
        "": [
            LinePanel(
                title="Marginals",
                meaning="Quantiles of the first column.",
                x="share",
                y="value",
                series={"real": learning(0)},
            )
        ],
        "iwae": [
            ScatterPanel(**cloud, points=rng.normal(size=(300, 2))),
            LinePanel(
                title="Learning curve",
                section="learning",
                meaning="Loss.",
                x="s",
                y="loss",
                series={"loss": learning(1)},
            ),
        ],
        "gmm": [],
    }
