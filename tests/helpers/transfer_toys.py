"""What makes a fine-tuning take a second in a test; every stage still runs."""

from dataclasses import replace

from nugen_gan.channels.fit import LabelOptions
from nugen_gan.density_ratio.fit import RatioOptions
from nugen_gan.density_ratio.network import RatioShape
from nugen_gan.model.steps import without_ratios
from nugen_gan.physics.process import Process
from nugen_gan.training.recipe import Recipe

SMALL_RATIO = RatioOptions(RatioShape(2, 16, 1), steps=30, batch_size=128, learning_rate=3e-3)
QUICK = Recipe(
    refiner=SMALL_RATIO,
    reweighting=SMALL_RATIO,
    labels=LabelOptions(steps=20),
    proposals=4000,
    generated=3000,
)
# Networks are never trained because too few events are accepted.
ALWAYS_ENOUGH = replace(QUICK, least_accepted=0.0)


def make_quick(patch):
    """Make this the usual recipe of the command line, too; ``patch`` is a MonkeyPatch."""
    patch.setattr("nugen_gan.training.recipe.USUAL", QUICK)


def carbon(model):
    """The model as one of carbon, so that argon is something new."""
    return model.with_(process=Process.from_name("numu_cc_C12"), name="tiny")


def accepting_all(model):
    """The model without its density ratios, so that it is worse and has much to learn."""
    return model.with_(steps=without_ratios(model.steps), replicas=())
