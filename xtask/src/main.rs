//! The checks and the tests of this workspace: `cargo xtask test`, `cargo xtask check`, `cargo xtask ci`.

mod check;
mod deny;
mod layers;
mod manifest;
mod paths;
mod rust_text;
mod servers;
mod shell;
mod sources;
mod test;

use std::process::ExitCode;

use shell::{Outcome, say};

const USAGE: &str = "\
Usage: cargo xtask <command>

  test [--embedded] [arguments of the test runner]
          runs every test, on throw-away databases, message brokers and the like that it starts, and
          installs where it can; SUPPORT_TEST_POSTGRES_URL and its like name servers to use in their place;
          --embedded starts none and leaves out tests that need a server, unless its variable names one
  check [--advisories] [gates]
          runs the lint gates, or only the named ones
  ci      runs check and then test";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Outcome {
    let (command, rest) = args.split_first().map_or(("help", args), |(command, rest)| (command.as_str(), rest));
    match command {
        "test" => test::run(rest),
        "check" => check::run(rest),
        "ci" if rest.is_empty() => check::run(&[]).and_then(|()| test::run(&[])),
        "ci" => Err(format!("The command `ci` takes no arguments, but was given `{}`.", rest.join(" "))),
        "help" | "--help" | "-h" => {
            say(&format!("{USAGE}\n\nGates: {}.", check::names()));
            Ok(())
        }
        other => Err(format!("There is no command `{other}`.\n\n{USAGE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::dispatch;

    #[test]
    fn an_unknown_command_is_refused_in_a_sentence() {
        let refused = dispatch(&["build".to_owned()]).expect_err("`build` is not a command");
        assert!(refused.starts_with("There is no command `build`."), "{refused}");
    }

    #[test]
    fn ci_takes_no_arguments() {
        let refused = dispatch(&["ci".to_owned(), "fmt".to_owned()]).expect_err("`ci` runs everything");
        assert!(refused.contains("takes no arguments"), "{refused}");
    }
}
