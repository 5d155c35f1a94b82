"""How often `validate` says of two samples of one distribution that they differ.

    python benchmarks/false_alarms.py numu_C12_train.root --events 2000 --pairs 100

Disjoint slices of one table are compared, hadrons too where the table has them, without the
classifier tests unless `--classifier` is given.  Printed is how many of the pairs get "All measures
agree", and which rows said otherwise; with `--p-values` also, for each row, in which part of the
pairs its p value is below 0.5, 0.1 and 0.02: at most so many should be.
"""

import argparse
import math
from collections import Counter

import numpy as np

import nugen_gan
from nugen_gan.validation.report.judging import Verdict


def main() -> None:
    """Print a row for each number of events."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="events of one process")
    parser.add_argument("--events", type=int, nargs="+", default=[2000], help="in each sample")
    parser.add_argument("--pairs", type=int, default=100, help="of samples")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of the events")
    parser.add_argument("--classifier", action="store_true", help="run the classifier tests")
    parser.add_argument("--p-values", action="store_true", help="print their distribution")
    given = parser.parse_args()
    events = nugen_gan.read(given.table)
    print("| events | pairs | all agree | rows that did not |\n|---|---|---|---|")
    for size in given.events:
        random, agreed, rows = np.random.default_rng(given.seed), 0, Counter[str]()
        p_values: dict[str, list[float]] = {}
        for pair in range(given.pairs):
            chosen = random.permutation(len(events))[: 2 * size]
            report = nugen_gan.compare(
                events[chosen[:size]],
                events[chosen[size:]],
                seed=pair,
                classifier=given.classifier,
            )
            for row in report.rows():
                if row.p_value is not None:
                    p_values.setdefault(row.measure, []).append(row.p_value)
            wrong = [
                row.measure
                for row in report.rows()
                if row.verdict not in (Verdict.AGREES, Verdict.NONE)
            ]
            agreed += not wrong
            rows.update(wrong)
        share = agreed / given.pairs
        error = math.sqrt(max(share * (1 - share), 1 / given.pairs) / given.pairs)
        listing = "; ".join(f"{name} {count}" for name, count in rows.most_common(5)) or "-"
        found = f"{100 * share:.0f} ± {100 * error:.0f} %"
        print(f"| {size:,d} | {given.pairs} | {found} | {listing} |", flush=True)
        for name, values in p_values.items() if given.p_values else ():
            below = ", ".join(f"{np.mean(np.array(values) < p):.3f}" for p in (0.5, 0.1, 0.02))
            print(f"  {name}: {below}", flush=True)


if __name__ == "__main__":
    main()
