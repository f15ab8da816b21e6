use crate::{
    domain::{
        access::Action,
        fault::{Fault, Faults, Refusal},
    },
    ports::{StoreError, directory::DirectoryError, files::FileError},
};

/// What a request was answered when it was sent for the first time, as the caller of the desk wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated(pub Vec<u8>);

/// Why a use case did not do it. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The input is wrong, or the ticket stands where this cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or none that the actor may know of: the same answer for both.
    #[error("there is no such thing")]
    NotFound,
    /// The actor may see it but not do this.
    #[error("your role does not allow this ({0:?})")]
    Forbidden(Action),
    /// Nobody knows who asks.
    #[error("sign in first")]
    Unauthenticated,
    /// Others changed the same ticket, again and again. Nothing is wrong with the request.
    #[error("the ticket was changed by others at the same time; try again")]
    Conflict,
    /// The ticket is not any more as the caller knew it when they asked for a change.
    #[error("the ticket has changed since you read it; read it again")]
    Stale,
    /// This request was answered before, under the same key: nothing was done now.
    #[error("the request was answered before")]
    Repeated(Repeated),
    /// Another request was sent under the same key.
    #[error("this key was used for another request")]
    KeyReused,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// Where files are kept failed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// Something of the host that is asked for help, such as a phone provider or a scanner, failed.
    #[error("{0}")]
    Outside(String),
    /// The host's directory failed.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            other => Self::Store(other),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Refused(faults.into())
    }
}
