"""Measures of made-up reports, and figures of them by chance."""

_SPACES = {"learned": "learned", "random": "random convolutions", "pixels": "pixels"}
_METRICS = [  # key, title, group, better, meaning, reference, unit, ideal, spaces
    (
        "frechet",
        "Fréchet distance",
        "samples",
        "lower",
        "Distance between Gaussians fitted to the features of real and generated examples.",
        "Heusel et al. 2017, arXiv 1706.08500",
        "",
        0.0,
        _SPACES,
    ),
    (
        "kid",
        "Kernel distance",
        "samples",
        "lower",
        "Squared maximum mean discrepancy with a cubic kernel; unbiased, so it may be below zero.",
        "Bińkowski et al. 2018, arXiv 1801.01401",
        "",
        0.0,
        _SPACES,
    ),
    (
        "precision",
        "Precision",
        "samples",
        "higher",
        "Share of samples that lie where real examples lie.",
        "Kynkäänniemi et al. 2019, arXiv 1904.06991",
        "",
        1.0,
        _SPACES,
    ),
    (
        "recall",
        "Recall",
        "samples",
        "higher",
        "Share of real examples that lie where samples lie.",
        "Kynkäänniemi et al. 2019, arXiv 1904.06991",
        "",
        1.0,
        _SPACES,
    ),
    (
        "c2st",
        "Two-sample accuracy",
        "samples",
        "lower",
        "How often a classifier tells samples from real examples; one half is chance.",
        "Lopez-Paz & Oquab 2017, arXiv 1610.06545",
        "",
        0.5,
        _SPACES,
    ),
    (
        "bits",
        "Log-likelihood",
        "density",
        "lower",
        "Bits that a held-out example costs, for each of its numbers.",
        "Theis et al. 2016, arXiv 1511.01844",
        "bits/dim",
        None,
        {},
    ),
    (
        "error",
        "Squared error",
        "reconstruction",
        "lower",
        "What is lost of an example on its way through the code.",
        "",
        "",
        0.0,
        {},
    ),
    (
        "knn",
        "Neighbour accuracy",
        "embedding",
        "higher",
        "Share of held-out examples whose nearest codes have their class.",
        "",
        "",
        1.0,
        {},
    ),
    (
        "nmi",
        "Clusters",
        "embedding",
        "higher",
        "Mutual information of k-means clusters of the codes and the classes.",
        "",
        "",
        1.0,
        {},
    ),
    (
        "complete",
        "Completeness",
        "latent space",
        "higher",
        "Share of latent points that decode to something plausible.",
        "",
        "",
        1.0,
        {},
    ),
    ("speed", "Sampling", "cost", "higher", "Examples drawn in a second.", "", "1/s", None, {}),
    (
        "parameters",
        "Parameters",
        "cost",
        "neither",
        "Numbers that training sets.",
        "",
        "",
        None,
        {},
    ),
]
_CENTRE = {
    "frechet": 8.0,
    "kid": 0.01,
    "precision": 0.8,
    "recall": 0.6,
    "c2st": 0.75,
    "bits": 1.9,
    "error": 0.02,
    "knn": 0.93,
    "nmi": 0.7,
    "complete": 0.85,
    "speed": 9000.0,
    "parameters": 400_000.0,
}


def metrics():
    """Measures by key, one for each feature space."""
    names = ("key", "title", "group", "better", "meaning", "reference", "unit", "ideal")
    rows = {}
    for *fields, spaces in _METRICS:
        for space in spaces or [""]:
            key = f"{fields[0]}/{space}" if space else fields[0]
            rows[key] = {
                **dict(zip(names, fields, strict=True)),
                "space": space,
                "headline": fields[0] not in ("kid", "recall"),
            }
    return rows


def figure(key, factor, rng, *, sure=False):
    name = key.split("/")[0]
    value = _CENTRE[name] * (
        factor if _METRICS[[m[0] for m in _METRICS].index(name)][3] == "lower" else 1 / factor**0.3
    )
    value *= rng.uniform(0.97, 1.03)
    if name in ("parameters", "speed"):
        value = round(value)
    half = 0 if sure or name in ("parameters", "speed") else abs(value) * rng.uniform(0.02, 0.05)
    return {"value": value, "low": value - half, "high": value + half, "n": 599}
