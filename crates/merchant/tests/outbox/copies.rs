//! A database is copied into a file, out of it, and into a database of the other kind. Nothing is lost on the way,
//! and what is not a copy is not left behind.

use crate::{
    rows,
    store_fixture::{NOON, StoreFixture, TOTAL},
    test_database::{self, is_postgres},
};
use contract::OrderStatus;
use merchant::{
    adapters::database::{Connection, InstanceLock, Store, sql},
    cli::{
        copy::{Error, backup, copy, restore},
        migrate,
        verify::verify,
    },
    domain::{operator_policy::FulfilmentMode, payment_event::PaymentEvent},
    ports::OrderRepository,
};
use std::{collections::BTreeMap, error::Error as _, fs, path::PathBuf};
use test_kit::TempDir;
use tokio::task::JoinSet;

/// More rows than are read at once, twice.
const NOTIFICATIONS: usize = 2_500;

/// A database without tables, of the kind that the tests run on.
struct Empty {
    folder: TempDir,
    url: String,
}

impl Empty {
    async fn new() -> Self {
        let folder = TempDir::create();
        Self {
            url: test_database::create(&folder).await,
            folder,
        }
    }

    /// Whether nothing was left in it but tables.
    async fn is_still_empty(&self) {
        if is_postgres() {
            let rows = rows_of(&self.url).await;
            assert!(rows.values().all(Vec::is_empty), "{rows:?}");
        } else {
            assert!(!self.folder.join("merchant.db").exists());
        }
    }
}

struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(TempDir::create())
    }

    fn path(&self) -> PathBuf {
        self.0.join("copy.db")
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.path().display())
    }

    async fn raw(&self) -> Connection {
        Connection::open(&self.url()).await.unwrap()
    }

    /// What is in its folder.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&*self.0).unwrap();
        let mut names: Vec<_> = names
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

type Rows = BTreeMap<String, Vec<String>>;

/// All rows but those that say how the tables were made, and PostgreSQL's counter of orders, which begins
/// anew.
async fn rows_of(url: &str) -> Rows {
    let mut database = Connection::open(url).await.unwrap();
    let mut rows = rows::rows(&mut database, &[]).await;
    rows.remove("_sqlx_migrations");
    rows.remove("numbered_days");
    rows
}

/// Fails where a row is not the same in both, but for the order of its columns and, where this is said, the
/// numbers of evidence.
async fn have_the_same_rows(one: &str, other: &str, are_renumbered: bool) {
    let (one, mut other) = (rows_of(one).await, rows_of(other).await);
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>()
    );
    for (table, rows) in one {
        let comparable = |rows: Vec<String>| {
            let mut lines: Vec<_> = rows
                .iter()
                .map(|row| {
                    let is_number = |column: &str| {
                        column.starts_with("evidence_id ")
                            || table == "evidence" && column.starts_with("id ")
                    };
                    let mut columns: Vec<_> = row.split(", ").map(str::to_owned).collect();
                    columns.retain(|column| !(are_renumbered && is_number(column)));
                    columns.sort();
                    columns
                })
                .collect();
            lines.sort();
            lines
        };
        let (rows, others) = (comparable(rows), comparable(other.remove(&table).unwrap()));
        assert_eq!(rows.len(), others.len(), "{table}");
        for (row, other) in rows.iter().zip(&others) {
            assert_eq!(row, other, "{table}");
        }
    }
}

