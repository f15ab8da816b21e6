//! Licences, bans, sources and advisories of the dependencies: cargo-deny, installed when it is missing.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{Outcome, cargo, command, run, say, succeeds, tools};

const VERSION: &str = "0.20.2";

pub(crate) fn gate() -> Outcome {
    let mut deny = found_or_installed()?;
    deny.args(["--log-level", "error", "--all-features", "check", "--hide-inclusion-graph"]);
    deny.args(["bans", "licenses", "sources"]);
    run(deny).map_err(|_| "A dependency breaks a rule of deny.toml; what is printed above names it.".to_owned())
}

pub(crate) fn advisories_gate() -> Outcome {
    let mut fetch = found_or_installed()?;
    fetch.args(["--log-level", "error", "fetch", "db"]);
    run(fetch).map_err(|_| {
        "The advisory database could not be fetched, so nothing is known about advisories. Run the gate where the \
         network reaches it."
            .to_owned()
    })?;
    let mut deny = found_or_installed()?;
    deny.args(["--log-level", "error", "--all-features", "check", "--disable-fetch", "advisories"]);
    run(deny).map_err(|_| "An advisory concerns a dependency; what is printed above names it.".to_owned())
}

fn found_or_installed() -> Outcome<Command> {
    if succeeds(cargo(&["deny", "--version"])) {
        return Ok(cargo(&["deny"]));
    }
    let own = own_binary();
    if !own.is_file() {
        say(&format!("cargo-deny is not installed; version {VERSION} is being built, which takes some minutes."));
        let mut install = cargo(&["install", "--locked", "cargo-deny", "--version", VERSION, "--root"]);
        install.arg(tools());
        run(install).map_err(|_| {
            format!(
                "cargo-deny could not be installed; `cargo install --locked cargo-deny --version {VERSION}` shows why."
            )
        })?;
    }
    Ok(command(own))
}

fn own_binary() -> PathBuf {
    tools().join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX))
}
