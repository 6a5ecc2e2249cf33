//! `delta` of targets.rs, under libFuzzer.
#![no_main]

use guard_fuzz::delta;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| delta(data));
