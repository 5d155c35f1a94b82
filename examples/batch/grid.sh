#!/bin/bash
# A grid job: it makes its part on the worker's own disk and copies file and record back.
#   grid.sh DESTINATION, with CLUSTER_INDEX from 0
set -euo pipefail
export OMP_NUM_THREADS=1
: "${EVENTS:=10000000}" "${PARTS:=100}" "${COPY:=cp}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nugen-gan --quiet generate numu_cc_Ar40 -n "$EVENTS" --energy 0.2,10 --flux powerlaw:1 --seed 1 \
    --shard "$((CLUSTER_INDEX + 1))/$PARTS" --yes -o "$work/events.gtrac.root"
# The record has size, adler32 and sha256, by which a transfer is checked; it goes last.
for file in "$work"/*.gtrac.root "$work"/*.gtrac.root.json; do
    "$COPY" "$file" "$1/"
done
