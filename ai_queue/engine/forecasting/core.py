"""v1"""
import numpy as np

from . import intermittent, smoothing
from .reasons import Reason
from .series import Forecast, natural_season, validate

RUN = {
    "mean": lambda y, seen, h: np.repeat(
        ((y * seen).sum(0) / np.maximum(seen.sum(0), 1))[None], h, 0
    ),
    "ses": smoothing.ses,
    "holt": smoothing.holt,
    "theta": smoothing.theta,
    "sba": intermittent.sba,
    "tsb": intermittent.tsb,
    "imapa": intermittent.imapa,
}


def forecast(series, *, methods=None):
    """Forecast every series; same order."""
    results = [None] * len(series)
    groups = {}
    for index, one in enumerate(series):
        history, columns = validate(one)
        key = (natural_season(one), one.horizon, len(history))
        groups.setdefault(key, []).append((index, one, history))
    for (season, horizon, length), members in groups.items():
        for index, result in _group(season, horizon, length, members):
            results[index] = result
    return results


def seasonal(y, seen, season):
    length = len(y)
    if season < 2 or length < 2 * season:
        return np.ones_like(y), None
    mean = np.maximum((y * seen).sum(0) / np.maximum(seen.sum(0), 1), 1e-12)
    phase = np.arange(length) % season
    index = np.ones((season, y.shape[1]))
    for j in range(season):
        rows = phase == j
        n = seen[rows].sum(0)
        index[j] = ((y[rows] * seen[rows]).sum(0) / mean + 3) / (n + 3)
    index /= index.mean(0)
    return index[phase], index


def _run(y, seen, season, horizon):
    full, index = seasonal(y, seen, season)
    future = (
        np.ones((horizon, y.shape[1]))
        if index is None
        else index[(len(y) + np.arange(horizon)) % season]
    )
    z = y / full
    return {key: np.maximum(run(z, seen, horizon) * future, 0) for key, run in RUN.items()}


def _group(season, horizon, length, members):
    ids = [m[0] for m in members]
    if not length:
        for index, one, history in members:
            zero = np.zeros(horizon)
            yield index, Forecast(one.id, zero, zero, zero, zero, zero, "none", {},
                {"error": None, "bias": None, "period_error": None, "origins": 0, "horizon": 0},
                Reason("empty"), None)
        return
    raw = np.array([m[2] for m in members]).T
    seen = (~np.isnan(raw)).astype(float)
    y = np.maximum(np.nan_to_num(raw), 0.0)
    scores = {key: 1e-9 for key in RUN}
    origins = 0
    back = []
    for k in range(1, 4):
        cut = length - k * horizon
        if cut < max(4, season + 2 if length > 3 * season else 4):
            break
        runs = _run(y[:cut], seen[:cut], season, horizon)
        actual = y[cut : cut + horizon]
        mask = seen[cut : cut + horizon]
        origins += 1
        back.append((runs, actual, mask))
        for key, value in runs.items():
            scores[key] = scores[key] + np.abs(((value - actual) * mask).sum(0))
    final = _run(y, seen, season, horizon)
    raw_w = {key: 1.0 / np.maximum(score, 1e-9) ** 1.0 for key, score in scores.items()}
    total = sum(raw_w.values())
    weights = {key: np.broadcast_to(w / total, (y.shape[1],)) for key, w in raw_w.items()}
    quantity = sum(final[key] * weights[key] for key in RUN)
    mix_error = mix_bias = demand = sq = cnt = 0.0
    for runs, actual, mask in back:
        mixed = sum(runs[key] * weights[key] for key in RUN)
        e = (mixed - actual) * mask
        mix_error = mix_error + np.abs(e.sum(0))
        mix_bias = mix_bias + e.sum(0)
        demand = demand + (actual * mask).sum(0)
        sq = sq + (e * e).sum(0)
        cnt = cnt + mask.sum(0)
    if not back:
        m = (y * seen).sum(0) / np.maximum(seen.sum(0), 1)
        sq = (((y - m) * seen) ** 2).sum(0)
        cnt = seen.sum(0)
    sd = np.sqrt(sq / np.maximum(cnt, 1))
    for j, (index, one, history) in enumerate(members):
        q = quantity[:, j]
        w = {key: round(float(weights[key][j]), 4) for key in RUN}
        w = dict(sorted(w.items(), key=lambda item: -item[1]))
        d = float(np.asarray(demand).reshape(-1)[j]) if back else 0.0
        bt = {
            "error": float(mix_error[j]) / d if d else None,
            "bias": float(mix_bias[j]) / d if d else None,
            "period_error": None,
            "origins": origins,
            "horizon": horizon if origins else 0,
        }
        count = int(seen[:, j].sum())
        if not count:
            reason, method = Reason("empty"), "none"
        elif not y[:, j].any():
            reason, method = Reason("all_zero", {"periods": count}), "mean"
        elif not origins:
            reason = Reason("short", {"periods": count, "method": "mean"})
            method = "ensemble"
        else:
            reason = Reason("mixed", {"methods": list(w)[:3], "horizon": horizon, "origins": origins})
            method = "ensemble"
        if method != "ensemble":
            w = {} if method == "none" else {method: 1.0}
        yield index, Forecast(
            one.id, q, np.maximum(q - 1.2816 * sd[j], 0), q + 1.2816 * sd[j],
            np.maximum(q - 1.96 * sd[j], 0), q + 1.96 * sd[j], method, w, bt, reason,
            float((y * seen)[:, j].sum() / count) if count else None,
        )
