#!/bin/sh
# Builds programs that need no library of the system: packaging/static.sh prints the folder they are in.
#
# With musl where Rust has that target (`rustup target add x86_64-unknown-linux-musl`, and musl-gcc for the C parts);
# else with glibc, linked in whole. guard looks up no host and no user, which is what a static glibc cannot do.
set -eu

cd "$(dirname -- "$0")/.."
target_dir=${CARGO_TARGET_DIR:-target}
machine=$(uname -m)
musl=$machine-unknown-linux-musl
if [ -d "$(rustc --print sysroot)/lib/rustlib/$musl" ] && command -v musl-gcc >/dev/null; then
  target=$musl
else
  echo "there is no $musl here (rustup target add $musl; musl-gcc): glibc is linked in instead" >&2
  target=$machine-unknown-linux-gnu
  RUSTFLAGS="${RUSTFLAGS-} -C target-feature=+crt-static"
  export RUSTFLAGS
fi
cargo build --release --locked --target "$target" --bins >&2
echo "$target_dir/$target/release"
