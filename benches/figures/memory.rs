use crate::{
    client::{bytes, rate},
    report::{Promise, Report},
};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};
use support_desk::{Actor, Desk, SqliteStore, desk::tickets::NewTicket};
use uuid::Uuid;

const TICKETS: u128 = 10_000;

/// The example program, as a process of its own, over a file with ten thousand tickets, after some work.
pub(crate) fn run(report: &mut Report) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    let file = folder.path().join("memory.db");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let store = SqliteStore::open(&file).await.expect("a new file");
        let desk = Desk::builder(store).build().expect("the default profile");
        let mut running = tokio::task::JoinSet::new();
        for n in 0..TICKETS {
            let desk = desk.clone();
            running.spawn(async move {
                let customer = Actor::customer(Uuid::from_u128(n % 500), "Customer");
                let ticket = NewTicket::new(format!("Subject {n}"), "A text of some length. ".repeat(10));
                desk.tickets().open(&customer, ticket).await.expect("a ticket");
            });
            if running.len() >= 256 {
                running.join_next().await;
            }
        }
        running.join_all().await;
    });

    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo).args(["build", "--release", "--quiet", "--example", "helpdesk"]).status();
    assert!(built.is_ok_and(|status| status.success()), "the example builds");
    // The bench itself stands in <target>/release/deps.
    let bench = std::env::current_exe().expect("a running program has a path");
    let program = bench.ancestors().nth(2).expect("deps has a parent").join("examples/helpdesk");
    let mut server = Command::new(program)
        .args(["--store", &format!("sqlite:{}", file.display()), "--listen", "127.0.0.1:0", "--unlimited"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let mut lines = BufReader::new(server.stdout.take().expect("stdout is piped")).lines().map_while(Result::ok);
    let curl = lines.next().expect("the first line is a curl");
    let token = curl.split('\'').nth(1).expect("with a header in quotes").to_owned();
    let address = curl.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("with an address");
    let admin = lines.find_map(|line| line.strip_prefix("admin:").map(|token| token.trim().to_owned()));
    let admin = admin.expect("the admin's token is printed");
    let address = address.parse().expect("an address");
    let list = move |_: usize, _: usize| {
        let request = bytes("GET", "/api/v1/support/tickets?limit=100", "");
        let request = String::from_utf8(request).expect("ASCII");
        request.replacen("\r\n", &format!("\r\nauthorization: Bearer {admin}\r\n"), 1).into_bytes()
    };
    assert!(token.starts_with("Authorization"));
    let _ = runtime.block_on(rate(address, 32, 50, list));

    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = resident.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(f64::NAN);
    let _ = server.kill();
    let _ = server.wait();
    report.check("resident, 10,000 tickets, after 1,600 lists of 100", kib / 1024.0, "MiB", &Promise::AtMost(40.0));
}
