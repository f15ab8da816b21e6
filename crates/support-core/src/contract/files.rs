//! What every store of [`Files`](crate::ports::files::Files) must do, as a test suite.
