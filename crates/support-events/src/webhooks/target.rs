//! What can be said of an address without calling it.

use super::{failure::OUT_OF_REACH, reach::Reach};
use reqwest::Url;
use std::net::IpAddr;

/// Longer ones are nobody's, and would fill rows and logs.
const LONGEST: usize = 2_048;

/// The address, where it may be called. Whoever parses it again may find another host in it, so this is what is called.
pub(super) fn target(url: &str, http: bool, reach: &Reach) -> Result<Url, String> {
    let begins = if http { "http:// or https://" } else { "https://" };
    if url.len() > LONGEST {
        return Err(format!("must be at most {LONGEST} characters long"));
    }
    let parsed = Url::parse(url).map_err(|_| "must be an address such as https://example.org/hooks".to_owned())?;
    match parsed.scheme() {
        "https" => {}
        "http" if http => {}
        _ => return Err(format!("must begin with {begins}")),
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("must hold no user and no password; calls are signed instead".to_owned());
    }
    if parsed.fragment().is_some() {
        return Err("must hold no `#`: what stands behind it is sent to nobody".to_owned());
    }
    let usual = if parsed.scheme() == "http" { 80 } else { 443 };
    match parsed.port_or_known_default() {
        // What listens there speaks something else, and may take a request for words of its own.
        Some(port) if port < 1_024 && port != usual => {
            return Err(format!("must lead to port {usual}, or to one from 1024 on"));
        }
        _ => {}
    }
    let host = parsed.host_str().unwrap_or_default();
    if !may_be_reached(host, reach) {
        return Err(OUT_OF_REACH.to_owned());
    }
    Ok(parsed)
}

/// By the parser of URLs, whatever stands for an address (`2130706433`, `0x7f.1`) has become one in the usual spelling. The
/// client goes to those without asking a resolver.
fn may_be_reached(host: &str, reach: &Reach) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let name = host.trim_end_matches('.');
    let is_this_host = name == "localhost" || name.ends_with(".localhost");
    match literal {
        Ok(address) => reach.permits(address),
        // Other names are looked at when it connects; here nothing but a later failure can be spared.
        Err(_) if is_this_host => reach.permits([127, 0, 0, 1].into()),
        Err(_) => !name.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, target};

    #[track_caller]
    fn refused(url: &str, why: &str) {
        let problem = target(url, true, &Reach::default()).expect_err(url);
        assert!(problem.starts_with("must ") && problem.contains(why), "{url}: {problem}");
    }

    #[test]
    fn addresses_of_the_public_internet_are_taken() {
        for url in [
            "https://example.org/hooks?a=b",
            "https://example.org:8443/",
            "HTTPS://EXAMPLE.ORG",
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]/",
            "https://bücher.example/",
        ] {
            target(url, false, &Reach::default()).expect(url);
        }
        target("http://example.org", true, &Reach::default()).expect("it is allowed");
    }

    #[test]
    fn every_spelling_of_an_internal_address_is_one() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0177.0.0.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "[::1]",
            "[::]",
            "0",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00::1]",
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "10.0.0.1",
            "192.168.1",
            "100.64.0.1",
            "224.0.0.1",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
        ] {
            refused(&format!("https://{host}/"), "public address");
            refused(&format!("http://{host}:8080/"), "public address");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let plain = target("http://example.org", false, &Reach::default()).expect_err("it is not allowed");
        assert_eq!(plain, "must begin with https://");
        for url in ["ftp://example.org", "file:///etc/passwd", "gopher://example.org:70/_", "javascript:alert(1)"] {
            refused(url, "begin with");
        }
        for url in ["", "example.org", "https://", "https://[fe80::1%25eth0]/", "https://a b/", "https://256.1.1.1/"] {
            refused(url, "such as https://");
        }
        for url in ["https://u@example.org", "https://u:p@example.org", "https://:p@example.org"] {
            refused(url, "no user");
        }
        for url in
            ["https://example.org:22", "https://example.org:80", "http://example.org:443", "http://example.org:25"]
        {
            refused(url, "port");
        }
        refused("https://example.org/hooks#a", "no `#`");
        refused(&format!("https://example.org/{}", "a".repeat(2_048)), "characters");
    }
}
