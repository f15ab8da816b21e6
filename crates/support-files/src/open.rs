use std::path::PathBuf;

/// Why a store of files was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The directory is not there, cannot be made, or is not ours.
    #[error("the directory {} cannot be used: {source}", directory.display())]
    Directory {
        /// Which one.
        directory: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A setting is missing or makes no sense.
    #[error("{setting} {problem}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The secret is one that a product comes with, so everybody knows it.
    #[error("the secret key is a well-known default; set another one, or call `development` where nothing is kept")]
    DefaultSecret,
    /// Secrets and files would cross a network in clear.
    #[error("the endpoint of {host} is not https; call `plain_http` if the network between is yours")]
    PlainHttp {
        /// Where the endpoint is.
        host: String,
    },
    /// The client was not made.
    #[error("the client of the store failed: {0}")]
    Client(Box<dyn std::error::Error + Send + Sync>),
}
