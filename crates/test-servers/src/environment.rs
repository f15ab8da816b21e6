//! The variables through which tests learn where the servers are.

use std::env;
use std::ffi::OsString;

/// Names the variable with the address of the PostgreSQL server that tests may fill.
pub const POSTGRES_URL: &str = "SUPPORT_TEST_POSTGRES_URL";
/// Names the variable with the address of the MySQL or MariaDB server that tests may fill.
pub const MYSQL_URL: &str = "SUPPORT_TEST_MYSQL_URL";
/// Names the variable with the host and port of the `clamd` that tests may ask.
pub const CLAMD_ADDRESS: &str = "SUPPORT_TEST_CLAMD_ADDR";
/// Names the variable with the address of the RabbitMQ broker that tests may fill.
pub const AMQP_URL: &str = "SUPPORT_TEST_AMQP_URL";
/// Names the variable with the address of the NATS server that tests may fill.
pub const NATS_URL: &str = "SUPPORT_TEST_NATS_URL";
/// Names the variable that, when set, leaves out the tests of every server whose address is not given.
pub const EMBEDDED: &str = "SUPPORT_TEST_EMBEDDED";

/// The address of the PostgreSQL server, or `None` when its tests are to be left out.
///
/// # Panics
///
/// When nobody has said either: a test that is silently left out passes for one that has run.
#[track_caller]
pub fn postgres_url() -> Option<String> {
    url_or_left_out("PostgreSQL", POSTGRES_URL)
}

/// The address of the MySQL or MariaDB server, or `None` when its tests are to be left out.
///
/// # Panics
///
/// When nobody has said either: a test that is silently left out passes for one that has run.
#[track_caller]
pub fn mysql_url() -> Option<String> {
    url_or_left_out("MySQL", MYSQL_URL)
}

/// The host and port of the `clamd`, or `None` when its tests are to be left out. It must know the EICAR test file.
///
/// # Panics
///
/// When nobody has said either: a test that is silently left out passes for one that has run.
#[track_caller]
pub fn clamd_address() -> Option<String> {
    url_or_left_out("clamd", CLAMD_ADDRESS)
}

/// The address of the RabbitMQ broker, or `None` when its tests are to be left out.
///
/// # Panics
///
/// When nobody has said either: a test that is silently left out passes for one that has run.
#[track_caller]
pub fn amqp_url() -> Option<String> {
    url_or_left_out("RabbitMQ", AMQP_URL)
}

/// The address of the NATS server, or `None` when its tests are to be left out. It must offer JetStream.
///
/// # Panics
///
/// When nobody has said either: a test that is silently left out passes for one that has run.
#[track_caller]
pub fn nats_url() -> Option<String> {
    url_or_left_out("NATS", NATS_URL)
}

/// Whether the tests of something that has no variable of its own are to be left out, and says so if they are.
pub(crate) fn is_embedded(name: &str) -> bool {
    let embedded = env::var_os(EMBEDDED).is_some_and(|value| !value.is_empty());
    if embedded {
        eprintln!("LEFT OUT: {EMBEDDED} is set, so the tests of {name} do not run.");
    }
    embedded
}

#[track_caller]
fn url_or_left_out(name: &str, variable: &str) -> Option<String> {
    match answer(variable, env::var_os(variable), env::var_os(EMBEDDED)) {
        Ok(Some(url)) => Some(url),
        Ok(None) => {
            eprintln!("LEFT OUT: {EMBEDDED} is set and {variable} is not, so the tests of {name} do not run.");
            None
        }
        Err(sentence) => panic!("{sentence}"),
    }
}

/// What the two variables say. An empty one says nothing, as if it were not set.
fn answer(variable: &str, url: Option<OsString>, embedded: Option<OsString>) -> Result<Option<String>, String> {
    let said = |value: &OsString| !value.is_empty();
    match (url.filter(said), embedded.filter(said)) {
        (Some(url), _) => {
            url.into_string().map(Some).map_err(|_| format!("{variable} is not UTF-8, so it is no address"))
        }
        (None, Some(_)) => Ok(None),
        (None, None) => Err(format!(
            "set {variable}, or run `cargo xtask test`, which starts a server (or `cargo xtask test --embedded` to \
             leave these tests out)"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{POSTGRES_URL, answer};

    fn said(url: Option<&str>, embedded: Option<&str>) -> Result<Option<String>, String> {
        answer(POSTGRES_URL, url.map(Into::into), embedded.map(Into::into))
    }

    #[test]
    fn an_address_is_used_even_where_tests_may_be_left_out() {
        assert_eq!(said(Some("postgres://a"), None), Ok(Some("postgres://a".to_owned())));
        assert_eq!(said(Some("postgres://a"), Some("1")), Ok(Some("postgres://a".to_owned())));
    }

    #[test]
    fn tests_are_left_out_only_when_that_was_asked_for() {
        assert_eq!(said(None, Some("1")), Ok(None));
        assert_eq!(said(Some(""), Some("1")), Ok(None));
        for embedded in [None, Some("")] {
            assert_eq!(
                said(None, embedded).expect_err("nobody has said where the server is"),
                "set SUPPORT_TEST_POSTGRES_URL, or run `cargo xtask test`, which starts a server (or `cargo xtask \
                 test --embedded` to leave these tests out)"
            );
        }
    }
}
