"""Parameter files made from the parameters that NuWro itself wrote into its events."""

import numpy as np
import uproot


def card_of(path):
    """The text of a parameter file with every parameter of a genuine file."""
    with uproot.open(path) as file:
        tree = file["treeout"]
        leaves = [key.rpartition("/")[2] for key in tree.keys(filter_name="par.*")]
        first = {leaf: tree[leaf].array(library="np", entry_stop=1)[0] for leaf in leaves}
    lines, vectors = [], {}
    for leaf, value in first.items():
        name = leaf.removeprefix("par.")
        if name == "path_to_data":  # is made by NuWro, no parameter
            continue
        if name[-2:] in (".x", ".y", ".z"):
            vectors.setdefault(name[:-2], []).append(f"{value:g}")
            continue
        if name.endswith(".string"):
            rows = str(value).split("\n")
            name = name.removesuffix(".string")
            lines += [f"{name} {'+=' if i else '='} {row}" for i, row in enumerate(rows)]
            continue
        lines.append(f"{name} = {int(value) if isinstance(value, np.bool_) else value}")
    lines += [f"{name} = {' '.join(axes)}" for name, axes in vectors.items()]
    return "\n".join(lines) + "\n"
