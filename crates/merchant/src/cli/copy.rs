//! Copies of the database: a backup, what is made of it again, and the same shop in another database.
//!
//! A backup is a SQLite file, whichever database it is of. Each copy is checked as `merchant verify` checks a
//! database before it counts.

use super::verify::{Report, verify, verify_snapshot};
use crate::adapters::database::{
    self,
    copy::{NewFile, Progress, Source, Target},
    verify_snapshot::VerifySnapshot,
};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no backup {}", .0.display())]
    NoBackup(PathBuf),
    #[error("the backup cannot be restored")]
    Backup(#[source] database::Error),
    #[error("the database of --from cannot be copied")]
    From(#[source] database::Error),
    #[error("the database of --to cannot be filled")]
    To(#[source] database::Error),
    /// What it was copied from keeps what it breaks.
    #[error(
        "nothing of the copy is kept: it has violations that the database does not have ({}). Please report this",
        .0.join(", ")
    )]
    Violations(Vec<String>),
    #[error(transparent)]
    Database(#[from] database::Error),
}

/// Writes a copy of the database into a new file, as it is at one moment, while merchants may be running on
/// it.
pub async fn backup(database_url: &str, to: &Path) -> Result<String, Error> {
    // A backup that was broken off must not look like one: it would be restored.
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let file = NewFile::create_for(to, partial.into())?;
    let violations = match database::sqlite_path(database_url)? {
        Some(path) => {
            file.fill_from(&path).await?;
            let copy = verify(&url_of(file.path())).await?;
            let violations = compared(copy, database_url).await?;
            file.keep_as(to)?;
            violations
        }
        None => {
            let source = Source::open(database_url).await?;
            let mut target = Target::create(file).await?;
            target.fill(source, print_progress).await?;
            let violations = verified(&mut target, database_url).await?;
            if let Some(file) = target.commit().await? {
                file.keep_as(to)?;
            }
            violations
        }
    };
    Ok(format!(
        "{} is a copy; keep it off this machine, and the master key with it{}",
        to.display(),
        described(violations)
    ))
}

/// Fills an empty database with a backup.
pub async fn restore(backup: &Path, database_url: &str) -> Result<String, Error> {
    if !backup.exists() {
        return Err(Error::NoBackup(backup.to_owned()));
    }
    let from = url_of(backup);
    let source = Source::open(&from).await.map_err(Error::Backup)?;
    let target = Target::open(database_url).await?;
    let violations = fill(target, source, &from, print_progress).await?;
    Ok(format!(
        "{} is restored{}. Payments that were made after it are not in the database: start the merchant, \
         run `merchant reconcile` for what became of the orders that are, and look at `merchant \
         notifications` for payments of orders that are not",
        backup.display(),
        described(violations)
    ))
}

/// Fills an empty database with the rows of another.
pub async fn copy(from: &str, to: &str) -> Result<String, Error> {
    let source = Source::open(from).await.map_err(Error::From)?;
    let target = Target::open(to).await.map_err(Error::To)?;
    let violations = fill(target, source, from, print_progress).await?;
    Ok(format!(
        "the database is copied{}. What is written to the former one from now on is not in the copy: where a \
         merchant still runs on it, this was a rehearsal. Otherwise write the new database_url, and start \
         the merchant",
        described(violations)
    ))
}

/// Returns how many violations the copy has, all of which its source has, too.
async fn fill(
    mut target: Target,
    source: Source,
    from: &str,
    progress: Progress,
) -> Result<usize, Error> {
    target.fill(source, progress).await?;
    let violations = verified(&mut target, from).await?;
    if let Some(file) = target.commit().await? {
        let path = file.path().to_owned();
        file.keep_as(&path)?;
    }
    Ok(violations)
}

async fn verified(target: &mut Target, from: &str) -> Result<usize, Error> {
    eprintln!("verifying the copy");
    let mut snapshot = VerifySnapshot::of_transaction(target.connection());
    let copy = verify_snapshot(&mut snapshot).await?;
    compared(copy, from).await
}

/// A copy is as good as what it was made of: an operator with a broken database needs one most.
async fn compared(copy: Report, from: &str) -> Result<usize, Error> {
    if copy.violations() == 0 {
        return Ok(0);
    }
    let others = copy.violations_besides(&verify(from).await?);
    match others.is_empty() {
        true => Ok(copy.violations()),
        false => Err(Error::Violations(others)),
    }
}

fn described(violations: usize) -> String {
    match violations {
        0 => String::new(),
        _ => format!(
            ". It has the violations of the database it was made of ({violations}): `merchant verify` lists them"
        ),
    }
}

fn url_of(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn print_progress(table: &'static str, rows: u64) {
    eprintln!("{table}: {rows} rows");
}
