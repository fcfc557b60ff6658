#!/usr/bin/env bash
# getrandom 0.4.3 (crates.io) reads /dev/random and /dev/urandom in a program that is linked with a static glibc.
#
# Its README says that on Linux it makes the system call getrandom, and falls back to /dev/urandom on kernels before
# 3.17. Expected, then, on any kernel of today: no file, however the program is linked. Seen with
# `-C target-feature=+crt-static` on x86_64-unknown-linux-gnu: the function is looked up by dlsym, which finds nothing in
# such a program, so the kernel counts as one that has no such call, and two files are opened at the first use. With no
# descriptor left that is an error; in a chroot or container without /dev, too. With
# `--cfg getrandom_backend="linux_getrandom"`, and linked dynamically, no file is opened. (On musl the function is linked.)
#
# Needs Rust, a C compiler with the static C library (Debian: libc6-dev) and strace. Ends with 1 if it is otherwise.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "random"
version = "0.0.0"
edition = "2024"

[dependencies]
getrandom = "=0.4.3"

[workspace]
TOML
cat >"$folder/src/main.rs" <<'RS'
fn main() {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
}
RS
cd "$folder"

status=0
expect() { # NAME FILES RUSTFLAGS
    RUSTFLAGS=$3 cargo build --quiet --target x86_64-unknown-linux-gnu
    strace -f -e trace=openat -o trace target/x86_64-unknown-linux-gnu/debug/random
    local seen
    seen=$(grep -o '/dev/u\?random' trace | sort | tr '\n' ' ' || true)
    printf '%s: %s\n' "$1" "${seen:-no file}"
    [ "$seen" = "$2" ] || { printf 'expected: %s\n' "${2:-no file}"; status=1; }
}
expect dynamic '' ''
expect static '/dev/random /dev/urandom ' '-C target-feature=+crt-static'
expect 'static, told to make the call' '' '-C target-feature=+crt-static --cfg getrandom_backend="linux_getrandom"'
exit "$status"
