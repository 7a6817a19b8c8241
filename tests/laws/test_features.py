"""Features depend on the example, the layer and the time alone."""

import numpy as np
import pytest
from helpers import DATA, able, small

from genlearn.core.capabilities import HasFeatures
from genlearn.data import open_data

pytestmark = [
    pytest.mark.parametrize("kind", list(DATA)),
    pytest.mark.parametrize("name", able(HasFeatures)),
]


def test_features_are_deterministic_and_independent_of_company(model, kind):
    data = DATA[kind]()[:40]
    assert len(model.feature_layers_) > 1
    for layer in model.feature_layers_:
        for t in model.feature_times_:
            found = model.features(data, layer, t)
            assert found.dtype == np.float32
            assert np.isfinite(found).all()
            np.testing.assert_array_equal(found, model.features(data, layer, t))
            company = model.features(data[3:5], layer, t)
            np.testing.assert_allclose(found[3:5], company, rtol=1e-3, atol=1e-4)


def test_layers_asked_together_answer_as_alone(model, kind):
    data, layers = DATA[kind]()[:8], model.feature_layers_
    together = model.layer_features(data, layers, 0.3)
    assert list(together) == list(layers)
    np.testing.assert_array_equal(together[layers[0]], model.features(data, layers[0], 0.3))


def test_times_are_in_order_and_change_the_features(model, kind):
    times, layer = model.feature_times_, model.feature_layers_[-1]
    assert list(times) == sorted(set(times))
    assert 0 < times[0] < times[-1] < 1
    data = DATA[kind]()[:8]
    few, many = (model.features(data, layer, t) for t in (times[0], times[-1]))
    assert not np.allclose(few, many)


def test_listening_changes_nothing(model, kind):
    data = DATA[kind]()[:8]
    before = model.encode(data)
    model.features(data, model.feature_layers_[0], 0.3)
    np.testing.assert_array_equal(before, model.encode(data))


@pytest.mark.parametrize(("layer", "t"), [("none", 0.3), (None, 0.0), (None, 1.0), (None, np.nan)])
def test_layers_and_times_that_there_are_not_are_refused(model, kind, layer, t):
    with pytest.raises(ValueError, match="was asked for"):
        model.features(DATA[kind]()[:2], layer or model.feature_layers_[0], t)


def test_the_network_of_diffusers_has_them_too(name, kind):
    if kind == "table":
        pytest.skip("it takes images")
    data = DATA[kind]()[:, :, :8]  # that can be halved
    model = small(name, network="unet2d", steps=2).fit(open_data(data))
    assert model.features(data[:3], "middle", 0.3).shape == (3, 4 * 16)


def test_a_transformer_has_them_too(name, kind):
    if kind == "table":
        pytest.skip("a transformer takes images")
    data = DATA[kind]()
    model = small(name, network="transformer", steps=2).fit(open_data(data))
    assert model.features(data[:3], "block1", 0.3).shape == (3, 4 * 64)
