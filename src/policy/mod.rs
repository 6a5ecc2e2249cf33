//! Policy turns what was found into verdicts: what blocks, what is only said, and who allowed it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod place;
