//! What a user relies on, tried over real git and through the whole engine.

mod rules;
