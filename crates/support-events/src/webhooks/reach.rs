//! Which addresses may be called.

use super::network::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What no address of the public internet is in, by the registries of special addresses.
const SPECIAL_V4: [Network; 15] = [
    Network::v4(0, 0, 0, 0, 8),        // this host
    Network::v4(10, 0, 0, 0, 8),       // private
    Network::v4(100, 64, 0, 0, 10),    // behind the NAT of a provider; the metadata of Alibaba
    Network::v4(127, 0, 0, 0, 8),      // loopback
    Network::v4(168, 63, 129, 16, 32), // the agent of Azure's machines, in the midst of public addresses
    Network::v4(169, 254, 0, 0, 16),   // link-local; the metadata of most clouds
    Network::v4(172, 16, 0, 0, 12),    // private
    Network::v4(192, 0, 0, 0, 24),     // protocols; the metadata of Oracle
    Network::v4(192, 0, 2, 0, 24),     // documentation
    Network::v4(192, 88, 99, 0, 24),   // relays of 6to4
    Network::v4(192, 168, 0, 0, 16),   // private
    Network::v4(198, 18, 0, 0, 15),    // benchmarks
    Network::v4(198, 51, 100, 0, 24),  // documentation
    Network::v4(203, 0, 113, 0, 24),   // documentation
    Network::v4(224, 0, 0, 0, 3),      // multicast, reserved, broadcast
];

/// Within the one network from which public addresses are given.
const SPECIAL_V6: [Network; 5] = [
    Network::v6([0x2001, 0, 0, 0], 23), // protocols, among them Teredo, which hides an IPv4 address
    Network::v6([0x2001, 0xdb8, 0, 0], 32), // documentation
    Network::v6([0x2002, 0, 0, 0], 16), // 6to4, where what it stands for is looked at instead
    Network::v6([0x3ffe, 0, 0, 0], 16), // the 6bone, given back
    Network::v6([0x3fff, 0, 0, 0], 20), // documentation
];
const PUBLIC_V6: Network = Network::v6([0x2000, 0, 0, 0], 3);

/// What a development machine and the network around it have.
const OURS: [Network; 7] = [
    Network::v4(10, 0, 0, 0, 8),
    Network::v4(100, 64, 0, 0, 10),
    Network::v4(127, 0, 0, 0, 8),
    Network::v4(172, 16, 0, 0, 12),
    Network::v4(192, 168, 0, 0, 16),
    Network::v6([0xfc00, 0, 0, 0], 7),
    // Loopback: `::1`, and with it `::`, which is asked for apart.
    Network::v6([0, 0, 0, 0], 127),
];

/// Which networks may be called beside the public ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach {
    pub(super) private: bool,
    pub(super) networks: Vec<Network>,
}

impl Reach {
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.networks.iter().any(|network| network.contains(address)) {
            return true;
        }
        if let IpAddr::V6(address) = address
            && let Some(meant) = meant(address)
        {
            return self.permits(IpAddr::V4(meant));
        }
        let is_ours = !address.is_unspecified() && OURS.iter().any(|network| network.contains(address));
        is_public(address) || (self.private && is_ours)
    }
}

fn is_public(address: IpAddr) -> bool {
    let special: &[Network] = if address.is_ipv4() { &SPECIAL_V4 } else { &SPECIAL_V6 };
    (address.is_ipv4() || PUBLIC_V6.contains(address)) && !special.iter().any(|network| network.contains(address))
}

/// The IPv4 address to which a gateway would carry it: by NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`).
fn meant(address: Ipv6Addr) -> Option<Ipv4Addr> {
    const NAT64: Network = Network::v6([0x64, 0xff9b, 0, 0], 96);
    const SIX_TO_FOUR: Network = Network::v6([0x2002, 0, 0, 0], 16);
    let bits = address.to_bits();
    #[expect(clippy::cast_possible_truncation, reason = "the 32 bits that are left are those meant")]
    let at = |shift: u32| Some(Ipv4Addr::from_bits((bits >> shift) as u32));
    match IpAddr::V6(address) {
        address if NAT64.contains(address) => at(0),
        address if SIX_TO_FOUR.contains(address) => at(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;
    use std::net::IpAddr;

    #[track_caller]
    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn what_is_public_may_be_called() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "168.63.129.15",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "64:ff9b::1.1.1.1",
            "::ffff:1.1.1.1",
            "2002:101:101::1",
        ] {
            assert!(Reach::default().permits(address(text)), "{text}");
        }
    }

    #[test]
    fn nothing_else_may() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1.1.1.1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:a9fe:a9fe::1",
            "3ffe::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!Reach::default().permits(address(text)), "{text}");
        }
    }

    #[test]
    fn development_reaches_its_own_and_no_further() {
        let reach = Reach { private: true, ..Reach::default() };
        for text in ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "192.168.7.7", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
            assert!(reach.permits(address(text)), "{text}");
        }
        for text in ["0.0.0.0", "::", "169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "192.0.2.1", "::2"] {
            assert!(!reach.permits(address(text)), "{text}");
        }
    }

    #[test]
    fn a_network_that_is_named_is_reached_however_it_is_written() {
        let reach = Reach { networks: vec!["10.1.0.0/16".parse().expect("a network")], ..Reach::default() };
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"] {
            assert!(reach.permits(address(text)), "{text}");
        }
        for text in ["10.2.0.1", "127.0.0.1", "::ffff:10.2.0.1"] {
            assert!(!reach.permits(address(text)), "{text}");
        }
    }
}
