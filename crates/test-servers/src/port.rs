//! Free ports.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

/// Below the ports that systems give to outgoing connections. One of those could be taken by any client in the moment
/// in which a server is down, and it would not come up again.
const PORTS: Range<u16> = 20_000..32_000;

/// A port of 127.0.0.1 that nobody listens on. Somebody may before the caller does.
pub(crate) fn free_port() -> Result<u16, String> {
    // A random start, so that servers that are started at the same time do not all try the same ports.
    let random = RandomState::new();
    let candidates = (0..100_u8).map(|attempt| {
        let [low, high, ..] = random.hash_one(attempt).to_le_bytes();
        PORTS.start + u16::from_le_bytes([low, high]) % (PORTS.end - PORTS.start)
    });
    // The last resort is any port at all.
    first_free(candidates.chain([0]))
        .ok_or_else(|| "No port of 127.0.0.1 is free, so no server can be started.".to_owned())
}

fn first_free(mut candidates: impl Iterator<Item = u16>) -> Option<u16> {
    candidates.find_map(|port| Some(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?.local_addr().ok()?.port()))
}

#[cfg(test)]
mod tests {
    use super::{PORTS, first_free, free_port};
    use std::net::TcpListener;

    #[test]
    fn ports_of_outgoing_connections_are_left_alone() {
        let port = free_port().expect("most ports are free");
        assert!(PORTS.contains(&port), "{port}");
    }

    #[test]
    fn a_port_that_is_taken_is_passed_over() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let taken = listener.local_addr().expect("it has one").port();
        assert_eq!(first_free([taken].into_iter()), None);
        let other = first_free([taken, 0].into_iter()).expect("any other port will do");
        assert_ne!(other, taken);
    }
}
