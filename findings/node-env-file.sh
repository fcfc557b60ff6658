#!/usr/bin/env bash
# Node 24.21.0 (npm `node`) and Deno 2.9.6 (npm `deno`): in a file of `--env-file`, `export` with a tab behind it makes a
# variable whose name begins with "export". Node 20.20.2 does, too, and takes a line without `=` for the beginning of the next
# name.
#
# With the lines `export<TAB>A=1` and `B=2`. Expected: A is 1, as in every shell, python-dotenv 1.2.4, npm's dotenv 18.0.10 and
# Bun 1.4.5, and as Node itself reads `export A=1`. Seen: A is not set; Node has a variable `export<TAB>A`. With `B`, a comment
# and `A=1`: Node 24 sets A; Node 20 sets a variable whose name is all three lines up to the `=`, and A not.
#
# So a program that runs without its variable here and with it elsewhere may have read the same file. A tool that edits such
# files should write `export` with one blank, and no lines without `=`.
#
# Needs npm, installs the packages into a temporary folder (about 300 MB). Ends with 1 if one of them does anything else than
# what is said here.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 20.20.2 24.21.0; do
    npm install --silent --no-audit --no-fund --prefix "node-$version" "node@$version"
done
npm install --silent --no-audit --no-fund --ignore-scripts --prefix deno deno@2.9.6
node() { "$folder/node-$1/node_modules/node/bin/node" "${@:2}"; }
deno=$(find "$folder/deno/node_modules/@deno" -name deno -type f | head -n 1)

printf 'export A=1\nB=2\n' >blank.env
printf 'export\tA=1\nB=2\n' >tab.env
printf 'B\n# a comment\nA=1\n' >without.env

status=0
expect() { # NAME EXPECTED SEEN
    printf '%s: %s\n' "$1" "$3"
    [ "$2" = "$3" ] || { printf 'expected: %s\n' "$2"; status=1; }
}
a='console.log(process.env.A ?? "not set")'
for version in 20.20.2 24.21.0; do
    expect "Node $version, a blank" 1 "$(node "$version" --env-file=blank.env -e "$a")"
    expect "Node $version, a tab" 'not set' "$(node "$version" --env-file=tab.env -e "$a")"
    expect "Node $version, the name with it" 1 \
        "$(node "$version" --env-file=tab.env -e 'console.log(process.env["export\tA"] ?? "not set")')"
done
expect 'Node 20.20.2, a line without =' 'not set' "$(node 20.20.2 --env-file=without.env -e "$a")"
expect 'Node 24.21.0, a line without =' 1 "$(node 24.21.0 --env-file=without.env -e "$a")"
deno_a='console.log(Deno.env.get("A") ?? "not set")'
expect 'Deno 2.9.6, a blank' 1 "$("$deno" eval --quiet --env-file=blank.env "$deno_a")"
expect 'Deno 2.9.6, a tab' 'not set' "$("$deno" eval --quiet --env-file=tab.env "$deno_a")"
exit "$status"
