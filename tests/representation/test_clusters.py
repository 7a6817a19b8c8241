"""Clusters are those that are there."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from genlearn.representation import cluster_codes


def groups(n=300, k=4, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.choice(k, n, p=np.arange(1, k + 1) / sum(range(k + 1)))
    return rng.normal(size=(n, 5)) + 30 * np.eye(5)[labels], labels


def test_separated_groups_are_found_and_counted():
    codes, labels = groups()
    found = cluster_codes(codes)
    assert len(found.centres) == 4 == max(found.silhouettes, key=found.silhouettes.get)
    assert found.agreement(labels) == {"NMI": pytest.approx(1), "ARI": pytest.approx(1)}
    assert (np.diff(found.sizes) <= 0).all()
    np.testing.assert_allclose(
        found.distances, np.linalg.norm(codes - found.centres[found.labels], axis=1)
    )


def test_prototypes_are_nearest_to_their_centres():
    codes, _ = groups()
    found = cluster_codes(codes, 4)
    for cluster, indices in enumerate(found.prototypes(3)):
        own = np.flatnonzero(found.labels == cluster)
        assert (found.labels[indices] == cluster).all()
        assert found.distances[indices].tolist() == sorted(found.distances[own])[:3]


def test_agreement_is_scikit_learns():
    codes, labels = groups()
    labels = np.where(np.arange(len(labels)) % 3, labels, 0)
    found = cluster_codes(codes, 3)
    agreement = found.agreement(labels)
    assert agreement["NMI"] == pytest.approx(normalized_mutual_info_score(labels, found.labels))
    assert agreement["ARI"] == pytest.approx(adjusted_rand_score(labels, found.labels))


def test_it_is_the_same_again():
    codes, _ = groups()
    np.testing.assert_array_equal(cluster_codes(codes, 7).labels, cluster_codes(codes, 7).labels)


@pytest.mark.parametrize(
    ("codes", "k", "says"),
    [
        (np.zeros((5, 2)), "auto", "to choose the number of clusters"),
        (np.arange(4.0)[:, None], 5, "at most 4 clusters"),
        (np.array([[0.0], [0.0], [1.0]]), 3, "2 of them different"),
        (np.zeros((1, 2)), 1, "at least 2"),
    ],
)
def test_what_cannot_be_clustered_gets_one_line(codes, k, says):
    with pytest.raises(ValueError, match=says):
        cluster_codes(codes, k)


def test_one_cluster_holds_all():
    assert cluster_codes(np.arange(9.0)[:, None], 1).sizes.tolist() == [9]
