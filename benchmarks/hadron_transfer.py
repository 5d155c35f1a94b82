"""Hadrons from few events: by transfer, from scratch, and as a hot deck of the same events.

    python benchmarks/hadron_transfer.py numu_Ar40_10k.root numu_Ar40_val.root
    python benchmarks/hadron_transfer.py genie.gst.root genie.gst.root --first 4000

Only the hadrons are learned: each way makes them for the leptons of reference events, and boosted
trees that see the lepton, all observables and numbers of particles tell them from the generator's
own (AUC; 0.5 is perfect).  With ``--first`` the first events are for learning, the rest of the file
is the reference.
"""

import argparse
import time

import numpy as np

import nugen_gan
from nugen_gan.events.table import EventTable
from nugen_gan.hadrons.fit import HadronOptions, fit_hadrons
from nugen_gan.hadrons.model import HadronModel
from nugen_gan.hadrons.tiles import independent
from nugen_gan.validation.hadrons.classifier import hadron_classifier
from nugen_gan.validation.hadrons.samples import HadronSamples
from nugen_gan.validation.hot_deck import HotDeck


def main() -> None:
    """Print a table of the three ways."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("training", help="events with hadrons to learn from")
    parser.add_argument("reference", help="events with hadrons to judge by")
    parser.add_argument("--base", default="numu_cc_C12", help="model to begin with")
    parser.add_argument("--first", type=int, help="learn from so many events")
    parser.add_argument("--events", type=int, default=60_000, help="of each sample, at most")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    given = parser.parse_args()
    training, reference = nugen_gan.read(given.training), nugen_gan.read(given.reference)
    if given.first is not None:
        training, reference = training[: given.first], reference[given.first :]
    n = min(given.events, len(reference) // 2)
    leptons, truth = reference[:n], reference[n : 2 * n]
    base = nugen_gan.load_model(given.base).hadrons
    print(
        f"{len(training):,d} events of {training.process.name} to learn from, {n:,d} to judge by\n"
    )
    print("| way | seconds (CPU) | classifier AUC |\n|---|---|---|")
    for way, start in (("transfer", base), ("scratch", None)):
        begun = time.process_time()
        options = HadronOptions.by_number(len(training), transfer=start is not None)
        model = fit_hadrons(training, options=options, seed=given.seed, start=start)
        seconds = time.process_time() - begun
        print(f"| {way} | {seconds:.0f} | {_auc(_made(model, leptons, given.seed), truth)} |")
    deck = HotDeck.of(training).sample(leptons)
    print(f"| hot deck | - | {_auc(deck, truth)} |")
    print(f"| the generator itself | - | {_auc(leptons, truth)} |")


def _made(model: HadronModel, leptons: EventTable, seed: int) -> EventTable:
    uniform = independent(np.random.default_rng(seed), len(leptons))
    return leptons.with_(particles=model.sample(leptons, uniform))


def _auc(events: EventTable, truth: EventTable) -> str:
    found = hadron_classifier(HadronSamples.of(truth, events), seed=1)
    return f"{found.value:.3f} +- {found.uncertainty:.3f}"


if __name__ == "__main__":
    main()
