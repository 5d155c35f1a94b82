#!/bin/bash
# An array of 100 jobs, each of which makes its part of ten million events:
#   sbatch examples/batch/slurm.sh
# A job that was lost is sent again with the same number, and parts that are complete are left.  At the
# end, --parts "$PARTS" --resume in place of --shard checks all of them and lists them in a manifest.
#SBATCH --array=1-100
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --time=02:00:00
set -euo pipefail
export OMP_NUM_THREADS=1
: "${EVENTS:=10000000}" "${PARTS:=100}" "${OUTPUT:=events.hepmc3.gz}"
nugen-gan --quiet generate numu_cc_Ar40 -n "$EVENTS" --energy 0.2,10 --flux powerlaw:1 --seed 1 \
    --workers "${SLURM_CPUS_PER_TASK:-1}" --shard "$SLURM_ARRAY_TASK_ID/$PARTS" \
    --resume --yes -o "$OUTPUT"
