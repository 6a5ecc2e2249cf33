//! `assign` of targets.rs, under libFuzzer.
#![no_main]

use guard_fuzz::assign;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| assign(data));
