//! How much memory an upload of 10 MiB costs while it is under way, on disk and in S3:
//! `cargo run -p support-files --all-features --example in_flight -- 16`.
//!
//! The S3 server is another process, so that its memory is not counted. Linux tells the figures.

#[path = "../tests/bucket/mod.rs"]
#[expect(dead_code, reason = "tests look closer at the server")]
mod bucket;

use bucket::Bucket;
use bytes::Bytes;
use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};
use support_core::ports::files::{FileError, Files};
use support_files::{ObjectFiles, S3};
use tokio::sync::Barrier;

/// The size of a file and what is sent at once, in bytes.
const FILE: usize = 10 << 20;
const CHUNK: usize = 64 << 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "16".to_owned());
    if argument == "serve" {
        return serve().await;
    }
    let uploads: usize = argument.parse()?;
    let directory = tempfile::tempdir()?;
    measure("disk", &ObjectFiles::local(directory.path())?, uploads).await?;
    let (mut server, endpoint) = start_server()?;
    let settings = S3::new("files", "us-east-1").credentials(bucket::ACCESS, bucket::SECRET).endpoint(endpoint);
    let measured = measure("S3", &ObjectFiles::s3(settings.spool_in(directory.path()))?, uploads).await;
    drop(server.stdin.take());
    server.wait()?;
    measured
}

/// Until its input ends, as it does when the other process does.
async fn serve() -> Result<(), Box<dyn Error>> {
    let bucket = Bucket::start().await;
    println!("{}", bucket.endpoint());
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    Ok(())
}

fn start_server() -> Result<(Child, String), Box<dyn Error>> {
    let mut server =
        Command::new(std::env::current_exe()?).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut endpoint = String::new();
    if let Some(output) = server.stdout.take() {
        BufReader::new(output).read_line(&mut endpoint)?;
    }
    Ok((server, endpoint.trim().to_owned()))
}

async fn measure(place: &str, files: &ObjectFiles, uploads: usize) -> Result<(), Box<dyn Error>> {
    // Threads and connections are made once, and are not an upload's.
    run(files, uploads, 1).await?;
    fs::write("/proc/self/clear_refs", "5")?;
    let before = figure("VmRSS:")?;
    let standing = run(files, uploads, FILE / CHUNK).await?.saturating_sub(before);
    let highest = figure("VmHWM:")?.saturating_sub(before);
    let each = |grown: u64| grown / u64::try_from(uploads).unwrap_or(1).max(1);
    println!(
        "{place}: {uploads} uploads of 10 MiB; {} KiB each when all were sent and none was finished, {} KiB each at most",
        each(standing),
        each(highest)
    );
    Ok(())
}

/// Sends all of them at the same time, and answers the memory when all but the end was sent.
async fn run(files: &ObjectFiles, uploads: usize, chunks: usize) -> Result<u64, Box<dyn Error>> {
    let all_sent = Arc::new(Barrier::new(uploads + 1));
    let may_end = Arc::new(Barrier::new(uploads + 1));
    let tasks: Vec<_> = (0..uploads)
        .map(|number| {
            let (files, all_sent, may_end) = (files.clone(), Arc::clone(&all_sent), Arc::clone(&may_end));
            tokio::spawn(async move {
                let mut upload = files.upload(&format!("in-flight/{number}")).await?;
                for chunk in 0..chunks {
                    upload.write(Bytes::from(vec![chunk.to_le_bytes()[0]; CHUNK])).await?;
                }
                all_sent.wait().await;
                may_end.wait().await;
                upload.finish().await
            })
        })
        .collect();
    all_sent.wait().await;
    let memory = figure("VmRSS:");
    may_end.wait().await;
    for task in tasks {
        task.await?.map_err(|error: FileError| error)?;
    }
    memory
}

/// A figure of this process, in KiB.
fn figure(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name)).ok_or("Linux does not tell it")?;
    Ok(line.split_whitespace().nth(1).ok_or("it has no number")?.parse()?)
}
