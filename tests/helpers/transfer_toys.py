"""What makes a fine-tuning take a second in a test; every stage still runs."""

from nugen_gan.density_ratio.fit import RatioOptions
from nugen_gan.density_ratio.network import RatioShape
from nugen_gan.model.steps import without_ratios
from nugen_gan.physics.process import Process

SMALL_RATIO = RatioOptions(RatioShape(2, 16, 1), steps=30, batch_size=128, learning_rate=3e-3)


def make_quick(patch):
    """Replace sizes that are chosen for good models by tiny ones; ``patch`` is a MonkeyPatch."""
    patch.setattr(
        "nugen_gan.transfer.reweighting.reweighting_options", lambda events, steps=None: SMALL_RATIO
    )
    patch.setattr("nugen_gan.training.refine.ratio_options", lambda events, steps=None: SMALL_RATIO)
    patch.setattr("nugen_gan.training.refine.PROPOSALS", 4000)
    patch.setattr("nugen_gan.gan.heldout.GENERATED_EVENTS", 3000)
    patch.setattr("nugen_gan.channels.fit._default_steps", lambda events: 20)


def carbon(model):
    """The model as one of carbon, so that argon is something new."""
    return model.with_(process=Process.from_name("numu_cc_C12"), name="tiny")


def accepting_all(model):
    """The model without its density ratios, so that it is worse and has much to learn."""
    return model.with_(steps=without_ratios(model.steps), replicas=())
