"""Reports of `nugen-gan validate` side by side, as a Markdown table.

    nugen-gan validate numu_cc_C12 numu_C12_val.root --seed 1 -o one
    nugen-gan validate numu_cc_C12 numu_C12_val.root --seed 2 -o two
    python benchmarks/report_table.py one two --names "seed 1" "seed 2"

A row for each measure that some report has, in their order.
"""

import argparse
import json
from pathlib import Path
from typing import Any


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", nargs="+", type=Path, help="folders of reports")
    parser.add_argument(
        "--names", nargs="+", help="of the columns; the names of the folders if absent"
    )
    given = parser.parse_args()
    names = given.names or [folder.name for folder in given.reports]
    columns = [rows(json.loads((folder / "report.json").read_text())) for folder in given.reports]
    measures = list(dict.fromkeys(measure for column in columns for measure in column))
    print("| measure | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for measure in measures:
        print(f"| {measure} | " + " | ".join(column.get(measure, "-") for column in columns) + " |")


def rows(report: dict[str, Any]) -> dict[str, str]:
    """Measures of a report with their values; what was not measured is left out."""
    found = {"events on each side": f"{report['events']['reference']:,d}"}
    for row in report["verdicts"]:
        if row["p_value"] is None and row["measure"] != "Events with impossible kinematics":
            continue
        # A bar would end the cell of a table.
        found[row["measure"].replace("|", "\\|")] = row["value"].replace("|", "\\|")
    return found


if __name__ == "__main__":
    main()
