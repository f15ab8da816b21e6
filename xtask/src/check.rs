//! `cargo xtask check`: the lint gates, in the order of what they cost.

use crate::shell::{Outcome, cargo, read_file, run as run_command, say, timed};
use crate::{deny, layers, manifest, sources};

struct Gate {
    name: &'static str,
    run: fn() -> Outcome,
    /// Whether the gate runs when none is named.
    usual: bool,
}

const GATES: [Gate; 8] = [
    Gate { name: "fmt", run: fmt, usual: true },
    Gate { name: "words", run: sources::words_gate, usual: true },
    Gate { name: "dependencies", run: manifest::comments_gate, usual: true },
    Gate { name: "layers", run: layers::gate, usual: true },
    Gate { name: "clippy", run: clippy, usual: true },
    Gate { name: "docs", run: docs, usual: true },
    Gate { name: "deny", run: deny::gate, usual: true },
    // Needs a database from the network, and its answer changes without a change here.
    Gate { name: "advisories", run: deny::advisories_gate, usual: false },
];

/// The packages whose features must each compile alone, and their manifests.
const ALONE: [(&str, &str); 6] = [
    ("support-desk", "Cargo.toml"),
    ("support-core", "crates/support-core/Cargo.toml"),
    ("support-http", "crates/support-http/Cargo.toml"),
    ("support-files", "crates/support-files/Cargo.toml"),
    ("support-events", "crates/support-events/Cargo.toml"),
    ("support-notify", "crates/support-notify/Cargo.toml"),
];

pub(crate) fn names() -> String {
    GATES.map(|gate| gate.name).join(", ")
}

pub(crate) fn run(args: &[String]) -> Outcome {
    for gate in chosen(args)? {
        let (outcome, took) = timed(gate.run);
        let seconds = took.as_secs_f64();
        match outcome {
            Ok(()) => say(&format!("{}: passed in {seconds:.1} s", gate.name)),
            Err(sentence) => {
                return Err(format!("{}: failed after {seconds:.1} s\n{sentence}", gate.name));
            }
        }
    }
    Ok(())
}

fn chosen(args: &[String]) -> Outcome<Vec<&'static Gate>> {
    let known = |name: &str| GATES.iter().any(|gate| gate.name == name);
    let (flags, named): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| arg.starts_with('-'));
    if let Some(flag) = flags.iter().find(|flag| **flag != "--advisories") {
        return Err(format!("`{flag}` is not an option of `check`; there is only `--advisories`."));
    }
    if let Some(name) = named.iter().find(|name| !known(name)) {
        return Err(format!("There is no gate `{name}`; the gates are {}.", names()));
    }
    let wanted = |gate: &&Gate| {
        let by_name = named.iter().any(|name| *name == gate.name);
        let by_flag = gate.name == "advisories" && !flags.is_empty();
        by_name || by_flag || (named.is_empty() && gate.usual)
    };
    Ok(GATES.iter().filter(wanted).collect())
}

fn fmt() -> Outcome {
    run_command(cargo(&["fmt", "--all", "--check"]))
        .map_err(|_| "The sources are not formatted; run `cargo fmt --all`.".to_owned())
}

fn docs() -> Outcome {
    let mut command = cargo(&["doc", "--workspace", "--all-features", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run_command(command)
}

fn clippy() -> Outcome {
    run_command(cargo(&strict(&["--workspace", "--all-targets", "--all-features"])))?;
    for (package, path) in ALONE {
        for selection in alone(package, &read_file(path)?) {
            say(&format!("clippy {}", selection.join(" ")));
            let selection: Vec<&str> = selection.iter().map(String::as_str).collect();
            run_command(cargo(&strict(&selection)))?;
        }
    }
    Ok(())
}

/// Clippy over the selection, with every warning an error. The flag goes to clippy rather than into `RUSTFLAGS`,
/// so that all runs and the other gates share what they compile of the dependencies.
fn strict<'a>(selection: &[&'a str]) -> Vec<&'a str> {
    [&["clippy", "--quiet"], selection, &["--", "-D", "warnings"]].concat()
}

/// The package without features, and with each one alone. Only its library: tests and examples may need more, and
/// their dependencies would hide what the library itself lacks.
fn alone(package: &str, manifest: &str) -> Vec<Vec<String>> {
    let bare = ["-p", package, "--lib", "--no-default-features"].map(str::to_owned).to_vec();
    let each = manifest::features(manifest).into_iter().map(|feature| {
        let mut selection = bare.clone();
        selection.extend(["--features".to_owned(), feature]);
        selection
    });
    std::iter::once(bare.clone()).chain(each).collect()
}

#[cfg(test)]
mod tests {
    use super::{alone, chosen, strict};

    fn names(line: &str) -> Vec<&'static str> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        chosen(&args).expect("all gates exist").iter().map(|gate| gate.name).collect()
    }

    #[test]
    fn all_gates_but_the_advisories_run_when_none_is_named() {
        assert_eq!(names(""), ["fmt", "words", "dependencies", "layers", "clippy", "docs", "deny"]);
    }

    #[test]
    fn the_flag_adds_the_advisories() {
        assert_eq!(names("--advisories").last(), Some(&"advisories"));
        assert_eq!(names("--advisories").len(), 8);
        assert_eq!(names("deny --advisories"), ["deny", "advisories"]);
    }

    #[test]
    fn named_gates_run_alone() {
        assert_eq!(names("layers fmt"), ["fmt", "layers"]);
    }

    #[test]
    fn unknown_gates_and_flags_are_refused_in_a_sentence() {
        let refused = |arg: &str| chosen(&[arg.to_owned()]).err().unwrap_or_default();
        assert!(refused("lint").starts_with("There is no gate `lint`; the gates are fmt, "));
        assert!(refused("--fast").starts_with("`--fast` is not an option of `check`"));
    }

    #[test]
    fn each_feature_is_checked_alone() {
        let manifest = "[features]\ndefault = [\"a\"]\na = []\nb = []\n";
        let lines: Vec<String> = alone("p", manifest).iter().map(|words| words.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "-p p --lib --no-default-features",
                "-p p --lib --no-default-features --features default",
                "-p p --lib --no-default-features --features a",
                "-p p --lib --no-default-features --features b",
            ]
        );
    }

    #[test]
    fn warnings_of_clippy_are_errors() {
        assert_eq!(strict(&["-p", "a"]).join(" "), "clippy --quiet -p a -- -D warnings");
    }
}
