use std::path::Path;

use super::{MariaDb, arguments, basic, url};
use crate::environment::MYSQL_URL;
use crate::programs;
use crate::setup::Setup;
use crate::trial::{ask, is_left_out, is_running, taken_for_a_while};

fn all(setup: Setup) -> Vec<String> {
    arguments(basic("/d", "/t", setup.durable), "/first.sql", setup)
}

#[test]
fn commits_wait_for_the_disk_only_when_they_are_to() {
    let slow = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"];
    let fast = all(Setup::default());
    let durable = all(Setup::default().durable());
    for argument in slow {
        assert!(fast.contains(&argument.to_owned()));
        assert!(!durable.contains(&argument.to_owned()));
    }
}

#[test]
fn nothing_of_the_machine_is_read_and_nobody_else_is_heard() {
    let arguments = all(Setup::default());
    assert_eq!(arguments[0], "--no-defaults", "elsewhere it is refused");
    for argument in ["--bind-address=127.0.0.1", "--datadir=/d", "--tmpdir=/t", "--init-file=/first.sql"] {
        assert!(arguments.contains(&argument.to_owned()), "{argument}");
    }
}

#[test]
fn settings_come_last_and_so_they_win() {
    let arguments = all(Setup::default().setting("innodb_buffer_pool_size", "1G"));
    assert_eq!(arguments.last().map(String::as_str), Some("--innodb_buffer_pool_size=1G"));
}

#[test]
fn the_address_names_the_port() {
    assert_eq!(url(3306), "mysql://root@127.0.0.1:3306/support");
}

#[test]
fn a_server_answers_is_stopped_starts_again_and_leaves_nothing() {
    let programs = programs::mariadb();
    if is_left_out(&programs, MYSQL_URL) {
        return;
    }
    // One that does not wait for the disk may forget the last second.
    let mut server =
        MariaDb::start(Setup::default().durable().setting("lower_case_table_names", "1")).expect("it starts");
    let port = format!("--port={}", server.port());
    let query = |sql: &str| {
        let arguments = ["--no-defaults", "-BN", "--host=127.0.0.1", &port, "--user=root", "support", "-e", sql];
        ask(Path::new("mariadb"), &arguments)
    };

    assert_eq!(query("select @@max_connections, @@lower_case_table_names"), "500\t1");
    assert_eq!(query("select @@character_set_database, @@innodb_flush_log_at_trx_commit"), "utf8mb4\t1");
    query("create database another; create table notes (text text); insert into notes values ('kept')");
    let directory = server.server.home().path().to_owned();
    let process = std::fs::read_to_string(directory.join("data/server.pid")).expect("it runs");
    let process: u32 = process.trim().parse().expect("its number");
    assert!(server.start_again().expect_err("it runs").starts_with("MariaDB runs;"));

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
fn a_fast_server_starts_again_after_a_crash() {
    if is_left_out(&programs::mariadb(), MYSQL_URL) {
        return;
    }
    let mut server = MariaDb::start(Setup::default()).expect("it starts");
    server.stop_immediately().expect("it stops");
    server.start_again().expect("it starts again");
}

#[test]
fn a_setting_that_does_not_exist_is_told() {
    if is_left_out(&programs::mariadb(), MYSQL_URL) {
        return;
    }
    let refused = MariaDb::start(Setup::default().setting("no_such_setting", "1")).expect_err("there is none");
    assert!(refused.starts_with("MariaDB ended while it was starting. It said: "), "{refused}");
    assert!(refused.contains("no_such_setting"), "{refused}");
}
