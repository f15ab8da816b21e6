//! The example programs do what they say, as a new user runs them.

use serde_json::{Value, json};
#[cfg(all(feature = "postgres", feature = "mysql"))]
use std::sync::atomic::{AtomicU32, Ordering};
use std::{
    io::{BufRead, BufReader, Lines, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// Examples are built beside the tests: `<target>/<profile>/examples`.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let path = test.ancestors().nth(2).expect("deps has a parent").join("examples").join(name);
    assert!(path.exists(), "{} is not built: run `cargo build --examples`", path.display());
    path
}

fn output(name: &str) -> String {
    let output = Command::new(program(name)).output().expect("the example starts");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn quickstart_tells_a_ticket_from_opening_to_rating() {
    let text = output("quickstart");
    assert!(text.contains("is open with priority high"), "{text}");
    assert!(text.contains("Please try again after noon"), "{text}");
    assert!(!text.contains("The bank is down, they say"), "a customer's list holds no note: {text}");
}

#[test]
fn embed_makes_order_and_ticket_together_or_not_at_all() {
    let text = output("embed");
    assert!(text.contains("rolled back: 0 orders, 0 tickets"), "{text}");
    assert!(text.contains("committed:   1 orders, 1 tickets"), "{text}");
    assert!(text.contains("Make a chair"), "{text}");
}

#[cfg(feature = "postgres")]
#[test]
fn embed_postgres_makes_order_and_ticket_together_or_not_at_all() {
    let Some(url) = test_servers::postgres_url() else { return };
    let output = Command::new(program("embed_postgres")).env("DATABASE_URL", url).output().expect("the example starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("rolled back: 0 orders, 0 tickets"), "{text}");
    assert!(text.contains("committed:   1 orders, 1 tickets"), "{text}");
    assert!(text.contains("Make a chair"), "{text}");
}

/// A running `helpdesk`, and the tokens it has printed.
struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    base: String,
    tokens: [String; 3],
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let child = Command::new(program("helpdesk"))
            .args(args)
            .args(["--listen", "127.0.0.1:0"])
            .env_remove("HELPDESK_JWT_SECRET")
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("the example starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let curl = lines.next().expect("a first line").expect("text");
        assert!(curl.starts_with("curl -s -H 'Authorization: Bearer "), "{curl}");
        let base = curl.rsplit(' ').next().expect("an address").to_owned();
        let tokens = ["customer:", "agent:", "admin:"].map(|role| {
            let mut texts = lines.by_ref().map_while(Result::ok);
            let token = texts.find_map(|line| line.strip_prefix(role).map(|token| token.trim().to_owned()));
            token.expect("three tokens")
        });
        Self { child, lines, base, tokens }
    }

    /// One request; `path` goes on from `…/tickets`.
    fn call(&self, who: usize, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let rest = self.base.strip_prefix("http://").expect("an address");
        let (host, prefix) = rest.split_once('/').expect("a path");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(host).expect("the server listens");
        write!(
            stream,
            "{method} /{prefix}{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            self.tokens[who],
            text.len()
        )
        .expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status line");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    fn terminate(mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        let last = self.lines.by_ref().map_while(Result::ok).last();
        assert_eq!(last.as_deref(), Some("stopped"));
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CUSTOMER: usize = 0;
const AGENT: usize = 1;
const ADMIN: usize = 2;

fn work_a_ticket(server: &Server) -> String {
    let new = json!({ "subject": "Where is it?", "message": "It should have come on Monday" });
    let (status, ticket) = server.call(CUSTOMER, "POST", "", &new);
    assert_eq!(status, 201, "{ticket}");
    let number = ticket["ticketNumber"].as_str().expect("a number").to_owned();
    let id = ticket["ticketId"].as_str().expect("an id");
    let steps = [
        (AGENT, "POST", "claim", Value::Null),
        (AGENT, "POST", "messages", json!({ "message": "Secretly late", "isInternal": true })),
        (AGENT, "POST", "messages", json!({ "content": "It comes tomorrow" })),
        (CUSTOMER, "POST", "reply", json!({ "message": "Thank you" })),
        (AGENT, "POST", "resolve", json!({ "resolution": "It came" })),
        (CUSTOMER, "POST", "rate", json!({ "rating": 5, "feedback": "Quick" })),
    ];
    for (who, method, step, body) in steps {
        let (status, answer) = server.call(who, method, &format!("/{id}/{step}"), &body);
        assert!((200..300).contains(&status), "{step}: {status} {answer}");
    }
    let (_, seen) = server.call(CUSTOMER, "GET", &format!("/{id}"), &Value::Null);
    assert_eq!(seen["messages"].as_array().map(Vec::len), Some(3), "{seen}");
    assert!(!seen.to_string().contains("Secretly"));
    number
}

#[test]
fn helpdesk_works_a_ticket_and_stops_when_told_and_remembers() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("desk.db").display());
    let server = Server::start(&["--store", &store]);
    let (status, list) = server.call(ADMIN, "GET", "?limit=100", &Value::Null);
    assert_eq!((status, list["tickets"].as_array().map(Vec::len)), (200, Some(40)), "the sample shop");
    let number = work_a_ticket(&server);
    assert_eq!(server.terminate(), Some(0));

    let server = Server::start(&["--store", &store]);
    let (status, ticket) = server.call(CUSTOMER, "GET", &format!("/{number}"), &Value::Null);
    assert_eq!((status, &ticket["status"]), (200, &json!("resolved")));
    let (_, list) = server.call(ADMIN, "GET", "?limit=100", &Value::Null);
    assert_eq!(list["tickets"].as_array().map(Vec::len), Some(41), "filled once, not at every start");
}

#[test]
fn helpdesk_runs_every_profile_where_its_document_mounts_it() {
    let mounts = [
        ("vehicle_retail", "/api/v1/support/tickets"),
        ("bookings", "/api/v1/support/tickets"),
        ("import_desk", "/tickets"),
        ("marketplace", "/support/tickets"),
        ("after_sales", "/tickets"),
    ];
    for (profile, path) in mounts {
        let server = Server::start(&["--profile", profile, "--store", "memory:"]);
        assert!(server.base.ends_with(path) && server.base.matches('/').count() == path.matches('/').count() + 2);
        let (_, list) = server.call(ADMIN, "GET", "?limit=100", &Value::Null);
        let rows = list["tickets"].as_array().expect("a list");
        assert_eq!(rows.len(), 40, "{profile}");
        work_a_ticket(&server);
    }
}

/// How many databases were made.
#[cfg(all(feature = "postgres", feature = "mysql"))]
static MADE: AtomicU32 = AtomicU32::new(0);

/// A database for one test, on a server that many use.
#[cfg(all(feature = "postgres", feature = "mysql"))]
fn in_a_database_of_its_own(url: &str, test: impl FnOnce(&str)) {
    use support_desk::sqlx::sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection};
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("examples_{}_{made}", std::process::id());
    let run = |sql: String| {
        let done = runtime.block_on(async {
            if url.starts_with("postgres") {
                PgConnection::connect(url).await?.execute(AssertSqlSafe(sql)).await.map(drop)
            } else {
                MySqlConnection::connect(url).await?.execute(AssertSqlSafe(sql)).await.map(drop)
            }
        });
        done.expect("the server's owner may");
    };
    run(format!("CREATE DATABASE {name}"));
    let (head, _) = url.rsplit_once('/').expect("a database in the URL");
    test(&format!("{head}/{name}"));
    run(format!("DROP DATABASE {name}{}", if url.starts_with("postgres") { " WITH (FORCE)" } else { "" }));
}

#[cfg(all(feature = "postgres", feature = "mysql"))]
#[test]
fn helpdesk_runs_on_a_database_server() {
    for url in [test_servers::postgres_url(), test_servers::mysql_url()].into_iter().flatten() {
        in_a_database_of_its_own(&url, |url| {
            for _ in 0..2 {
                let server = Server::start(&["--profile", "bookings", "--store", url]);
                let (_, list) = server.call(ADMIN, "GET", "?limit=100", &Value::Null);
                assert!(list["tickets"].as_array().expect("a list").len() >= 40, "{url}");
                work_a_ticket(&server);
            }
        });
    }
}

/// Runs `copy_store`, and answers whether it succeeded, and what it said.
fn copy_store(from: &str, to: &str) -> (bool, String) {
    let output = Command::new(program("copy_store")).args([from, to]).output().expect("the example starts");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text")).concat();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{text}");
    (output.status.success(), text)
}

