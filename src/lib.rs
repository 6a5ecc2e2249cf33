//! `guard` stops a commit that carries a secret or an unsafe setting.
//!
//! ```text
//! Source ──Blob──► Engine ──Match──► Finding ──► Policy ──Verdict──► Report ──► format
//!  bytes            pure, bytes in     owned,      pure               pure, to
//!  (git, files,     matches out        no secret                      io::Write
//!  stdin)                              bytes
//! ```
//!
//! The engine alone does no I/O, keeps no state between scans and may be shared by threads; an editor or a server can
//! call it as it is:
//!
//! ```
//! use guard::Engine;
//! use guard::blob::Regions;
//! use guard::rule::{Rules, fill};
//!
//! let engine = Engine::new(Rules::builtin());
//! // No whole token stands in this repository: the hole is filled with one that passes GitHub's checksum.
//! let text = fill("TOKEN={{github:ghp_}}\n", &guard::detect::make);
//! let found = engine.scan(text.as_bytes(), &Regions::Whole, Some("app.env".into()));
//! assert_eq!(engine.rules().get(found[0].rule).id, "github-pat");
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

pub use detect::Engine;
