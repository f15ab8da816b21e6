//! What every index of [`Search`](crate::ports::search::Search) must do, as a test suite.
