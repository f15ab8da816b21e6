//! What the tests that start servers have in common.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::environment::EMBEDDED;

/// Whether a test that starts a server is left out: because that was asked for, or because this machine has no such
/// server and its tests run on one elsewhere.
pub(crate) fn is_left_out<T>(found: &Result<T, String>, variable: &str) -> bool {
    let is_set = |variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    let left_out = is_set(EMBEDDED) || (found.is_err() && is_set(variable));
    if left_out {
        eprintln!(
            "LEFT OUT: this test starts a server of its own; {EMBEDDED} is set, or there is none but {variable}."
        );
    }
    left_out
}

/// What the client program prints.
#[track_caller]
pub(crate) fn ask(client: &Path, arguments: &[&str]) -> String {
    let output = Command::new(client).args(arguments).output().expect("the client comes with the server");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Whether there is a process of the number. One that has ended and was waited for is none.
pub(crate) fn is_running(process: u32) -> bool {
    let signal =
        Command::new("sh").args(["-c", "kill -s 0 \"$1\" 2>/dev/null", "signal", &process.to_string()]).status();
    signal.expect("`sh` exists").success()
}

/// Listens on the port, which nobody does any more, for longer than a server takes to find out.
#[track_caller]
pub(crate) fn taken_for_a_while(port: u16) -> JoinHandle<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("nobody listens any more");
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        drop(listener);
    })
}
