//! Linker arguments for the feature `split`.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_for_browsers = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    if is_for_browsers && env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        // wasm-split finds the code of each part by its relocations.
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
