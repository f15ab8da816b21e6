use super::{Postgres, arguments, says_ready, url};
use crate::environment::POSTGRES_URL;
use crate::programs;
use crate::setup::Setup;
use crate::trial::{ask, is_left_out, is_running, taken_for_a_while};

#[test]
fn commits_wait_for_the_disk_only_when_they_are_to() {
    let fast = arguments("/d", Setup::default());
    assert_eq!(fast[..3], ["-D", "/d", "--listen_addresses=127.0.0.1"]);
    assert!(fast.contains(&"--max_connections=500".to_owned()));
    assert_eq!(fast[fast.len() - 2..], ["--fsync=off", "--full_page_writes=off"]);
    let durable = arguments("/d", Setup::default().durable());
    assert!(!durable.iter().any(|argument| argument.contains("fsync") || argument.contains("synchronous_commit")));
}

#[test]
fn settings_come_last_and_so_they_win() {
    let arguments = arguments("/d", Setup::default().setting("max_connections", "9").setting("fsync", "on"));
    assert_eq!(arguments[arguments.len() - 2..], ["--max_connections=9", "--fsync=on"]);
}

#[test]
fn the_address_names_the_port() {
    assert_eq!(url(5432), "postgres://postgres@127.0.0.1:5432/postgres");
}

#[test]
fn only_the_state_of_the_same_process_counts() {
    let state = "17\n/d\n1700000000\n20000\n.\n127.0.0.1\n  1  2\nready   \n";
    assert!(says_ready(state, 17));
    assert!(!says_ready(state, 18));
    assert!(!says_ready(&state.replace("ready", "starting"), 17));
    assert!(!says_ready("17\n", 17));
}

#[test]
fn a_server_answers_is_stopped_starts_again_and_leaves_nothing() {
    let programs = programs::postgres();
    if is_left_out(&programs, POSTGRES_URL) {
        return;
    }
    // The client lies beside the programs themselves, not beside links to them.
    let initdb = programs.expect("PostgreSQL is installed").initdb.canonicalize().expect("it exists");
    let client = initdb.with_file_name("psql");
    let setup = Setup::default().setting("application_name", "trial");
    let mut server = Postgres::start(setup).expect("it starts");
    let url = server.url();
    let query = |sql: &str| ask(&client, &["--no-psqlrc", "-At", "-d", &url, "-c", sql]);

    assert_eq!(query("select current_setting('fsync') || current_setting('synchronous_commit')"), "offon");
    assert_eq!(query("show max_connections"), "500");
    query("create table notes (text text); insert into notes values ('kept')");
    let directory = server.server.home().path().to_owned();
    let process = std::fs::read_to_string(directory.join("data/postmaster.pid")).expect("it runs");
    let process: u32 = process.lines().next().and_then(|line| line.parse().ok()).expect("the first line is its number");
    assert!(server.start_again().expect_err("it runs").starts_with("PostgreSQL runs;"));

    server.stop_immediately().expect("it stops");
    server.stop_immediately().expect("it has stopped");
    assert!(!is_running(process));
    let taken = taken_for_a_while(server.port());
    server.start_again().expect("it starts again, and waits for its port");
    taken.join().expect("it only waits");
    assert_eq!(query("select text from notes"), "kept");
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn a_setting_that_does_not_exist_is_told() {
    if is_left_out(&programs::postgres(), POSTGRES_URL) {
        return;
    }
    let refused = Postgres::start(Setup::default().setting("no_such_setting", "1")).expect_err("there is none");
    assert!(refused.starts_with("PostgreSQL ended while it was starting. It said: "), "{refused}");
    assert!(refused.contains("no_such_setting"), "{refused}");
}
