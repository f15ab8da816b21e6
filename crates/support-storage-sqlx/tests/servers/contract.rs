//! The contracts of the storage port and of its index, on every kind of server and at every level of isolation that it knows.

/// The contract on desks whose connections begin with these statements.
macro_rules! contract {
    ($name:ident, $url:path, [$($setting:literal),*]) => {
        mod $name {
            use crate::common::{Schema, desk};
            use support_storage_sqlx::SqlxStore;

            async fn make() -> (SqlxStore, Schema) {
                desk($url().expect("a server, or the tests would have been left out"), &[$($setting),*]).await
            }

            fn asked() -> bool {
                $url().is_some()
            }

            support_core::storage_contract!(make, asked);

            mod search {
                use super::{asked, make};

                support_core::search_contract!(make, asked);
            }
        }
    };
}

contract!(postgres, test_servers::postgres_url, []);
contract!(
    postgres_read_uncommitted,
    test_servers::postgres_url,
    ["SET default_transaction_isolation = 'read uncommitted'"]
);
contract!(
    postgres_repeatable_read,
    test_servers::postgres_url,
    ["SET default_transaction_isolation = 'repeatable read'"]
);
contract!(postgres_serializable, test_servers::postgres_url, ["SET default_transaction_isolation = 'serializable'"]);
contract!(mysql, test_servers::mysql_url, ["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"]);
contract!(mysql_read_committed, test_servers::mysql_url, ["SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"]);
