//! Names that a profile defines: statuses, priorities, categories.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the name as it is written in the profile.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as the profile writes it, which is also how the wire and the database carry it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

keys! {
    /// A status of the profile's workflow, such as `in_progress`.
    StatusKey;
    /// A priority of the profile, such as `urgent`.
    PriorityKey;
    /// A category (S0 calls it a topic), such as `billing`.
    CategoryKey;
}
