"""Small made-up demand histories, always the same."""

import numpy as np

from ..forecasting import Series


def rng(seed=7):
    return np.random.default_rng(seed)


def series(history, horizon=4, freq="W", season=1, id="A", columns=None):
    return Series(id, freq, history, horizon, season, columns or {})


def steady(length=60, level=100.0, noise=0.1, seed=1):
    return np.maximum(level * (1 + noise * rng(seed).standard_normal(length)), 0.0)


def trending(length=60, slope=2.0, seed=2):
    return 50 + slope * np.arange(length) + rng(seed).normal(0, 4, length)


def seasonal(cycles=6, season=12, swing=0.4, noise=0.05, seed=3):
    time = np.arange(cycles * season)
    wave = 1 + swing * np.sin(2 * np.pi * time / season)
    return 100 * wave * (1 + noise * rng(seed).standard_normal(len(time)))


def intermittent(length=80, chance=0.25, size=6, seed=4):
    source = rng(seed)
    return (source.random(length) < chance) * source.poisson(size, length).astype(float)


def panel(count=40, seed=5):
    """A mixed lot of series: every kind of demand, several lengths."""
    source = rng(seed)
    kinds = (steady, trending, intermittent)
    lot = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        history = kind(length=int(source.integers(9, 90)), seed=number)
        lot.append(series(history, horizon=6, season=12, freq="M", id=str(number)))
    lot.append(series(seasonal(), horizon=6, season=12, freq="M", id="seasonal"))
    return lot


TREE = """\
Tree=0
num_leaves=3
num_cat=1
split_feature=0 24
split_gain=9.5 1e-05
threshold=0.5 0
decision_type=10 1
left_child=1 -1
right_child=-2 -3
leaf_value=0.5 -1.5 1
leaf_weight=1 1 2
leaf_count=1 1 2
internal_value=0 1
internal_weight=4 2
internal_count=4 2
cat_boundaries=0 1
cat_threshold=6
is_linear=0
shrinkage=0.05


"""


def trees(tree=TREE, features=25):
    """What was learnt, as LightGBM writes it: with one tree."""
    names = " ".join(f"Column_{number}" for number in range(features))
    return (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={features - 1}\nobjective=tweedie\nfeature_names={names}\n"
        f"feature_infos={' '.join(['none'] * features)}\n"
        f"tree_sizes={len(tree)}\n\n{tree}end of trees\n"
    )
