#!/usr/bin/env bash
# Makes up hostile input: `tests/fuzz/run.sh TARGET SECONDS`, or with `all`, one target behind the other. What reaches
# code that nothing before it reached is kept under tests/fuzz/target, what breaks something too, and told.
set -euo pipefail
cd "$(dirname "$0")"
targets=${1:?the name of a target, or all}
seconds=${2:-180}
[ "$targets" != all ] || targets=$(ls corpus)
cargo build --release --locked
output=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
host=$(rustc -vV | sed -n 's/^host: //p')
for target in $targets; do
    found=$output/found/$target
    broken=$output/broken/$target
    mkdir -p "$found" "$broken"
    case $target in
        parser | program | formatter) more="../../rules ../language ../rejected ../semantics ../slips" ;;
        scenarios) more="../language ../semantics" ;;
        files) more="../data/statements" ;;
        *) more="" ;;
    esac
    # shellcheck disable=SC2086
    TARGET=$target "$output/$host/release/ringfence-fuzz" "$found" "corpus/$target" $more \
        -artifact_prefix="$broken/" -max_total_time="$seconds" -max_len=32768 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1
done
