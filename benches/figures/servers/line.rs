//! A line to a server that takes its time.

use crate::report::{now, since};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Passes on what comes to its port: each piece so much later, all in their order, and as many as want to at once.
///
/// Threads that sleep, because the timer of the runtime knows whole milliseconds alone. They end with their connections, the
/// one that listens with the program.
pub(super) struct Line {
    port: u16,
}

impl Line {
    pub(super) fn to(server: u16, delay: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("a bound socket").port();
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let far = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).expect("the server listens");
                for end in [&near, &far] {
                    end.set_nodelay(true).expect("a TCP stream");
                }
                let [also_near, also_far] = [&near, &far].map(|end| end.try_clone().expect("a TCP stream"));
                carry(near, far, delay);
                carry(also_far, also_near, delay);
            }
        });
        Self { port }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

/// One direction. Who reads never waits for who writes, so the delay limits nothing.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (pieces, arriving) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if pieces.send((now(), buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (sent, piece) in arriving {
            thread::sleep(delay.saturating_sub(since(sent)));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        // The other side may have hung up already.
        let _ = to.shutdown(Shutdown::Both);
    });
}
