//! A load generator: keep-alive connections that send one request after the other.

use crate::report::{now, per_second, since};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Requests a second that `connections` connections get answered, `each` requests on every one. `request` makes the
/// bytes of the n-th request of a connection.
pub(crate) async fn rate(
    address: SocketAddr,
    connections: usize,
    each: usize,
    request: impl Fn(usize, usize) -> Vec<u8> + Send + Sync + 'static,
) -> f64 {
    let request = Arc::new(request);
    let start = now();
    let mut running = Vec::new();
    for connection in 0..connections {
        let request = request.clone();
        running.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            stream.set_nodelay(true).expect("a TCP stream");
            let mut buffer = Vec::with_capacity(64 * 1024);
            for n in 0..each {
                stream.write_all(&request(connection, n)).await.expect("the server reads");
                let status = answer(&mut stream, &mut buffer).await;
                assert!((200..300).contains(&status), "{status}: {}", String::from_utf8_lossy(&buffer));
            }
        }));
    }
    for task in running {
        task.await.expect("the connection is served");
    }
    per_second(connections * each, start)
}

/// Reads one answer with a `content-length` and tells its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    loop {
        if let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = std::str::from_utf8(&buffer[..head]).expect("headers are ASCII");
            let length = text.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
            });
            let length = length.expect("every answer has a length");
            let status = text[9..12].parse().expect("a status line");
            if buffer.len() >= head + 4 + length {
                return status;
            }
        }
        let read = stream.read_buf(buffer).await.expect("the server answers");
        assert!(read > 0, "the server hung up");
    }
}

/// The bytes of a request.
pub(crate) fn bytes(method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The latencies, in microseconds, of requests that begin at a steady rate, whether those before were answered or not: each
/// of the connections sends one every so often, and a late answer makes the next late, too.
pub(crate) async fn paced(
    address: SocketAddr,
    connections: u32,
    each: u32,
    every: Duration,
    request: impl Fn(u32, u32) -> Vec<u8> + Send + Sync + 'static,
) -> Vec<f64> {
    let request = Arc::new(request);
    let mut running = Vec::new();
    for connection in 0..connections {
        let request = request.clone();
        running.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("the server listens");
            stream.set_nodelay(true).expect("a TCP stream");
            let mut buffer = Vec::with_capacity(64 * 1024);
            let mut latencies = Vec::new();
            // They take turns, so that they do not all ask at once.
            let begin = now() + every * connection / connections;
            for n in 0..each {
                let due = begin + every * n;
                tokio::time::sleep_until(due.into()).await;
                stream.write_all(&request(connection, n)).await.expect("the server reads");
                let status = answer(&mut stream, &mut buffer).await;
                assert!((200..300).contains(&status), "{status}: {}", String::from_utf8_lossy(&buffer));
                latencies.push(since(due).as_secs_f64() * 1e6);
            }
            latencies
        }));
    }
    let mut latencies = Vec::new();
    for task in running {
        latencies.extend(task.await.expect("the connection is served"));
    }
    latencies
}
