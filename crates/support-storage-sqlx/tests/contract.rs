//! The contract of the storage port, on every kind of server.

mod common;

/// Each test has a schema of its own on one server.
mod postgres {
    use super::common::{Desk, postgres as server};

    async fn make() -> (support_storage_sqlx::SqlxStore, Desk) {
        server::desk(&[]).await
    }

    support_core::storage_contract!(make, server::asked);
}

mod postgres_repeatable_read {
    use super::common::{Desk, postgres as server};

    async fn make() -> (support_storage_sqlx::SqlxStore, Desk) {
        server::desk(&["SET default_transaction_isolation = 'repeatable read'"]).await
    }

    support_core::storage_contract!(make, server::asked);
}

mod postgres_serializable {
    use super::common::{Desk, postgres as server};

    async fn make() -> (support_storage_sqlx::SqlxStore, Desk) {
        server::desk(&["SET default_transaction_isolation = 'serializable'"]).await
    }

    support_core::storage_contract!(make, server::asked);
}

mod mysql {
    use super::common::{Desk, mysql as server};

    async fn make() -> (support_storage_sqlx::SqlxStore, Desk) {
        server::desk(&["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"]).await
    }

    support_core::storage_contract!(make, server::asked);
}

mod mysql_read_committed {
    use super::common::{Desk, mysql as server};

    async fn make() -> (support_storage_sqlx::SqlxStore, Desk) {
        server::desk(&["SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"]).await
    }

    support_core::storage_contract!(make, server::asked);
}
