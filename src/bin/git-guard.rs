//! The program under the name `git-guard`, so that `git guard` works.

use std::process::ExitCode;

fn main() -> ExitCode {
    guard::cli::main()
}
