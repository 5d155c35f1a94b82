#!/bin/bash
# What a job of htcondor.sub runs; its argument counts from 0, as $(Process) does.
set -euo pipefail
export OMP_NUM_THREADS=1
: "${EVENTS:=10000000}" "${PARTS:=100}" "${OUTPUT:=events/events.gst.root}"
mkdir -p "$(dirname "$OUTPUT")"
nugen-gan --quiet generate numu_cc_Ar40 -n "$EVENTS" --energy 0.2,10 --flux powerlaw:1 --seed 1 \
    --shard "$1/$PARTS" --shards-from 0 --resume --yes -o "$OUTPUT"
