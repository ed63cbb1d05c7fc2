"""Our vectorised methods against statsforecast, where the formulas are the same."""

import unittest

import numpy as np

from ..forecasting import intermittent, smoothing
from ..forecasting.smoothing import Past
from . import samples

try:
    from statsforecast import models
except ImportError:
    models = None


@unittest.skipIf(models is None, "statsforecast is not installed")
class TestOracle(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.lot = [samples.intermittent(60, seed=seed) for seed in range(12)]
        self.lot += [samples.steady(60, seed=seed) for seed in range(4)]
        self.y = np.array(self.lot).T
        self.seen = np.ones_like(self.y)

    def assert_agree(self, ours, model):
        theirs = [model.forecast(y=y, h=1)["mean"][0] for y in self.lot]
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)

    def test_exponential_smoothing(self):
        for alpha in (0.1, 0.4):
            past = Past(self.y, self.seen, 1)
            paths = smoothing.level_paths(past, np.array([alpha]), warm=False)
            self.assert_agree(
                paths[-1, 0], models.SimpleExponentialSmoothing(alpha=alpha)
            )

    def test_croston(self):
        rate = intermittent.croston(self.y, self.seen)
        self.assert_agree(rate, models.CrostonClassic())

    def test_sba(self):
        self.assert_agree(intermittent.sba(self.y, self.seen), models.CrostonSBA())

    def test_tsb(self):
        rate = intermittent.tsb(self.y, self.seen, 0.2, 0.1, warm=False)
        self.assert_agree(rate, models.TSB(alpha_d=0.2, alpha_p=0.1))
