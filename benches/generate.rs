//! Writes a large company as a folder of files:
//! `cargo bench --bench generate -- --accounts 1000000 --out DIR [--seed 1]`.

mod world;

use std::path::PathBuf;
use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "a program: it has someone to speak to")]
fn main() -> ExitCode {
    let mut world = world::World { accounts: 10_000, seed: 1 };
    let mut out: Option<PathBuf> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number =
            || arguments.next().and_then(|text| text.replace('_', "").parse().ok());
        match argument.as_str() {
            "--accounts" => world.accounts = number().unwrap_or(world.accounts),
            "--seed" => world.seed = number().unwrap_or(world.seed),
            "--out" => out = arguments.next().map(PathBuf::from),
            // What cargo adds.
            _ => (),
        }
    }
    let Some(out) = out else {
        eprintln!(
            "usage: cargo bench --bench generate -- --accounts NUMBER --out FOLDER"
        );
        // A plain `cargo bench` runs every bench; this one then has nothing to do.
        return ExitCode::SUCCESS;
    };
    match world.write(&out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", out.display());
            ExitCode::FAILURE
        }
    }
}
