//! The load generator that comes with the server, which writes the rows of an answer.

use super::{
    RAW,
    interactive::MADE,
    replies::{CALLERS, TICKETS, text},
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;
use test_servers::Postgres;

pub(super) struct Pgbench {
    program: PathBuf,
    url: String,
    folder: TempDir,
}

impl Pgbench {
    /// Beside the server's programs, behind whatever links lead there.
    pub(super) fn find(server: &Postgres) -> Result<Self, String> {
        let beside = |directory: PathBuf| {
            let server = directory.join("postgres").canonicalize().ok()?;
            let found = [directory, server.parent()?.to_owned()].map(|place| place.join("pgbench"));
            found.into_iter().find(|program| program.is_file())
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .map(|version| version.path().join("bin"))
            .collect();
        versions.sort();
        let program = std::env::split_paths(&path).chain(versions.into_iter().rev()).find_map(beside);
        let program = program.ok_or("`pgbench` was not found beside the programs of the server")?;
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
        std::fs::write(script(folder.path()), statements()).map_err(|error| error.to_string())?;
        Ok(Self { program, url: server.url(), folder })
    }

    /// Transactions a second.
    pub(super) fn rate(&self, time: Duration) -> f64 {
        let mut command = Command::new(&self.program);
        command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
        command.args([format!("--client={CALLERS}"), format!("--time={}", time.as_secs())]);
        command.arg(format!("--define=body={}", text()));
        command.arg("--file").arg(script(self.folder.path())).arg(&self.url);
        let output = command.output().expect("the program starts");
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}{complained}");
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.unwrap_or_else(|| panic!("{said}{complained}"))
    }
}

fn script(folder: &Path) -> PathBuf {
    folder.join("answer.sql")
}

/// The rows that a store writes for an answer, in one transaction.
fn statements() -> String {
    let now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let agent = "00000000-0000-0000-0000-0000000000a1";
    format!(
        "\\set n random(1, {TICKETS})
BEGIN;
UPDATE {RAW}.support_tickets SET updated_at = {now} WHERE id = {MADE};
INSERT INTO {RAW}.support_messages (id, ticket, author_role, author_id, author_name, internal, attachments, sent_at, \
revision, body) VALUES (gen_random_uuid(), {MADE}, 'agent', '{agent}', 'Grace Hopper', false, '[]', {now}, 0, :body);
INSERT INTO {RAW}.support_events (id, ticket, at, actor_role, actor_id, actor_name, cause, kind, internal, data) \
VALUES (gen_random_uuid(), {MADE}, {now}, 'agent', '{agent}', 'Grace Hopper', '{{\"kind\":\"request\"}}', 'message_added', false, \
'{{\"type\":\"message_added\",\"message\":\"01933e6e-1f70-7000-8000-000000000000\"}}');
COMMIT;
"
    )
}
