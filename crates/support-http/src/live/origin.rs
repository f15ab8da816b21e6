//! Whose page opens a websocket. A browser sends cookies along with it wherever the page comes from, and asks nobody first.

use crate::problem::Problem;
use axum::http::{header, request::Parts};

/// Turns away pages of other sites, unless the host knows them. What is no browser says no origin.
pub(super) fn check(parts: &Parts, known: &[String]) -> Result<(), Problem> {
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let is_known = known.iter().any(|known| known.trim_end_matches('/').eq_ignore_ascii_case(origin));
    if origins.next().is_none() && (is_known || is_own(origin, parts)) { Ok(()) } else { Err(Problem::forged()) }
}

fn is_own(origin: &str, parts: &Parts) -> bool {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str));
    let Some(((scheme, page), host)) = origin.split_once("://").zip(host) else { return false };
    let port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return false,
    };
    let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    !page.is_empty() && bare(page) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn may(host: &str, origins: &[&str]) -> bool {
        let mut request = Request::get("/live/ws").header("host", host);
        for origin in origins {
            request = request.header("origin", *origin);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check(&parts, &["https://help.example.org/".to_owned()]).is_ok()
    }

    #[test]
    fn pages_of_the_same_host_may_and_those_that_the_host_knows() {
        for (host, origin) in [
            ("desk.example.org", "https://desk.example.org"),
            ("desk.example.org", "https://help.example.org"),
            ("Desk.example.org:443", "https://desk.example.org"),
            ("localhost:3000", "http://localhost:3000"),
        ] {
            assert!(may(host, &[origin]), "{host} {origin}");
        }
        assert!(may("desk.example.org", &[]));
        for origin in [
            "null",
            "",
            "https://",
            "desk.example.org",
            "https://evil.example.org",
            "https://desk.example.org.evil.org",
            "https://evil.org/desk.example.org",
            "https://desk.example.org@evil.org",
            "https://help.example.org.evil.org",
            "https://desk.example.org:8443",
            "file://desk.example.org",
        ] {
            assert!(!may("desk.example.org", &[origin]), "{origin}");
        }
        assert!(!may("desk.example.org", &["https://desk.example.org", "https://evil.org"]));
    }
}
