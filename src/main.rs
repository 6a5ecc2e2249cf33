//! The program `guard`.

use std::process::ExitCode;

fn main() -> ExitCode {
    guard::cli::main()
}