/// A sample shop in a file.
fn sample_shop(folder: &Path) -> String {
    let path = folder.join("shop.db").display().to_string();
    let server = Server::start(&["--store", &format!("sqlite:{path}")]);
    work_a_ticket(&server);
    assert_eq!(server.terminate(), Some(0));
    path
}

#[test]
fn copy_store_moves_a_desk() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = sample_shop(folder.path());
    let copy = folder.path().join("copy.db").display().to_string();
    let (done, text) = copy_store(&shop, &copy);
    assert!(done && text.contains("41 tickets") && text.contains("are the same in both"), "{text}");
    assert!(text.contains("copied 41 of 41 tickets\n") && !text.contains('\r'), "lines where nobody looks: {text}");

    let server = Server::start(&["--store", &format!("sqlite:{copy}")]);
    let (_, list) = server.call(ADMIN, "GET", "?limit=100", &Value::Null);
    assert_eq!(list["tickets"].as_array().map(Vec::len), Some(41));
    work_a_ticket(&server);
    assert_eq!(server.terminate(), Some(0));

    let (done, text) = copy_store(&shop, &copy);
    assert!(!done && text.contains("the target is not empty"), "{text}");
    let nowhere = folder.path().join("nowhere.db").display().to_string();
    let (done, text) = copy_store(&nowhere, &copy);
    assert!(!done && text.contains("there is no file") && !Path::new(&nowhere).exists(), "{text}");
}

