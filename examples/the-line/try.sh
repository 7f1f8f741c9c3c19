#!/bin/sh
# Checks the policy, shows what it would do now, and what would become of it in 30 days.
# Builds tenure first where that is needed. Nothing is changed and nothing is sent.
set -eu
here=$(dirname "$0")
tenure() {
  printf '\n$ tenure %s\n\n' "$*"
  cargo run --quiet --locked --manifest-path "$here/../../Cargo.toml" -- "$@" \
    --config "$here/tenure.toml" --data "$here/company" --now 2026-11-20T12:00:00Z
}
tenure check "$here/reclaim.tenure"
tenure plan "$here/reclaim.tenure"
tenure simulate "$here/reclaim.tenure" --at-once --for 30d
