//! The database as a file: cut off by a failing machine, damaged, read-only, claimed twice.

use crate::{
    store_fixture::{NOON, StoreFixture, TOTAL},
    test_database::is_postgres,
};
use contract::OrderStatus;
use merchant::{
    adapters::database::{Error, InstanceLock, Store},
    cli::{copy::backup, verify::verify},
    domain::{operator_policy::FulfilmentMode, payment_event::PaymentEvent},
    ports::OrderRepository,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use test_kit::TempDir;

/// As SQLite writes a write-ahead log: a header, then frames of a header and a page
/// <https://www.sqlite.org/fileformat2.html#walformat>.
const LOG_HEADER: usize = 32;
const PAGE: usize = 4096;
const FRAME: usize = 24 + PAGE;

/// A file of its own, and what SQLite puts beside it.
struct Copy(TempDir);

impl Copy {
    fn new(database: &[u8], log: &[u8]) -> Self {
        let copy = Self(TempDir::create());
        fs::write(copy.path(), database).unwrap();
        fs::write(copy.0.join("merchant.db-wal"), log).unwrap();
        copy
    }

    /// As `merchant backup` makes it.
    async fn of(fixture: &StoreFixture) -> Self {
        let copy = Self(TempDir::create());
        backup(&fixture.url(), &copy.path()).await.unwrap();
        copy
    }

    fn path(&self) -> PathBuf {
        self.0.join("merchant.db")
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }

    async fn open(&self) -> Result<Store, Error> {
        Store::open(&self.url(), FulfilmentMode::Webhook).await
    }
}

fn log_of(fixture: &StoreFixture) -> Vec<u8> {
    fs::read(format!("{}-wal", fixture.path.display())).unwrap()
}

/// F61, F71: the power fails at any byte of the log, the tables' making included. What was
/// acknowledged before is there, what was not may be gone, nothing is there by half.
#[tokio::test]
async fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let fixture = StoreFixture::in_a_file(FulfilmentMode::Webhook).await;
    let (mut acknowledged, mut placed) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (id, external_id) = fixture.order().await;
        acknowledged.push((
            log_of(&fixture).len(),
            id.clone(),
            OrderStatus::AwaitingPayment,
        ));
        placed.push((id, external_id));
    }
    for (id, external_id) in placed {
        fixture
            .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
            .await;
        acknowledged.push((log_of(&fixture).len(), id, OrderStatus::Paid));
    }
    let (database, log) = (fs::read(&fixture.path).unwrap(), log_of(&fixture));
    let frames = (log.len() - LOG_HEADER) / FRAME;
    assert!(frames > 20, "{frames}");
    for frame in 0..=frames {
        let whole = LOG_HEADER + frame * FRAME;
        // Within a frame; the file may have its new length already, and nothing in it.
        let torn = log.len().min(whole + FRAME / 2);
        let mut filled = log[..torn].to_vec();
        filled.resize(log.len(), 0);
        for (cut, rest) in [(whole, &log[..whole]), (torn, &filled)] {
            let copy = Copy::new(&database, rest);
            let store = copy.open().await.unwrap();
            for (length, id, status) in &acknowledged {
                let order = store.order(id).await.unwrap();
                if *length <= cut {
                    let order = order.unwrap();
                    assert!(order.status == *status || order.status == OrderStatus::Paid);
                    let owed = order.pickup_code.is_some();
                    assert_eq!(owed, order.status == OrderStatus::Paid);
                }
            }
            drop(store);
            let report = verify(&copy.url()).await.unwrap();
            assert_eq!(report.violations(), 0, "cut at {cut}: {report}");
        }
    }
}

/// F64: whichever page is damaged, and wherever the file ends too early, the merchant does not
/// start on it and says what to do; it starts on the copy that was made before.
#[tokio::test]
async fn a_damaged_database_is_refused_and_a_copy_takes_its_place() {
    let fixture = StoreFixture::in_a_file(FulfilmentMode::Webhook).await;
    let id = fixture.paid().await;
    let saved = Copy::of(&fixture).await;
    let database = fs::read(saved.path()).unwrap();
    let pages = database.len() / PAGE;
    assert!(pages > 10, "{pages}");
    for page in 0..pages {
        let mut damaged = database.clone();
        damaged[page * PAGE..(page + 1) * PAGE].fill(0x5a);
        refused(&damaged).await;
    }
    refused(&database[..pages / 2 * PAGE]).await;
    refused(&database[..database.len() - PAGE / 2]).await;

    let restored = saved.open().await.unwrap();
    let order = restored.order(&id).await.unwrap().unwrap();
    assert_eq!(order.status, OrderStatus::Paid);
    assert_eq!(verify(&saved.url()).await.unwrap().violations(), 0);
}

async fn refused(damaged: &[u8]) {
    let copy = Copy::new(damaged, &[]);
    let said = copy.open().await.unwrap_err().to_string();
    assert!(
        said.contains("is damaged") && said.contains("restore a copy"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// F63
#[tokio::test]
async fn a_lock_that_cannot_be_made_is_refused_in_one_line() {
    let fixture = StoreFixture::in_a_file(FulfilmentMode::PickupOnly).await;
    let saved = Copy::of(&fixture).await;
    let nowhere = format!("sqlite://{}/missing/merchant.db", saved.0.display());
    let said = InstanceLock::acquire(&nowhere)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("missing") && said.lines().count() == 1,
        "{said}"
    );
}

/// F65: one merchant at a time; whoever only looks is let in.
#[tokio::test]
async fn a_second_merchant_does_not_start_on_the_same_database() {
    let fixture = StoreFixture::in_a_file(FulfilmentMode::PickupOnly).await;
    let first = InstanceLock::acquire(&fixture.url()).await.unwrap();
    let said = InstanceLock::acquire(&fixture.url())
        .await
        .unwrap_err()
        .to_string();
    assert!(said.contains("another merchant is running"), "{said}");
    fixture.is_sound().await;
    drop(first);
    InstanceLock::acquire(&fixture.url()).await.unwrap();
}

/// Whatever the umask is: orders, sealed tokens and live payment links are in all of them.
#[cfg(unix)]
#[tokio::test]
async fn the_database_and_its_copies_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = StoreFixture::in_a_file(FulfilmentMode::PickupOnly).await;
    fixture.paid().await;
    let _claim = InstanceLock::acquire(&fixture.url()).await.unwrap();
    let saved = Copy::of(&fixture).await;
    // PostgreSQL has none of these.
    let ends: &[_] = if is_postgres() {
        &[]
    } else {
        &["", "-wal", "-shm", ".lock"]
    };
    let beside: Vec<_> = (ends.iter())
        .map(|end| format!("{}{end}", fixture.path.display()))
        .collect();
    for path in beside.iter().map(Path::new).chain([&*saved.path()]) {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    saved.open().await.unwrap();
}

#[tokio::test]
async fn a_copy_does_not_take_the_place_of_another() {
    let fixture = StoreFixture::in_a_file(FulfilmentMode::PickupOnly).await;
    let saved = Copy::of(&fixture).await;
    let before = fs::read(saved.path()).unwrap();
    let said = backup(&fixture.url(), &saved.path()).await;
    let said = said.unwrap_err().to_string();
    assert!(
        said.contains("exists") && said.contains("give each copy a new name"),
        "{said}"
    );
    assert_eq!(fs::read(saved.path()).unwrap(), before);
    let nowhere = saved.0.join("missing/copy.db");
    let said = backup(&fixture.url(), &nowhere).await;
    let said = said.unwrap_err().to_string();
    assert!(said.contains("missing/copy.db cannot be written"), "{said}");
}