/// Orders in every state whose rows the triggers would refuse without their past.
async fn shop() -> StoreFixture {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    fixture.order().await;
    fixture.paid().await;
    let (refunded, payment) = fixture.order().await;
    let mut raw = fixture.raw().await;
    for _ in 0..3 {
        // Said again, it takes a number of PostgreSQL's all the same.
        fixture
            .hear(&payment, PaymentEvent::Paid(TOTAL), NOON)
            .await;
    }
    let insert = |number: &str| {
        format!(
            r#"insert into refunds
                   (number, external_id, payment, amount, cause, request, created_at, try_at)
               values ('{number}', 'x{number}', '{payment}', {total}, 'staff',
                   '{{"originalPartnerReferenceNo":"{refunded}","partnerRefundNo":"{number}",
                   "refundAmount":{{"value":"{total}.00","currency":"IDR"}},"reason":""}}', 1, 1);"#,
            total = TOTAL.get()
        )
    };
    // The first number names the last one.
    let refunds = [
        &*insert("aa"),
        "update refunds set state = 'failed' where number = 'aa';",
        &insert("zz"),
        "update refunds set retried_as = 'zz' where number = 'aa';",
    ];
    raw.run_script(refunds.concat().leak()).await.unwrap();
    sql("update refunds set state = 'done', answer = $1 where number = 'zz'")
        .bind("a tab\t, a \\N, and\r\nlines")
        .execute(&mut raw)
        .await
        .unwrap();
    fixture
        .hear(&payment, PaymentEvent::Refunded(TOTAL), NOON)
        .await;
    let order = fixture.store.order(&refunded).await.unwrap().unwrap();
    assert_eq!(order.status, OrderStatus::Refunded);
    raw.run_script(
        format!(
            "with recursive numbers (number) as
                 (select 1 union all select number + 1 from numbers where number < {NOTIFICATIONS})
             insert into unplaced_notifications
                 (reference_no, partner_reference_no, external_id, status, amount, first_at, last_at)
             select 'r' || number, '', '', '00', 'Rp1', 1, 2 from numbers"
        )
        .leak(),
    )
    .await
    .unwrap();
    raw.run_script(
        "insert into staff_actions (at, actor, command, subject, reason) values (1, 'ani', 'refund', 'o', '');
         insert into staff_actions (at, actor, command, subject, reason, result_of, result)
             values (2, 'ani', 'refund', 'o', '', 1, 'reserved')",
    )
    .await
    .unwrap();
    sql("insert into refund_approvals
             (order_id, amount, asked_as, retry_of, asked_by, asked_at, approved_by)
         select min(id), 1, 'k', '', 'ani', 2, 'budi' from orders")
    .execute(&mut raw)
    .await
    .unwrap();
    sql("insert into master_keys values ($1)")
        .bind(&[0, 1, 255][..])
        .execute(&mut raw)
        .await
        .unwrap();
    fixture.is_sound().await;
    fixture
}

/// What is done with a copy goes on where the database was.
async fn goes_on(url: &str) {
    let store = Store::open(url, FulfilmentMode::Webhook).await.unwrap();
    let newest = "select max(id) from evidence";
    let mut raw = Connection::open(url).await.unwrap();
    let before: i64 = sql(newest).fetch_value(&mut raw).await.unwrap();
    let open = "select external_id from attempts join orders on orders.id = order_id
        where status = 'awaiting_payment'";
    let payment: String = sql(open).fetch_value(&mut raw).await.unwrap();
    let order = StoreFixture::pay(&store, &payment.into()).await;
    assert_eq!(order.status, OrderStatus::Paid);
    let after: i64 = sql(newest).fetch_value(&mut raw).await.unwrap();
    assert_eq!(after, before + 1);
    let refused = sql("delete from evidence").execute(&mut raw).await;
    assert!(refused.is_err(), "the triggers are off");
    assert_eq!(verify(url).await.unwrap().violations(), 0);
}

#[tokio::test]
async fn a_backup_holds_every_row_and_is_restored_into_an_empty_database() {
    let (fixture, file, empty) = (shop().await, File::new(), Empty::new().await);
    let said = backup(&fixture.url(), &file.path()).await.unwrap();
    assert!(said.contains("copy.db is a copy"), "{said}");
    assert_eq!(file.names(), ["copy.db"]);
    assert_eq!(verify(&file.url()).await.unwrap().violations(), 0);
    have_the_same_rows(&fixture.url(), &file.url(), is_postgres()).await;

    let said = restore(&file.path(), &empty.url).await.unwrap();
    for hint in ["`merchant reconcile`", "`merchant notifications`"] {
        assert!(said.contains(hint), "{said}");
    }
    have_the_same_rows(&file.url(), &empty.url, false).await;
    goes_on(&empty.url).await;
}

/// There and back, for a merchant on either.
#[tokio::test]
async fn a_shop_moves_to_another_database_and_back() {
    let (fixture, file, empty) = (shop().await, File::new(), Empty::new().await);
    copy(&fixture.url(), &file.url()).await.unwrap();
    copy(&file.url(), &empty.url).await.unwrap();
    have_the_same_rows(&fixture.url(), &empty.url, is_postgres()).await;
    goes_on(&file.url()).await;
    goes_on(&empty.url).await;
}

