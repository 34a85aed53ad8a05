//! The schema of the database, before a merchant starts on it.

use crate::adapters::database::{self, Migrated, Versions};

/// Brings the database up to date, and creates it where it is missing.
pub async fn migrate(database_url: &str) -> Result<String, database::Error> {
    let Migrated { from, to } = database::migrate(database_url).await?;
    Ok(match from {
        0 => format!("the database is new, with schema {to}"),
        from if from == to => format!("the database was up to date, with schema {to}"),
        from => format!("the database is brought from schema {from} to {to}"),
    })
}

/// Whether it is up to date, and what to say of it. Nothing is written.
pub async fn check(database_url: &str) -> Result<(bool, String), database::Error> {
    let Versions {
        found,
        known,
        is_beside,
    } = database::schema_versions(database_url).await?;
    if found > known {
        return Err(database::Error::Newer { found, known });
    }
    let is_current = found == known;
    let said = match is_current {
        true => format!("the database is up to date, with schema {found}"),
        false => {
            let others = match is_beside {
                true => "merchants of the former version can run meanwhile",
                false => "stop all merchants of the former version before",
            };
            format!(
                "the database has schema {found}, and this version needs {known}: run `merchant migrate`; {others}"
            )
        }
    };
    Ok((is_current, said))
}
