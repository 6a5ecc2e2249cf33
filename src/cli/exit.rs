//! The exit codes, in one place.

use std::process::ExitCode;

use crate::report::Report;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing blocks: clean, or warnings only.
    Clean = 0,
    /// Something blocks.
    Blocked = 1,
    /// Something was not read or not understood; also together with findings.
    Error = 2,
    /// A person stopped it; what was found until then is told.
    Interrupted = 130,
}

impl Exit {
    /// Returns how a run with this report ends.
    pub fn of(report: &Report, exit_zero: bool) -> Self {
        if report.has_errors() {
            Exit::Error
        } else if report.blocks() && !exit_zero {
            Exit::Blocked
        } else {
            Exit::Clean
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
