//! `cargo xtask test`: all tests, with what they need.

use crate::servers::{Need, Servers, is_set};
use crate::shell::{Outcome, cargo, run as run_command, say, succeeds};

pub(crate) fn run(args: &[String]) -> Outcome {
    let nextest = succeeds(cargo(&["nextest", "--version"]));
    say(if nextest {
        "Tests run under cargo nextest, and the documentation's examples under cargo test."
    } else {
        "cargo nextest is not installed, so all tests run under cargo test."
    });
    let asked = Asked::parse(args);
    let servers = Servers::start(&Need::of(&asked.packages, asked.embedded, is_set))?;
    for step in plan(&asked, nextest) {
        let mut command = cargo(&step);
        servers.tell(&mut command);
        run_command(command)?;
    }
    Ok(())
}

/// The cargo commands that run the tests.
fn plan(asked: &Asked, nextest: bool) -> Vec<Vec<String>> {
    let with = |command: &[&str], last: &[String]| {
        let words = command.iter().map(|word| (*word).to_owned());
        words.chain(asked.selection.iter().cloned()).chain(last.iter().cloned()).collect::<Vec<_>>()
    };

    // Tests start the example programs; one that has tests of its own is otherwise built as a test alone.
    let mut steps = vec![with(&["build", "--examples"], &[])];
    if nextest {
        steps.push(with(&["nextest", "run"], &[asked.filters.as_slice(), &asked.runner].concat()));
    } else {
        steps.push(with(&["test", "--no-fail-fast", "--tests"], &asked.for_cargo_test(&asked.runner)));
    }
    steps.push(with(&["test", "--doc"], &asked.for_cargo_test(&[])));
    steps
}

/// The arguments of `cargo xtask test`, by who understands them.
#[derive(Default)]
struct Asked {
    /// Packages and features: these mean the same to every cargo command.
    selection: Vec<String>,
    /// Names of tests. They come before the first argument that only the runner understands, because a word after
    /// such an argument may be its value.
    filters: Vec<String>,
    /// What only the runner understands.
    runner: Vec<String>,
    /// The packages in the selection; none when it is all of them.
    packages: Vec<String>,
    /// Whether tests that need a server are left out.
    embedded: bool,
}

impl Asked {
    fn parse(args: &[String]) -> Self {
        let mut asked = Self::default();
        let mut features = false;
        let mut words = args.iter();
        while let Some(word) = words.next() {
            let flag = word.split('=').next().unwrap_or(word);
            let is_package = matches!(flag, "-p" | "--package");
            let is_feature = matches!(flag, "-F" | "--features" | "--no-default-features");
            if word == "--embedded" {
                asked.embedded = true;
            } else if word == "--" {
                asked.runner.push(word.clone());
                asked.runner.extend(words.by_ref().cloned());
            } else if is_package || is_feature || matches!(flag, "--exclude" | "--release") {
                features |= is_feature;
                asked.selection.push(word.clone());
                let value = match word.split_once('=') {
                    Some((_, value)) => Some(value.to_owned()),
                    None if matches!(flag, "--no-default-features" | "--release") => None,
                    None => words.next().cloned().inspect(|value| asked.selection.push(value.clone())),
                };
                asked.packages.extend(value.filter(|_| is_package));
            } else if asked.runner.is_empty() && !word.starts_with('-') {
                asked.filters.push(word.clone());
            } else {
                asked.runner.push(word.clone());
            }
        }
        // Cargo ignores `-p` beside `--workspace`, and `--features` beside `--all-features`.
        if !features {
            asked.selection.insert(0, "--all-features".to_owned());
        }
        if asked.packages.is_empty() {
            asked.selection.insert(0, "--workspace".to_owned());
        }
        asked
    }

    /// Cargo test takes one filter itself and hands what follows `--` to the test program, which takes many.
    fn for_cargo_test(&self, runner: &[String]) -> Vec<String> {
        let split = runner.iter().position(|word| word == "--").unwrap_or(runner.len());
        let mut words = runner[..split].to_vec();
        let program = runner.get(split + 1..).unwrap_or_default();
        if !self.filters.is_empty() || !program.is_empty() {
            words.push("--".to_owned());
            words.extend(self.filters.iter().chain(program).cloned());
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, plan};

    fn asked(line: &str) -> Asked {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Asked::parse(&args)
    }

    fn commands(line: &str, nextest: bool) -> Vec<String> {
        plan(&asked(line), nextest).into_iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn everything_runs_under_nextest_and_then_the_doc_tests() {
        assert_eq!(
            commands("", true),
            [
                "build --examples --workspace --all-features",
                "nextest run --workspace --all-features",
                "test --doc --workspace --all-features",
            ]
        );
    }

    #[test]
    fn without_nextest_cargo_runs_the_same_tests() {
        assert_eq!(
            commands("", false),
            [
                "build --examples --workspace --all-features",
                "test --no-fail-fast --tests --workspace --all-features",
                "test --doc --workspace --all-features",
            ]
        );
    }

    #[test]
    fn without_servers_the_same_commands_run() {
        assert_eq!(commands("--embedded", true), commands("", true));
        assert!(asked("--embedded sla").embedded && !asked("sla").embedded);
        assert!(!asked("-- --embedded").embedded, "that is the test program's");
    }

    #[test]
    fn the_packages_are_known_however_they_are_named() {
        let packages = asked("-p a --features x --package=b --exclude c --package d --release -F=y sla").packages;
        assert_eq!(packages, ["a", "b", "d"]);
        assert!(asked("--no-default-features sla -- -p e").packages.is_empty());
    }

    #[test]
    fn a_package_takes_the_place_of_the_workspace_in_every_command() {
        assert_eq!(
            commands("-p support-core", true),
            [
                "build --examples --all-features -p support-core",
                "nextest run --all-features -p support-core",
                "test --doc --all-features -p support-core",
            ]
        );
        assert_eq!(commands("--package=support-core", true)[2], "test --doc --all-features --package=support-core");
    }

    #[test]
    fn named_features_take_the_place_of_all_features() {
        assert_eq!(
            commands("--no-default-features --features sqlite", true)[1],
            "nextest run --workspace --no-default-features --features sqlite"
        );
    }

    #[test]
    fn names_of_tests_reach_both_runners() {
        assert_eq!(
            commands("sla clock", true)[1..],
            ["nextest run --workspace --all-features sla clock", "test --doc --workspace --all-features -- sla clock"]
        );
        assert_eq!(commands("sla", false)[1], "test --no-fail-fast --tests --workspace --all-features -- sla");
    }

    #[test]
    fn what_only_the_runner_understands_stays_with_it() {
        assert_eq!(
            commands("--retries 2", true)[1..],
            ["nextest run --workspace --all-features --retries 2", "test --doc --workspace --all-features"]
        );
        assert_eq!(
            commands("--test wire -- --nocapture", false)[1..],
            [
                "test --no-fail-fast --tests --workspace --all-features --test wire -- --nocapture",
                "test --doc --workspace --all-features"
            ]
        );
    }
}
