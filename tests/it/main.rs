//! What a user relies on, tried over real git and through the whole engine.

mod archives;
mod around;
mod ci;
mod dogfood;
mod fix;
mod formats;
mod fuzz;
mod generic;
mod history;
mod hook;
mod install;
mod install_sh;
mod layers;
mod leak;
mod managers;
mod mutate;
mod odd;
mod practices;
mod push;
mod readers;
mod remember;
mod repo;
mod rules;
mod select;
mod settings;
mod systems;
