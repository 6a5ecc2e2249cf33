//! `guard` stops a commit that carries a secret or an unsafe setting.
//!
//! ```text
//! Source ──Blob──► Engine ──Match──► Finding ──► Policy ──Verdict──► Report ──► format
//!  bytes            pure, bytes in     owned,      pure               pure, to
//!  (git, files,     matches out        no secret                      io::Write
//!  stdin)                              bytes
//! ```

pub mod blob;
pub mod ci;
pub mod cli;
pub mod detect;
pub mod finding;
pub mod hook;
pub mod policy;
pub mod report;
pub mod rule;
pub mod scan;
pub mod secret;
pub mod source;
pub mod span;
