//! One fuzzer for each way in: `TARGET` names it.

#![no_main]

#[path = "../../it/fuzz/forged.rs"]
mod forged;
mod mutate;
#[path = "../../it/fuzz/targets.rs"]
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

use targets::{TARGETS, Target};

fn target() -> &'static Target {
    static TARGET: OnceLock<&Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let named = std::env::var("TARGET").unwrap_or_default();
        TARGETS.iter().find(|target| target.name == named).unwrap_or_else(|| {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            panic!("TARGET names one of {}", names.join(", "))
        })
    })
}

fuzz_target!(|data: &[u8]| (target().run)(data));

// Texts are changed by words and lines as often as by bytes.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if target().is_text && seed % 4 != 0 { mutate::text(data, size, max_size, seed) } else { fuzzer_mutate(data, size, max_size) }
});
