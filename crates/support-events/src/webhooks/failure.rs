//! Why there was no answer, in words that tell nothing of the network in which the host stands.

use super::resolver::{NotFound, OutOfReach};
use std::{
    error::Error,
    io::{self, ErrorKind},
};
use support_core::ports::webhooks::WebhookCallError;

pub(super) const OUT_OF_REACH: &str = "must lead to a public address";

pub(super) fn told(error: &reqwest::Error) -> WebhookCallError {
    let found = causes(error).find_map(known);
    found.unwrap_or_else(|| {
        if error.is_timeout() {
            return WebhookCallError::TimedOut;
        }
        let words = if error.is_connect() { "none could be made" } else { "what came is no answer of HTTP" };
        WebhookCallError::Unreachable(words.to_owned())
    })
}

fn known(cause: &(dyn Error + 'static)) -> Option<WebhookCallError> {
    if cause.is::<OutOfReach>() {
        return Some(WebhookCallError::Forbidden(format!("it {OUT_OF_REACH}")));
    }
    let words = if cause.is::<NotFound>() {
        "its name is not known"
    } else {
        let error = cause.downcast_ref::<io::Error>()?;
        // What TLS has to say is inside of an error of the system, and its type is that of a crate which is not ours.
        certificate(&error.to_string()).or_else(|| connection(error.kind()))?
    };
    Some(if words.is_empty() { WebhookCallError::TimedOut } else { WebhookCallError::Unreachable(words.to_owned()) })
}

fn certificate(text: &str) -> Option<&'static str> {
    let problem = text.strip_prefix("invalid peer certificate: ")?;
    let is = |word: &str| problem.to_ascii_lowercase().starts_with(word);
    Some(match () {
        () if is("unknownissuer") => "nobody known has signed its certificate",
        () if is("expired") || is("certificate expired") => "its certificate has expired",
        () if is("notvalidforname") || is("certificate not valid for name") => "its certificate is for another name",
        () => "its certificate is not accepted",
    })
}

/// Empty where it took too long.
fn connection(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TimedOut => Some(""),
        ErrorKind::ConnectionRefused => Some("it was refused"),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some("it was broken off"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Some("there is no way there")
        }
        ErrorKind::InvalidData => Some("the other side does not speak TLS as it should"),
        _ => None,
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