/// PostgreSQL has no text with U+0000.
#[tokio::test]
async fn a_text_that_postgresql_cannot_hold_is_copied_as_it_would_have_been_written() {
    let (file, empty) = (File::new(), Empty::new().await);
    migrate::migrate(&file.url()).await.unwrap();
    sql("insert into unplaced_notifications
             (reference_no, partner_reference_no, external_id, status, amount, first_at, last_at)
         values ('r', '', '', $1, '', 1, 2)")
    .bind("a\0b")
    .execute(&mut file.raw().await)
    .await
    .unwrap();
    copy(&file.url(), &empty.url).await.unwrap();
    let status = sql("select status from unplaced_notifications");
    let mut raw = Connection::open(&empty.url).await.unwrap();
    let status: String = status.fetch_value(&mut raw).await.unwrap();
    let expected = if is_postgres() { "a\u{FFFD}b" } else { "a\0b" };
    assert_eq!(status, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_busy_database_is_one_moment_of_it() {
    let (fixture, file) = (shop().await, File::new());
    let mut payments = Vec::new();
    for _ in 0..30 {
        payments.push(fixture.order().await.1);
    }
    let mut buyers = JoinSet::new();
    for payment in payments {
        let store = fixture.store.clone();
        buyers.spawn(async move { StoreFixture::pay(&store, &payment).await });
    }
    backup(&fixture.url(), &file.path()).await.unwrap();
    buyers.join_all().await;
    assert_eq!(verify(&file.url()).await.unwrap().violations(), 0);
    fixture.is_sound().await;
}

/// A broken database is the one whose backup is needed most.
#[tokio::test]
async fn a_violation_is_copied_and_told() {
    let (fixture, file, empty) = (shop().await, File::new(), Empty::new().await);
    let wrong = "update orders set status = 'expired' where status = 'awaiting_payment'";
    fixture.raw().await.run_script(wrong).await.unwrap();
    let said = backup(&fixture.url(), &file.path()).await.unwrap();
    assert!(said.contains("violations of the database"), "{said}");
    let said = restore(&file.path(), &empty.url).await.unwrap();
    assert!(said.contains("violations of the database"), "{said}");
    assert_eq!(
        verify(&empty.url).await.unwrap().violations(),
        fixture.verified().await.violations()
    );
}

/// The error with all of its causes.
fn told(error: &Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said += &format!(": {error}");
        cause = error.source();
    }
    said
}

#[tokio::test]
async fn a_database_with_rows_is_not_filled() {
    let (fixture, file) = (shop().await, File::new());
    backup(&fixture.url(), &file.path()).await.unwrap();
    let before = rows_of(&fixture.url()).await;
    for refused in [
        restore(&file.path(), &fixture.url()).await,
        copy(&file.url(), &fixture.url()).await,
        copy(&fixture.url(), &file.url()).await,
    ] {
        let said = told(&refused.unwrap_err());
        assert!(said.contains("customers has rows already"), "{said}");
    }
    assert_eq!(rows_of(&fixture.url()).await, before);
    // The merchant that runs on it is not held up, and its triggers are on.
    fixture.paid().await;
    fixture.is_sound().await;
}

#[tokio::test]
async fn a_database_on_which_a_merchant_runs_is_not_filled() {
    let (fixture, file, empty) = (shop().await, File::new(), Empty::new().await);
    backup(&fixture.url(), &file.path()).await.unwrap();
    let mut merchant = InstanceLock::acquire(&empty.url).await.unwrap();
    merchant.admit_others().await.unwrap();
    let refused = restore(&file.path(), &empty.url).await;
    let said = told(&refused.unwrap_err());
    let wrong = if is_postgres() {
        "merchants are running"
    } else {
        "another merchant is running"
    };
    assert!(said.contains(wrong), "{said}");
    empty.is_still_empty().await;
}

#[tokio::test]
async fn a_backup_of_another_schema_is_not_restored() {
    let (fixture, file, empty) = (shop().await, File::new(), Empty::new().await);
    backup(&fixture.url(), &file.path()).await.unwrap();
    for (update, wrong) in [
        (
            "update _sqlx_migrations set version = 99
                 where version = (select max(version) from _sqlx_migrations)",
            "a later version",
        ),
        (
            "delete from _sqlx_migrations where version = 99",
            "`merchant migrate`",
        ),
    ] {
        file.raw().await.run_script(update).await.unwrap();
        let said = told(&restore(&file.path(), &empty.url).await.unwrap_err());
        assert!(said.contains(wrong), "{said}");
    }
    let said = told(
        &restore(&file.0.join("none.db"), &empty.url)
            .await
            .unwrap_err(),
    );
    assert!(said.contains("there is no backup"), "{said}");
    fs::write(file.path(), "x".repeat(9_000)).unwrap();
    let said = told(&restore(&file.path(), &empty.url).await.unwrap_err());
    assert!(said.contains("is damaged"), "{said}");
    empty.is_still_empty().await;
}

/// What was begun is taken back, and the place is free for the next try.
#[tokio::test]
async fn a_copy_that_breaks_off_leaves_nothing_behind() {
    let (fixture, file, empty) = (shop().await, File::new(), Empty::new().await);
    backup(&fixture.url(), &file.path()).await.unwrap();
    // The last table refuses what the others have accepted: a refund that no payment is of.
    let orphan = "pragma foreign_keys = off;
        drop trigger refunds_stay_what_they_are;
        update refunds set payment = 'nobody' where number = 'aa'";
    file.raw().await.run_script(orphan).await.unwrap();
    let said = told(&restore(&file.path(), &empty.url).await.unwrap_err());
    assert!(said.to_lowercase().contains("foreign key"), "{said}");
    empty.is_still_empty().await;
    let new = File::new();
    copy(&file.url(), &new.url()).await.unwrap_err();
    assert_eq!(new.names(), ["copy.db.lock"]);

    fs::remove_file(file.path()).unwrap();
    backup(&fixture.url(), &file.path()).await.unwrap();
    restore(&file.path(), &empty.url).await.unwrap();
    goes_on(&empty.url).await;
}

#[tokio::test]
async fn no_password_is_in_an_error() {
    let file = File::new();
    migrate::migrate(&file.url()).await.unwrap();
    let told = |refused: Result<String, Error>| {
        let error = refused.unwrap_err();
        let (said, all) = (told(&error), format!("{error:?}"));
        assert!(!said.contains("ku5zR1") && !all.contains("ku5zR1"), "{all}");
        said
    };
    // No server is there.
    let nowhere = "postgres://merchant:ku5zR1@127.0.0.1:1/merchant";
    let said = told(copy(&file.url(), nowhere).await);
    assert!(said.starts_with("the database of --to cannot"), "{said}");
    for url in [
        "postgres://merchant:ku5zR1@127.0.0.1:port/merchant",
        "mysql://merchant:ku5zR1@127.0.0.1/merchant",
        "merchant:ku5zR1@127.0.0.1",
    ] {
        told(copy(url, &file.url()).await);
        told(copy(&file.url(), url).await);
        told(backup(url, &file.path()).await);
        told(restore(&file.path(), url).await);
    }
    let said = told(copy("mysql://ku5zR1", &file.url()).await);
    assert!(said.contains("sqlite:// or postgres://"), "{said}");
}

#[tokio::test]
async fn a_database_is_brought_up_to_date_beforehand() {
    let empty = Empty::new().await;
    if !is_postgres() {
        let said = migrate::check(&empty.url).await.unwrap_err().to_string();
        assert!(said.contains("there is no database"), "{said}");
    } else {
        let (is_current, said) = migrate::check(&empty.url).await.unwrap();
        assert!(!is_current && said.contains("has schema 0"), "{said}");
    }
    let several = (0..4).map(|_| {
        let url = empty.url.clone();
        async move { migrate::migrate(&url).await.unwrap() }
    });
    let mut said = several.collect::<JoinSet<_>>().join_all().await;
    said.sort();
    let schema = said[0].strip_prefix("the database is new, with schema ");
    let schema: i64 = schema.unwrap().parse().unwrap();
    let current = format!("the database was up to date, with schema {schema}");
    assert_eq!(said[1..], [&*current; 3]);
    let checked = migrate::check(&empty.url).await.unwrap();
    assert_eq!(
        checked,
        (
            true,
            format!("the database is up to date, with schema {schema}")
        )
    );

    let mut raw = Connection::open(&empty.url).await.unwrap();
    sql("update _sqlx_migrations set version = 99 where version = $1")
        .bind(schema)
        .execute(&mut raw)
        .await
        .unwrap();
    for refused in [
        migrate::migrate(&empty.url).await.map(drop),
        migrate::check(&empty.url).await.map(drop),
    ] {
        let said = refused.unwrap_err().to_string();
        let versions = format!("its schema is 99, this one's is {schema}");
        assert!(said.contains(&versions), "{said}");
    }
}
