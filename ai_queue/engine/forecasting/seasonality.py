"""Seasonal effects, shrunk by their evidence, for many series at once.

Works on additive data (logarithms of demand): the effect of a season is what its
periods lie above or below the local level. An effect is believed as far as it
repeats from season to season more than chance would let it: the variance between
the periods of a season is held against the variance within (empirical Bayes; for
seasonal factors Miller & Williams 2003, IJF 19). Long seasons are split into a
part that is smooth along the season and a rest, each shrunk on its own, so that two
years of weeks can show a summer without believing every single week.
"""

import numpy as np

#: Seasons this old count half: patterns drift.
HALF_LIFE = 8.0
#: Standard errors by which the variance ratio must beat chance to be believed.
CAUTION = 1.0
#: From this many periods a season has a smooth part, in which the neighbours up to
#: 1/NEAR of the season away have a say.
LONG, NEAR = 24, 26
#: Seasons a history must hold: to look for a pattern, and to follow its own level.
LEAST, ROLLING = 2, 3


def seasonal_effects(x, seen, first, season, horizon, detail):
    """Additive effect of every period, (T + horizon, N), past and future.

    `x` (T, N) is right-aligned with its first observation in row `first` (N,).
    detail: (N,) 0 to 1, how far the single periods of a long season are believed
    beside its smooth part.
    Zero where the history is shorter than `LEAST` seasons or the season is 1.
    """
    rows, width = x.shape
    effects = np.zeros((rows + horizon, width))
    able = rows - first >= LEAST * season
    if season < 2 or not able.any():
        return effects
    x, seen, first = x[:, able], seen[:, able], first[able]
    level = local_level(x, seen, first, season)
    # Row of the season that each period falls in, counted back from the end.
    phase = (np.arange(rows + horizon) - rows) % season
    known = seen * ~np.isnan(level)
    index = shrunk_index(x - level, known, season, detail[able])
    effects[:, able] = index[phase]
    return effects


def local_level(x, seen, first, season):
    """Level around which the seasons swing, (T, N); ``nan`` where it is unknown."""
    level = line_level(x, seen, season)
    rolling = len(x) - first >= ROLLING * season
    if rolling.any():
        level[:, rolling] = rolling_level(
            x[:, rolling], seen[:, rolling], first[rolling], season
        )
    return level


def rolling_level(x, seen, first, season):
    """Centred moving average over one season, as in classical decomposition."""
    rows = len(x)
    half = season // 2
    width = 2 * half + 1
    ends = 0.5 if season % 2 == 0 else 1.0

    def window(values):
        total = np.cumsum(np.pad(values, ((1, 0), (0, 0))), 0)
        inner = total[width:] - total[:-width]
        outer = values[: rows - width + 1] + values[width - 1 :]
        return inner - (1.0 - ends) * outer

    level = np.full(x.shape, np.nan)
    weight = window(seen)
    enough = weight >= 0.5 * season
    enough &= np.arange(rows - width + 1)[:, None] >= first
    middle = window(x) / np.where(enough, weight, 1.0)
    level[half : rows - half] = np.where(enough, middle, np.nan)
    return level


def line_level(x, seen, season):
    """A straight line whose slope is the mean change from season to season."""
    pairs = seen[season:] * seen[:-season]
    count = pairs.sum(0)
    change = ((x[season:] - x[:-season]) * pairs).sum(0)
    slope = np.where(count >= season / 2, change / np.maximum(count, 1.0), 0.0) / season
    time = np.arange(len(x), dtype=float)[:, None] - len(x)
    total = np.maximum(seen.sum(0), 1.0)
    middle = (time * seen).sum(0) / total
    return x.sum(0) / total + slope * (time - middle)


def shrunk_index(deviation, seen, season, detail):
    """Seasonal index (season, N), mean 0; row 0 is the period after the last one."""
    mean, evidence = _phase_means(deviation, seen, season)
    if season < LONG:
        index = evidence.shrink(mean, 1.0)
    else:
        half = max(2, season // NEAR)
        shares = 1.0 + half - np.abs(np.arange(-half, half + 1))
        shares /= shares.sum()
        smooth = sum(
            share * np.roll(mean, place - half, 0) for place, share in enumerate(shares)
        )
        kept = (shares**2).sum()
        index = evidence.shrink(smooth, kept)
        rest = evidence.shrink(mean - smooth, 1.0 - 2.0 * shares[half] + kept)
        index += detail * rest
    return index - index.mean(0)


def _phase_means(deviation, seen, season):
    """Mean of each phase of the season, (season, N), and the evidence for them."""
    rows = len(deviation)
    deviation = np.where(seen > 0, deviation, 0.0)
    pad = -rows % season
    shape = (-1, season, deviation.shape[1])
    seen = np.pad(seen, ((pad, 0), (0, 0))).reshape(shape)
    deviation = np.pad(deviation, ((pad, 0), (0, 0))).reshape(shape)
    age = np.arange(len(seen))[::-1, None, None]
    weight = 0.5 ** (age / HALF_LIFE) * seen

    mass = weight.sum(0)
    have = mass > 0
    safe = np.where(have, mass, 1.0)
    mean = (weight * deviation).sum(0) / safe
    scatter = (weight * (deviation - mean) ** 2).sum((0, 1)) / mass.sum(0).clip(1e-300)
    # Equal-weight observations that the weighted ones are worth, per phase.
    worth = mass * mass / np.where(have, (weight * weight).sum(0), 1.0)
    phases = np.maximum(have.sum(0), 1)
    mean = np.where(have, mean - mean.sum(0) / phases, 0.0)

    freedom = worth.sum(0) - phases
    noise = scatter * worth.sum(0) / np.maximum(freedom, 0.5)
    per_phase = phases / np.where(have, 1.0 / np.where(have, worth, 1.0), 0.0).sum(
        0
    ).clip(1e-300)
    evidence = _Evidence(
        noise=noise / per_phase,
        spread=np.maximum(phases - 1, 1),
        chance=np.exp(
            CAUTION
            * np.sqrt(2 / np.maximum(phases - 1, 1) + 2 / np.maximum(freedom, 1.0))
        ),
        able=freedom >= 0.4 * phases,
    )
    return mean, evidence


class _Evidence:
    """What chance alone would do to the means of the phases of a season."""

    def __init__(self, noise, spread, chance, able):
        self.noise, self.spread, self.chance, self.able = noise, spread, chance, able

    def shrink(self, part, share):
        """Scale a part of the index, of which noise makes `share`, to its signal."""
        noise = self.noise * share
        signal = (part**2).sum(0) / self.spread - self.chance * noise
        signal = np.where(self.able, np.maximum(signal, 0.0), 0.0)
        return part * signal / np.where(signal + noise > 0, signal + noise, 1.0)
