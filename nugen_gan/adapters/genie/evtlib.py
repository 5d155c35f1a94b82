"""GENIE's event libraries (EvtLib): events that GENIE replays through its own flux and geometry.

What GENIE 3 reads, from the sources of its ``Tools/EvtLib``: for each target ``T`` and neutrino
``N`` the tree ``T/cc/N/records`` and the graph ``T/cc/N/xsec``.  Names are those of GENIE's
particle table, such as ``C12`` and ``nu_mu_bar``; neutral currents are under ``nc``, as ``nu`` or
``nu_bar`` for all flavours.  (``EventLibraryInterface``)

* Branches ``Enu`` (float) and ``prod_id`` (int), and the particles of the final state as arrays
  ``pdg`` (int), ``E``, ``px``, ``py``, ``pz`` (float) of length ``nparts``, in GeV, with the
  neutrino along +z, 1024 at most; the programs that GENIE ships to make libraries add ``weight``
  (float).  (``EvtLibRecordList``)
* The graph is in GeV against 1e-38 cm^2 per nucleus, with straight lines between its points and
  beyond.  (``EvtLibPXSec``)
* For a neutrino of energy E GENIE takes the first record at or above E; if there is none, the
  event stays empty.  It gives the neutrino the record's energy, sorts the records itself, rotates
  each by a random angle around the neutrino, and ignores ``weight`` and ``prod_id``.  The first
  lepton is the primary one; all particles are final, and children of neutrino and nucleus.  It
  leaves out free nucleons and fails on fewer than eight records, an eighth of which is its unit of
  progress.  (``EventLibraryInterface``)

Hence the writer refuses unequal weights, single energies, hydrogen, and fewer than eight events,
and the graph is zero outside the energies of the records.  ``prod_id`` is our number of the
channel; in others' libraries it means whatever their generator wants, and the channel is OTHER.

Not verified: that GENIE itself runs on such a file, for it has not been at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from nugen_gan.adapters.azimuth import BLOCK, azimuths, origin_of
from nugen_gan.adapters.base import Adapter, Header, Source
from nugen_gan.adapters.genie.evtlib_records import Covered, branch_types, columns, graph, usable
from nugen_gan.adapters.genie.evtlib_source import GRAPH, RECORDS, EvtLibSource, is_library
from nugen_gan.adapters.genie.graphs import PROBES
from nugen_gan.adapters.record import RECORD, record_text
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.storage import root as root_io

__all__ = ["EvtLib"]


class EvtLib(Adapter):
    """Reader and writer of event libraries."""

    name = "evtlib"
    description = "GENIE event library (EvtLib): <target>/cc/<nu>/records and xsec"
    suffixes = (".evtlib.root",)
    writes = True

    def sniff(self, path: Path) -> bool:
        """True if there is a tree ``records`` in a folder of a target, current and neutrino."""
        return is_library(path)

    def open(self, paths: Sequence[Path]) -> Source:
        """Open libraries, each of one or several targets and neutrinos."""
        return EvtLibSource(paths)

    def write(self, path: Path, chunks: Iterable[EventTable], header: Callable[[], Header]) -> None:
        """Write a library; the same events and header give the same bytes.

        Raises
        ------
        UsageError
            if GENIE would replay the events wrongly, or their cross section is not known.
        """
        head = header()
        sigma = usable(head)
        process = head.process
        folder = f"{process.target_name}/cc/{PROBES[process.probe]}"
        origin, count = origin_of(head.provenance), 0
        covered = Covered()
        with root_io.recreate(path) as file:
            tree = file.mktree(
                f"{folder}/{RECORDS}",
                branch_types(),
                title=RECORDS,
                counter_name=lambda counted: "nparts",
                field_name=lambda outer, inner: inner,
            )
            for number, table in enumerate(rechunk(chunks, BLOCK)):
                covered.add(table)
                tree.extend(columns(table, azimuths(origin, number, len(table))))
                count += len(table)
            file[f"{folder}/{GRAPH}"] = graph(sigma, process, *covered.energy_range())
            # Among the objects at the top GENIE looks for nuclei, and warns of others.
            file[f"{folder}/{RECORD}"] = record_text(head, count)
