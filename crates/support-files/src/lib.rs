//! Where support-desk keeps the bytes of attachments, and how it has them scanned.
//!
//! [`ObjectFiles`] keeps files in a directory, in memory, or (feature `s3`) in a bucket of S3, `MinIO` or another server that
//! speaks its protocol. `ClamAv` (feature `clamav`) asks a `clamd` what is in them.
//!
//! ```
//! use support_core::ports::files::Files;
//! use support_files::ObjectFiles;
//! # let directory = tempfile::tempdir().unwrap();
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! # let directory = directory.path().join("files");
//! let files = ObjectFiles::local(directory)?;
//! let mut upload = files.upload("tickets/7/receipt.txt").await?;
//! upload.write("paid in full".into()).await?;
//! upload.finish().await?;
//! let mut download = files.download("tickets/7/receipt.txt").await?;
//! assert_eq!(download.chunk().await?.as_deref(), Some(&b"paid in full"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

#[cfg(all(doctest, feature = "s3", feature = "clamav"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "clamav")]
mod clamav;
mod direct;
mod directory;
mod download;
mod fault;
mod key;
mod object;
mod open;
#[cfg(feature = "s3")]
mod parts;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "s3")]
mod spool;
#[cfg(feature = "s3")]
mod spooled;

#[cfg(feature = "clamav")]
pub use clamav::ClamAv;
pub use object::ObjectFiles;
pub use open::OpenError;
#[cfg(feature = "s3")]
pub use s3::S3;
