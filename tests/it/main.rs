//! What a user relies on, tried over real git and through the whole engine.

mod dogfood;
mod hook;
mod install;
mod layers;
mod leak;
mod push;
mod readers;
mod repo;
mod rules;
mod settings;
