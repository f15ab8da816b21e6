use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A network of addresses, such as `10.1.0.0/16` or `fd12::/64`; an address alone is a network of one.
///
/// ```
/// use support_events::webhooks::Network;
/// let network: Network = "10.1.0.0/16".parse()?;
/// assert!(network.contains("10.1.200.7".parse()?));
/// assert!(!network.contains("10.2.0.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// That something is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network; one is written like 10.1.0.0/16 or fd12::/64")]
pub struct NetworkError(String);

impl Network {
    pub(super) const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    /// By the first four groups, which is as far as any network that has a name goes.
    pub(super) const fn v6(groups: [u16; 4], prefix: u8) -> Self {
        let [a, b, c, d] = groups;
        Self { address: IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)), prefix }
    }

    /// Whether the address is one of it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                // A shift by all bits is none in Rust, so the network of everything is asked apart.
                self.prefix == 0 || (ours.to_bits() ^ theirs.to_bits()) >> (32 - self.prefix) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                self.prefix == 0 || (ours.to_bits() ^ theirs.to_bits()) >> (128 - self.prefix) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse().map_err(|_| wrong()))?;
        if prefix > longest { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn a_network_ends_where_its_prefix_says() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
            ("0.0.0.0/0", "255.255.255.255", "::"),
            ("::/0", "ffff::", "1.2.3.4"),
        ] {
            let parsed: Network = network.parse().expect("it is one");
            assert!(parsed.contains(inside.parse().expect("an address")), "{network} {inside}");
            assert!(!parsed.contains(outside.parse().expect("an address")), "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_said_to_be_none() {
        for text in ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "example.org", "10.0.0/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
