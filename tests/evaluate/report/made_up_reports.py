"""Reports as `compare` and `evaluate` write them, made up: six models on digits with one failed and
two tied, a table, and one model alone."""

import copy

import numpy as np

from .made_up_figures import figure, metrics

EVIL = "v\"ae <script>alert(1)</script> & 'co'"


def model(name, rank, factor, rng, *, skip=(), **more):
    """A model ``factor`` times worse than the usual one, without the metrics of the groups in
    ``skip``."""
    figures = {k: figure(k, factor, rng) for k, m in metrics().items() if m["group"] not in skip}
    hyper = {
        "latent_dim": 16,
        "lr": 4e-3,
        "batch_size": 128,
        "steps": None,
        "size": "small",
        "network": "convolutional",
        "beta": 1.0,
        "ema": 0.99,
        "seed": 0,
    }
    return {
        "name": name,
        "model": "vae",
        "about": "Learns a code and the way back, with a bound on log p(x).",
        "baseline": False,
        "hyper": hyper,
        "status": "done",
        "reason": "",
        "tier": rank,
        "figures": figures,
        "tiers": {},
        "kind": "bound",
        "copies": {"accused": False, "p": 0.4, "suspects": 0},
        "notes": [],
        **more,
    }


def with_ranks(report):
    """Ranks by value alone, the best two of each metric tied."""
    for key, metric in report["metrics"].items():
        owners = [m for m in report["models"] if key in m["figures"]]
        owners.sort(
            key=lambda m: m["figures"][key]["value"] * (-1 if metric["better"] == "higher" else 1)
        )
        for place, owner in enumerate(owners):
            owner["tiers"][key] = 1 if place < 2 and key.startswith("frechet") else place + 1
    return report


def digits_report():
    rng = np.random.default_rng(0)
    failed = {
        "figures": {},
        "status": "failed",
        "reason": 'loss became NaN at step 40 <b>"bold"</b>; try a lower lr',
        "copies": None,
    }
    models = [
        model("beta-vae", 2, 1.08, rng, notes=["shares its rank with iwae"]),
        model(EVIL, 1, 0.8, rng),
        model("iwae", 2, 1.1, rng, kind="estimate"),
        model(
            "gmm",
            4,
            1.6,
            rng,
            skip=("reconstruction", "embedding", "latent space"),
            baseline=True,
            kind="exact",
            model="mixture",
        ),
        model(
            "kde",
            5,
            14.0,
            rng,
            skip=("reconstruction", "embedding", "latent space"),
            baseline=True,
            kind="exact",
            copies={"accused": True, "p": 0.0, "suspects": 41},
            notes=["accused of copying its training examples"],
        ),
        model("adversarial-autoencoder", None, 1.0, rng, **failed),
    ]
    summary = [
        'On digits, v"ae is best by Fréchet distance on learned features (6.4, real data 0.5).',
        "beta-vae and iwae cannot be told apart: each lies in the other's interval.",
        "Both baselines are beaten; kde is accused of copying its training examples.",
    ]
    report = {
        "format": 1,
        "title": "digits",
        "metrics": metrics(),
        "models": models,
        "summary": summary,
        "data": {
            "source": "digits <of> scikit-learn",
            "fingerprint": "3fa9c0de81b2",
            "kind": "images",
            "train": 1198,
            "held_out": 599,
            "split": "a third held out at random, seed 0",
            "shape": [8, 8],
            "classes": [*"012345678", "<9>"],
            "notes": ["4 exact duplicates were removed"],
        },
        "protocol": {
            "seed": 0,
            "samples": 599,
            "resize": "none: at the data's own size",
            "budget": "3m",
            "primary": "frechet/learned",
            "features": [
                {
                    "name": "learned",
                    "about": "a small network trained on the training split's labels",
                    "dim": 64,
                    "digest": "ab12cd34",
                },
                {
                    "name": "pixels",
                    "about": "principal components",
                    "dim": 50,
                    "digest": "99aa00ff",
                },
            ],
            "training_seconds": 151.2,
            "evaluation_seconds": 20.1,
            "date": "2026-11-22",
            "machine": "2 cores, 8 GB",
            "versions": {"genlearn": "0.1.0", "torch": "2.13.0"},
        },
        "floor": {
            k: figure(k, 0.07, rng)
            for k in metrics()
            if k.split("/")[0] in ("frechet", "kid", "precision", "recall", "c2st")
        },
        "ceiling": {
            k: figure(k, 2.2, rng)
            for k in metrics()
            if k.split("/")[0] in ("frechet", "kid", "precision", "recall", "c2st", "bits")
        },
    }
    return with_ranks(report)


def table_report():
    """Two models on a table without labels."""
    report = digits_report()
    report["models"] = [m for m in report["models"] if m["name"] in ("iwae", "gmm")]
    report["data"] |= {
        "kind": "table",
        "shape": [6],
        "classes": [],
        "source": "wine.csv",
        "notes": [],
    }
    report["title"], report["summary"] = "wine.csv", ["iwae is best."]
    return report


def single_report():
    report = digits_report()
    report["models"] = [copy.deepcopy(report["models"][2]) | {"tier": None, "tiers": {}}]
    report["title"] = "runs/iwae-digits"
    report["summary"] = [
        "iwae's samples are nearer to the data than a Gaussian's, and told from real data in 83 of"
        " 100 cases."
    ]
    return report
