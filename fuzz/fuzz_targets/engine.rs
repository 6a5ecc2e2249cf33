//! `engine` of targets.rs, under libFuzzer.
#![no_main]

use guard_fuzz::engine;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| engine(data));
