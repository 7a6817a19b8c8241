"""The layer and the time that tell classes apart are found."""

import numpy as np
import pytest

from genlearn.core.capabilities import HasFeatures
from genlearn.data import open_data
from genlearn.representation.choose_features import choose_features, parse_features
from genlearn.representation.represent import representation_of


class Layers(HasFeatures):
    """Noise, but for one layer at one time."""

    feature_layers_ = ("a", "b", "c")
    feature_times_ = (0.1, 0.2, 0.3)

    def layer_features(self, X, layers, t):
        X = np.asarray(X, float)
        noise = np.random.default_rng(int(10 * t)).normal(size=X.shape)
        return {name: X if (name, t) == ("c", 0.3) else noise for name in layers}


def groups(n=60, classes=3):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % classes
    return rng.normal(size=(n, 4)) + 9 * np.eye(4)[labels % 4], labels


def test_the_best_by_classes_is_chosen():
    values, labels = groups()
    choice = choose_features(Layers(), open_data(values, labels=labels))
    assert str(choice) == "c@0.3"
    assert "best of 12" in choice.why


@pytest.mark.parametrize("labels", [None, np.zeros(60, int), np.arange(60)])
def test_without_classes_that_tell_it_is_the_middle(labels):
    choice = choose_features(Layers(), open_data(groups()[0], labels=labels))
    assert str(choice) == "b@0.2"
    assert "for want of classes" in choice.why


def test_rare_classes_do_not_stop_it():
    values, labels = groups()
    labels[:2] = [7, 8]
    assert str(choose_features(Layers(), open_data(values, labels=labels))) == "c@0.3"


def test_what_is_asked_for_is_taken():
    found = representation_of(Layers(), "a@0.25")
    assert (found.name, found.why) == ("features of a@0.25", "")
    both = representation_of(Layers(), "all@0.3")
    assert both.name == "features of all@0.3"
    assert both.function(np.ones((5, 4))).shape == (5, 12)
    for text in ("a", "@", "a@b", ""):
        with pytest.raises(ValueError, match="LAYER@T"):
            parse_features(text)
    with pytest.raises(ValueError, match="has no codes"):
        representation_of(Layers(), "codes")
