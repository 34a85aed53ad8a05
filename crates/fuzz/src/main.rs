//! Runs one target: with libFuzzer in the build of `cargo xtask fuzz`, else once for each file that is
//! named: `cargo run -p fuzz <target> <file>...`
#![cfg_attr(fuzzing, no_main)]
#![cfg_attr(fuzzing, allow(unsafe_code, reason = "libFuzzer calls a C function"))]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    static TARGET: std::sync::OnceLock<fuzz::Target> = std::sync::OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        fuzz::find(&name).unwrap_or_else(|| {
            eprintln!("FUZZ_TARGET `{name}` is no fuzz target");
            std::process::exit(2)
        })
    });
    (target.run)(input);
});

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let target = words.next().and_then(|name| fuzz::find(&name));
    let Some(target) = target else {
        let names = fuzz::TARGETS.map(|target| target.name).join(", ");
        eprintln!("name a target ({names}) and the files to read");
        std::process::exit(2);
    };
    for file in words {
        (target.run)(&std::fs::read(&file)?);
        println!("{}: {file} is fine", target.name);
    }
    Ok(())
}