/// To one server, to the other, and back: what comes back is what went.
#[cfg(all(feature = "postgres", feature = "mysql"))]
#[test]
fn copy_store_moves_a_desk_between_servers() {
    let (Some(postgres), Some(mysql)) = (test_servers::postgres_url(), test_servers::mysql_url()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let shop = sample_shop(folder.path());
    let back = folder.path().join("back.db").display().to_string();
    in_a_database_of_its_own(&postgres, |postgres| {
        in_a_database_of_its_own(&mysql, |mysql| {
            for (from, to) in [(shop.as_str(), postgres), (postgres, mysql), (mysql, back.as_str())] {
                let (done, text) = copy_store(from, to);
                assert!(done && text.contains("are the same in both"), "{from} {to}: {text}");
            }
        });
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let open = async |path: &str| support_desk::SqliteStore::open(path).await.expect("a store");
        let (shop, back) = (open(&shop).await, open(&back).await);
        let same = support_desk::transfer::Transfer::new(&shop, &back).check(|_| {}).await;
        assert!(same.is_ok_and(|counts| counts.total() > 300));
    });
}

/// Why it does not start; it leaves nothing behind in the folder in which it was started.
fn refusal(args: &[&str], secret: Option<&str>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(program("helpdesk"));
    command.args(args).env_remove("HELPDESK_JWT_SECRET").current_dir(folder.path());
    if let Some(secret) = secret {
        command.env("HELPDESK_JWT_SECRET", secret);
    }
    let output = command.output().expect("the example starts");
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 0, "{args:?}");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn helpdesk_says_why_it_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path.display().to_string()
    };
    let profile = support_desk::Profile::bookings().to_toml().replace("default = \"medium\"", "default = \"asap\"");
    let profile = write("profile.toml", &profile);
    assert!(refusal(&["--profile", &profile], None).contains("priorities.default: `asap`"));
    assert!(refusal(&["--profile", "nowhere.toml"], None).contains("vehicle_retail"));
    assert!(refusal(&["--store", "mongodb://x"], None).contains("sqlite:PATH"));
    assert!(refusal(&["--colour"], None).contains("--colour"));
    assert!(refusal(&["--store", "memory:"], Some("short")).contains("16 characters"));
    let text = write("notes.db", &"not a database ".repeat(100));
    assert!(refusal(&["--store", &format!("sqlite:{text}")], None).contains("notes.db"));
    assert!(Path::new(&text).exists());
}
