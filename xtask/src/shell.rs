//! Running cargo, printing, and measuring.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Success, or a sentence that says what failed.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The directory of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where tools that the checks install for themselves are kept: beside the build, so that `cargo clean` removes
/// them and nothing outside this checkout changes.
pub(crate) fn tools() -> PathBuf {
    let beside_the_build = std::env::current_exe().ok();
    let target = beside_the_build.as_deref().and_then(Path::parent).and_then(Path::parent);
    target.map_or_else(|| root().join("target"), Path::to_path_buf).join("tools")
}

pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// A command that runs in the root of the workspace.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    // `cargo run` describes xtask to its child in these variables. Build scripts that watch them would run again
    // after every change between `cargo xtask` and a plain cargo command.
    for (name, _) in std::env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_BIN_")
        });
        if described {
            command.env_remove(name);
        }
    }
    command
}

/// The cargo that started this program.
pub(crate) fn cargo<S: AsRef<str>>(args: &[S]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(program);
    command.args(args.iter().map(AsRef::as_ref));
    command
}

/// Runs the command with its output on the terminal; fails when it does.
pub(crate) fn run(mut command: Command) -> Outcome {
    let shown = shown(&command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("`{shown}` failed.")),
        Err(error) => Err(format!("`{shown}` could not be started: {error}.")),
    }
}

/// Runs the command and returns what it printed on its standard output.
pub(crate) fn read(mut command: Command) -> Outcome<String> {
    let shown = shown(&command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`{shown}` could not be started: {error}."))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{shown}` failed."))
    }
}

/// Whether the command exists and succeeds; its output is not shown.
pub(crate) fn succeeds(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// What the work returned, and how long it took.
#[expect(clippy::disallowed_methods, reason = "this measures the checks themselves; no domain time is involved")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

pub(crate) fn read_file(relative: &str) -> Outcome<String> {
    std::fs::read_to_string(root().join(relative)).map_err(|error| format!("{relative} could not be read: {error}."))
}
