"""A drop-in sampler: the flux-averaged dsigma/dE_lep of a beam, from a model.

    python examples/tutorials/cross_section.py [FLUX] [--events N]

FLUX is anything that `nugen-gan generate --flux` takes; a falling power law if absent. Draws
cross_section.png and checks that the integral of the histogram is the flux-averaged cross section.
"""

import argparse

import numpy as np
from matplotlib.figure import Figure

import nugen_gan
from nugen_gan.adapters.fluxes.words import parse_flux
from nugen_gan.generation.energies import follow_flux


def main() -> None:
    """Generate, histogram, check, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("flux", nargs="?", default="powerlaw:2", help="as of generate --flux")
    parser.add_argument("--events", type=int, default=200_000, help="to generate")
    given = parser.parse_args()
    model = nugen_gan.load_model("numu_cc_C12")
    words, n = given.flux, given.events
    flux = parse_flux(words, model.energy_range)
    plan = follow_flux(flux, model.cross_section, words)
    seed = 1
    events = model.sample(plan.energies(seed)(0, n), seed=seed)

    average = plan.flux_average(model.cross_section)  # cm2 per nucleus
    assert average is not None, "a flux is followed with a cross section only"
    edges = np.linspace(0.1, 5.0, 50)
    counts = np.histogram(events.elep, bins=edges)[0]
    dsigma = counts / np.diff(edges) * average / n
    inside = float((dsigma * np.diff(edges)).sum())
    print(f"flux-averaged cross section {average:.4g} cm2, of it {inside:.4g} below 5 GeV")

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.stairs(dsigma, edges)
    axes.set_xlabel("$E_\\mu$ [GeV]")
    axes.set_ylabel("$d\\sigma/dE_\\mu$ [cm$^2$/GeV/nucleus]")
    figure.savefig("cross_section.png", dpi=150)


if __name__ == "__main__":
    main()
