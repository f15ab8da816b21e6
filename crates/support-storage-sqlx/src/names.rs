//! What a desk's tables are called, and how SQL that names them is written out.

use std::fmt::Write as _;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `PostgreSQL`.
    #[cfg(feature = "postgres")]
    Postgres,
    /// `MySQL` and `MariaDB`.
    #[cfg(feature = "mysql")]
    MySql,
}

impl Dialect {
    /// One of two spellings of the same thing.
    pub(crate) fn choose<T>(self, postgres: T, mysql: T) -> T {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                drop(mysql);
                postgres
            }
            #[cfg(feature = "mysql")]
            Self::MySql => {
                drop(postgres);
                mysql
            }
        }
    }
}

/// The tables of one desk among others in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) dialect: Dialect,
    /// The schema (a database, in `MySQL`); the connection's own where absent.
    pub(crate) schema: Option<String>,
    /// Stands before every name.
    pub(crate) prefix: String,
    /// How text is compared to the letter, of the servers that have several ways.
    pub(crate) collation: &'static str,
}

/// The longest prefix: the names of `PostgreSQL` end after 63 bytes, and the longest of ours has 36.
const PREFIX: usize = 27;

impl Names {
    pub(crate) fn new(dialect: Dialect, schema: Option<String>, prefix: String) -> Result<Self, String> {
        let plain = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        if prefix.len() > PREFIX || !plain(&prefix) {
            return Err(format!(
                "the prefix `{prefix}` must begin with a small letter and hold at most {PREFIX} of a-z, 0-9 and _"
            ));
        }
        if let Some(schema) = &schema
            && (schema.len() > 63 || !plain(schema))
        {
            return Err(format!(
                "the schema `{schema}` must begin with a small letter and hold at most 63 of a-z, 0-9 and _"
            ));
        }
        Ok(Self { dialect, schema, prefix, collation: "utf8mb4_bin" })
    }

    /// A table as SQL names it.
    pub(crate) fn table(&self, name: &str) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}{name}", self.prefix),
            None => format!("{}{name}", self.prefix),
        }
    }

    /// Writes a statement out: `{tickets}` becomes the table's name, `{prefix}` and `{collation}` what they say, and each `?`
    /// a parameter as the dialect writes it. Statements are made of constants: no value ever stands in one.
    pub(crate) fn write_out(&self, sql: &str) -> String {
        let numbered = self.dialect.choose(true, false);
        let mut out = String::with_capacity(sql.len() + 64);
        let (mut rest, mut parameter) = (sql, 0_u32);
        while let Some(at) = rest.find(['{', '?']) {
            out.push_str(&rest[..at]);
            if rest[at..].starts_with('?') {
                parameter += 1;
                if numbered {
                    // Writing to a string never fails.
                    let _ = write!(out, "${parameter}");
                } else {
                    out.push('?');
                }
                rest = &rest[at + 1..];
            } else {
                let Some(end) = rest[at..].find('}') else { break };
                match &rest[at + 1..at + end] {
                    "prefix" => out.push_str(&self.prefix),
                    "collation" => out.push_str(self.collation),
                    table => out.push_str(&self.table(table)),
                }
                rest = &rest[at + end + 1..];
            }
        }
        out.push_str(rest);
        out
    }
}

#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod tests {
    use super::*;

    #[test]
    fn names_and_parameters_are_written_as_each_dialect_wants_them() {
        let sql = "SELECT id FROM {tickets} AS t WHERE id = ? AND version = ?";
        let names = |dialect, schema: Option<&str>| {
            Names::new(dialect, schema.map(str::to_owned), "desk_".to_owned()).unwrap().write_out(sql)
        };
        assert_eq!(
            names(Dialect::Postgres, Some("shop")),
            "SELECT id FROM shop.desk_tickets AS t WHERE id = $1 AND version = $2"
        );
        assert_eq!(names(Dialect::MySql, None), "SELECT id FROM desk_tickets AS t WHERE id = ? AND version = ?");
    }

    #[test]
    fn a_name_that_would_be_syntax_is_refused() {
        for name in ["", "Desk", "desk-", "desk\"", "1desk", "desk; DROP", &"d".repeat(28)] {
            assert!(Names::new(Dialect::Postgres, None, name.to_owned()).is_err(), "{name}");
        }
        assert!(Names::new(Dialect::MySql, Some("a.b".to_owned()), "support_".to_owned()).is_err());
    }
}
