//! What a user relies on, tried over real git and through the whole engine.

mod hook;
mod repo;
mod rules;
