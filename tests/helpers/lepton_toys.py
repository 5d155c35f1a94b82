"""Weighted events of a known distribution, for tests of the fast sampler."""

import numpy as np

from nugen_gan.lepton.fit import WeightedEvents

MASS, RANGE, CHANNELS = 0.10565837550000001, (0.2, 20.0), (200, 400)


def toy_events(n, seed):
    """Two channels whose densities are known: normal proxies that depend on the energy."""
    random = np.random.default_rng(seed)
    x = random.uniform(0.0, 1.0, n)
    enu = RANGE[0] * (RANGE[1] / RANGE[0]) ** x
    second = 0.2 + 0.6 * x  # the fraction of the second channel
    channel = random.random(n) < second
    first = random.normal(np.where(channel, 0.5, -1.0) - 0.8 * x, np.where(channel, 0.7, 0.3))
    proxies = np.stack([first, 0.5 * first + random.normal(0.0, 0.4, n)], axis=1)
    # Half of them are proposals that count half, and the other half are there twice.
    weight = np.where(random.random(n) < 0.5, 1.0, 0.5)
    return WeightedEvents(
        enu.astype(np.float32), proxies.astype(np.float32), weight.astype(np.float32),
        np.stack([~channel, channel], axis=1).astype(np.float32),
    )  # fmt: skip
