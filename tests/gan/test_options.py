import pytest

from nugen_gan.errors import UsageError
from nugen_gan.gan.networks import Architecture
from nugen_gan.gan.options import TrainingOptions


@pytest.mark.parametrize(
    ("events", "steps", "batch_size"),
    [(100, 400, 64), (1000, 900, 512), (10_000, 2000, 2048), (1_000_000, 9300, 2048)],
)
def test_defaults_follow_the_sample(events, steps, batch_size):
    options = TrainingOptions().resolved(events)
    assert options.steps == steps
    assert options.batch_size == batch_size
    assert 1 <= options.evaluate_every <= steps


def test_what_is_given_stays():
    options = TrainingOptions(steps=7, batch_size=9, evaluate_every=2).resolved(1000)
    assert (options.steps, options.batch_size, options.evaluate_every) == (7, 9, 2)


def test_storage():
    options = TrainingOptions(steps=7, architecture=Architecture(width=5))
    assert TrainingOptions.from_dict(options.as_dict()) == options


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 0), ("batch_size", 1), ("learning_rate", 0.0), ("gamma", -1.0), ("held_out", 0.9),
     ("time_limit", -1.0), ("seed", -1)],
)  # fmt: skip
def test_nonsense_is_refused_by_name(name, value):
    with pytest.raises(UsageError, match=name.replace("_", ".")):
        TrainingOptions(**{name: value})
