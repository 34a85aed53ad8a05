//! What is measured.

use crate::{
    Error,
    http::{Call, Connection},
    large::multiply,
    load::{self, Failure, Figures, Rate},
    report::{Bounds, Level, Report, mebibytes},
    rival,
    stack::{
        Database, NotifyTo, Setup, Stack, UPSTREAM, cookie, each, ensure_all, expect, index, pay,
        reference,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use clap::ValueEnum;
use merchant::adapters::database::sql;
use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fs,
    net::SocketAddr,
    path::PathBuf,
    rc::Rc,
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

const CONNECTIONS: u32 = 64;
const BUYERS: u32 = 200;
const IDLE_CONNECTIONS: u32 = 10_000;

/// At full speed, of each run.
const FULL_SPEED_NOTIFICATIONS: u64 = 5000;

/// Between two requests of a page that waits for its order.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// In the order in which they are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    Binary,
    Notifications,
    Processes,
    Duplicates,
    Forged,
    Backlog,
    Create,
    Poll,
    SignIn,
    Journey,
    Spike,
    Kill,
    Idle,
    Large,
    Rival,
    /// Only where it is named.
    Soak,
}

impl Scenario {
    /// What is wanted without a database, or of one process alone, is measured on SQLite.
    fn is_on(self, database: &Database) -> bool {
        match self {
            Self::Binary | Self::Idle | Self::Rival => *database == Database::Sqlite,
            Self::Processes => *database != Database::Sqlite,
            _ => true,
        }
    }
}

pub(crate) struct Bench {
    pub(crate) setup: Setup,
    pub(crate) rival: Option<PathBuf>,
    pub(crate) folder: PathBuf,
    pub(crate) runs: u32,
    pub(crate) seconds: u32,
    pub(crate) orders: u32,
    /// All where it is empty.
    pub(crate) only: Vec<Scenario>,
    pub(crate) report: Report,
}

/// A line that is measured at two rates.
struct Rated {
    name: &'static str,
    floor: u32,
    star: u32,
    bounds: Bounds,
    /// The part of each request that is GoPay's.
    upstream: Duration,
}

/// One run of a [`Rated`] line.
struct Run {
    level: Level,
    rate: Rate,
    /// Of names that no other run uses.
    prefix: String,
}

impl Bench {
    pub(crate) async fn run(&mut self) -> Result<(), Error> {
        let only = self.only.clone();
        let database = self.setup.database.clone();
        if let Some(other) = only.iter().find(|it| !it.is_on(&database)) {
            return Err(format!("`{other:?}` is not measured on this database").into());
        }
        let is_wanted = |scenario: &Scenario| {
            let is_named = only.contains(scenario);
            let is_long = *scenario == Scenario::Soak;
            scenario.is_on(&database) && (is_named || only.is_empty() && !is_long)
        };
        if is_wanted(&Scenario::Idle) {
            ensure_files(IDLE_CONNECTIONS + 600)?;
        }
        for scenario in Scenario::value_variants().iter().filter(|it| is_wanted(it)) {
            match scenario {
                Scenario::Binary => self.binary()?,
                Scenario::Notifications => self.notifications().await?,
                Scenario::Processes => self.processes().await?,
                Scenario::Duplicates => self.duplicates().await?,
                Scenario::Forged => self.forged().await?,
                Scenario::Backlog => self.backlog().await?,
                Scenario::Create => self.create().await?,
                Scenario::Poll => self.poll().await?,
                Scenario::SignIn => self.sign_in().await?,
                Scenario::Journey => self.journey().await?,
                Scenario::Spike => self.spike().await?,
                Scenario::Kill => self.kill().await?,
                Scenario::Idle => self.idle().await?,
                Scenario::Large => self.large().await?,
                Scenario::Soak => self.soak().await?,
                Scenario::Rival => {
                    if let Some(folder) = self.rival.clone() {
                        let stack = self.stack("rival", NotifyTo::Bench).await?;
                        rival::measure(&stack, &folder, self.runs, &mut self.report).await?;
                        self.reconcile("rival", &stack)?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn stack(&self, name: &str, notify: NotifyTo) -> Result<Stack, Error> {
        eprintln!("{name}");
        Stack::start(&self.setup, &self.folder.join(name), notify).await
    }

    /// What is wanted differs by database.
    fn on<T>(&self, sqlite: T, postgres: T) -> T {
        match self.setup.database {
            Database::Sqlite => sqlite,
            Database::Postgres(_) => postgres,
        }
    }

    const fn rate(&self, per_second: u32) -> Rate {
        Rate {
            per_second,
            seconds: self.seconds,
            warm_up_seconds: 1,
            connections: CONNECTIONS,
        }
    }

    /// Measures the runs of a line at both rates.
    async fn rated(
        &mut self,
        line: Rated,
        mut measure: impl AsyncFnMut(Run) -> Result<Figures, Error>,
    ) -> Result<(), Error> {
        for level in Level::ALL {
            let per_second = level.pick(line.floor, line.star);
            let mut runs = Vec::new();
            for number in 0..self.runs {
                let run = Run {
                    level,
                    rate: self.rate(per_second),
                    prefix: format!("{level:?}{number}-"),
                };
                runs.push(measure(run).await?);
            }
            self.report.rate(
                line.name,
                level,
                per_second,
                line.bounds,
                line.upstream,
                &runs,
            );
        }
        Ok(())
    }

    fn reconcile(&mut self, scenario: impl Into<String>, stack: &Stack) -> Result<(), Error> {
        let differs = stack.reconcile()?;
        let holds = differs.is_none();
        let found = differs.unwrap_or_else(|| "0 differences".to_owned());
        self.report
            .fact(scenario, "reconcile: 0 differences", found, holds);
        Ok(())
    }

    fn binary(&mut self) -> Result<(), Error> {
        let bytes = fs::metadata(&self.setup.merchant)?.len();
        self.report
            .both("release binary", [15.0, 9.0], "MiB", &[mebibytes(bytes)]);
        Ok(())
    }

    /// Notifications about distinct orders.
    async fn notifications(&mut self) -> Result<(), Error> {
        let stack = self.stack("notifications", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let mut memory = Vec::new();
        let line = Rated {
            name: "notifications, distinct orders",
            floor: self.on(800, 500),
            star: self.on(3000, 1200),
            bounds: Bounds {
                p50: Some(15),
                p99: Some(self.on(60, 100)),
                p999: Some(250),
            },
            upstream: Duration::ZERO,
        };
        self.rated(line, async |run| {
            let calls = stack.paid_orders(&cookies, &run.prefix, run.rate.total());
            let send = each(calls.await?, 200);
            let figures = load::at_rate(&stack.merchants, run.rate, send).await;
            if run.level == Level::Floor {
                memory.push(mebibytes(stack.merchant_peak_memory()?));
            }
            Ok(figures)
        })
        .await?;
        let name = "most memory at load";
        match self.setup.database {
            Database::Sqlite => self.report.both(name, [96.0, 48.0], "MiB", &memory),
            Database::Postgres(_) => {
                self.report
                    .at_most(name, Level::Floor, 128.0, "MiB", &memory);
            }
        }
        self.reconcile("notifications, distinct orders", &stack)
    }

    /// Notifications about distinct orders at full speed, by how many processes take them.
    async fn processes(&mut self) -> Result<(), Error> {
        for processes in [1, 2, 4] {
            let folder = self.folder.join(format!("processes-{processes}"));
            let setup = Setup {
                processes,
                ..self.setup.clone()
            };
            eprintln!("{processes} processes");
            let stack = Stack::start(&setup, &folder, NotifyTo::Bench).await?;
            let cookies = stack.buyers("buyer", BUYERS).await?;
            let mut rates = Vec::new();
            for run in 0..self.runs {
                let count = FULL_SPEED_NOTIFICATIONS;
                let prefix = format!("{run}-");
                let calls = stack.paid_orders(&cookies, &prefix, count);
                let send = each(calls.await?, 200);
                let figures = load::at_once(&stack.merchants, CONNECTIONS, count, send).await;
                ensure_all("notifications at full speed", &figures)?;
                rates.push(figures.per_second());
            }
            let name = format!("notifications at full speed, processes: {processes}");
            self.report.figures(name.as_str(), "/s", &rates);
            self.reconcile(name, &stack)?;
        }
        Ok(())
    }

    /// The same hundred notifications, again and again.
    async fn duplicates(&mut self) -> Result<(), Error> {
        let stack = self.stack("duplicates", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", 10).await?;
        let calls = stack.paid_orders(&cookies, "order", 100).await?;
        let once = load::at_once(&stack.merchants, 8, 100, each(calls.clone(), 200)).await;
        ensure_all("the first notifications", &once)?;
        let line = Rated {
            name: "notifications, duplicates",
            floor: self.on(4000, 2000),
            star: self.on(8000, 4000),
            bounds: Bounds {
                p99: Some(40),
                ..Bounds::default()
            },
            upstream: Duration::ZERO,
        };
        self.rated(line, async |run| {
            let send = each(calls.clone(), 200);
            Ok(load::at_rate(&stack.merchants, run.rate, send).await)
        })
        .await?;
        self.reconcile("notifications, duplicates", &stack)
    }

    /// Notifications with a wrong signature, while a hundred real ones come each second.
    async fn forged(&mut self) -> Result<(), Error> {
        let stack = self.stack("forged", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let real_rate = Rate {
            connections: 16,
            ..self.rate(100)
        };
        let mut real_runs = Vec::new();
        let line = Rated {
            name: "forged notifications",
            floor: 6000,
            star: 12_000,
            bounds: Bounds::default(),
            upstream: Duration::ZERO,
        };
        self.rated(line, async |run| {
            let calls = stack.paid_orders(&cookies, &run.prefix, real_rate.total());
            let calls = calls.await?;
            let signature = STANDARD.encode([0x5a; 256]);
            let forged = calls[0].clone().header("x-signature", &signature);
            let (forged, real) = tokio::join!(
                load::at_rate(&stack.merchants, run.rate, each(vec![forged], 401)),
                load::at_rate(&stack.merchants, real_rate, each(calls, 200)),
            );
            real_runs.push((run.level, real));
            Ok(forged)
        })
        .await?;
        let bounds = Bounds {
            p99: Some(100),
            ..Bounds::default()
        };
        for level in Level::ALL {
            let name = "real ones meanwhile";
            let runs = level.of(&real_runs);
            self.report
                .rate(name, level, 100, bounds, Duration::ZERO, &runs);
        }
        self.reconcile("forged notifications", &stack)
    }

    /// What GoPay repeats after an outage, all at once; a refused one is sent again.
    async fn backlog(&mut self) -> Result<(), Error> {
        let stack = self.stack("backlog", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let mut seconds = Vec::new();
        for run in 0..self.runs {
            let prefix = format!("{run}-");
            let calls = stack.paid_orders(&cookies, &prefix, 10_000).await?;
            let send = async move |merchant: &mut Connection, number| loop {
                let answer = merchant.send(&calls[index(number)]).await?;
                if answer.status.as_u16() != 503 {
                    break expect(&answer, 200);
                }
            };
            let figures = load::at_once(&stack.merchants, 128, 10_000, send).await;
            ensure_all("backlog", &figures)?;
            seconds.push(figures.took.as_secs_f64());
        }
        let name = "backlog of 10,000 notifications";
        self.report
            .both(name, self.on([15.0, 5.0], [25.0, 10.0]), "s", &seconds);
        self.reconcile(name, &stack)
    }

    async fn create(&mut self) -> Result<(), Error> {
        let stack = Rc::new(self.stack("create", NotifyTo::Bench).await?);
        let cookies = Rc::new(stack.buyers("buyer", BUYERS).await?);
        let line = Rated {
            name: "payments created, without GoPay's 50 ms",
            floor: self.on(150, 100),
            star: self.on(400, 250),
            bounds: Bounds {
                p50: Some(15),
                p99: Some(80),
                ..Bounds::default()
            },
            upstream: UPSTREAM,
        };
        self.rated(line, async |run| {
            let (placing, cookies) = (Rc::clone(&stack), Rc::clone(&cookies));
            let send = async move |merchant: &mut Connection, number| {
                let cookie = &cookies[index(number) % cookies.len()];
                let call = placing.order(cookie, &format!("{}{number}", run.prefix));
                let answer = merchant.send(&call).await?;
                expect(&answer, 201)?;
                reference(&answer).map(|_| ()).ok_or(Failure::Broken)
            };
            Ok(load::at_rate(&stack.merchants, run.rate, send).await)
        })
        .await?;
        self.reconcile("payments created", &stack)
    }

    /// Pages that ask about their orders, while 300 notifications a second are written.
    async fn poll(&mut self) -> Result<(), Error> {
        let stack = self.stack("poll", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        // Of orders that are paid: about others GoPay is asked, for which the page waits.
        let paid = stack.paid_orders(&cookies, "polled", u64::from(BUYERS));
        for notification in paid.await? {
            Connection::new(stack.merchant())
                .send(&notification)
                .await?;
        }
        let mut polls = Vec::new();
        for cookie in &cookies {
            let id = stack.newest_order(cookie).await?;
            polls.push(look(&id, cookie));
        }
        let notify_rate = self.rate(300);
        let mut beside = Vec::new();
        let line = Rated {
            name: "order status, 300 notifications/s beside",
            floor: self.on(3000, 2000),
            star: self.on(8000, 4000),
            bounds: Bounds {
                p99: Some(25),
                ..Bounds::default()
            },
            upstream: Duration::ZERO,
        };
        self.rated(line, async |run| {
            let calls = stack.paid_orders(&cookies, &run.prefix, notify_rate.total());
            let notify = each(calls.await?, 200);
            let (polled, notified) = tokio::join!(
                load::at_rate(&stack.merchants, run.rate, each(polls.clone(), 200)),
                load::at_rate(&stack.merchants, notify_rate, notify),
            );
            beside.push((run.level, notified));
            Ok(polled)
        })
        .await?;
        for level in Level::ALL {
            self.report.rate(
                "notifications beside",
                level,
                notify_rate.per_second,
                Bounds::default(),
                Duration::ZERO,
                &level.of(&beside),
            );
        }
        self.reconcile("order status", &stack)
    }

    async fn sign_in(&mut self) -> Result<(), Error> {
        let stack = self.stack("sign-in", NotifyTo::Bench).await?;
        let line = Rated {
            name: "sign-ins, without GoPay's 50 ms",
            floor: self.on(150, 100),
            star: self.on(400, 250),
            bounds: Bounds {
                p99: Some(60),
                ..Bounds::default()
            },
            upstream: UPSTREAM,
        };
        self.rated(line, async |run| {
            let mut simulator = Connection::new(stack.simulator);
            let mut calls = Vec::new();
            for number in 0..run.rate.total() {
                let buyer = format!("buyer{}", number % 1000);
                let code = Stack::auth_code(&mut simulator, &buyer).await?;
                calls.push(stack.exchange(&code));
            }
            let send = async move |merchant: &mut Connection, number| {
                let answer = merchant.send(&calls[index(number)]).await?;
                expect(&answer, 200)?;
                cookie(&answer).map(|_| ()).ok_or(Failure::Broken)
            };
            Ok(load::at_rate(&stack.merchants, run.rate, send).await)
        })
        .await
    }

    /// From the sign-in to the page that shows a paid order.
    async fn journey(&mut self) -> Result<(), Error> {
        let stack = Rc::new(self.stack("journey", NotifyTo::Merchant).await?);
        let mut visible = Vec::new();
        let line = Rated {
            name: "journey: sign in, order, pay, paid",
            floor: self.on(60, 40),
            star: self.on(200, 120),
            bounds: Bounds::default(),
            upstream: Duration::ZERO,
        };
        self.rated(line, async |run| {
            let waits = Rc::new(RefCell::new(Vec::new()));
            let (journey, found) = (Rc::clone(&stack), Rc::clone(&waits));
            let rate = Rate {
                connections: 256,
                ..run.rate
            };
            let send = async move |merchant: &mut Connection, number| {
                let wait = buy(&journey, merchant, &format!("{}{number}", run.prefix)).await?;
                found.borrow_mut().push(wait);
                Ok(())
            };
            let figures = load::at_rate(&stack.merchants, rate, send).await;
            let p99 = Figures::of(waits.take()).quantile(0.99);
            visible.push((run.level, p99.as_secs_f64() * 1000.0));
            Ok(figures)
        })
        .await?;
        for level in Level::ALL {
            let name = "paid until visible, p99";
            let runs = level.of(&visible);
            self.report.at_most(name, level, 1000.0, "ms", &runs);
        }
        self.reconcile("journey", &stack)
    }

    /// Ten times the rate of orders for ten seconds: refused with 503, and well again soon after.
    async fn spike(&mut self) -> Result<(), Error> {
        let stack = Rc::new(self.stack("spike", NotifyTo::Bench).await?);
        let cookies = Rc::new(stack.buyers("buyer", BUYERS).await?);
        let placed = Rc::new(Cell::new(0_u64));
        let place = |prefix: &'static str| {
            let (stack, cookies) = (Rc::clone(&stack), Rc::clone(&cookies));
            let placed = Rc::clone(&placed);
            async move |merchant: &mut Connection, number| {
                let cookie = &cookies[index(number) % cookies.len()];
                let call = stack.order(cookie, &format!("{prefix}{number}"));
                let answer = merchant.send(&call).await?;
                if answer.status.as_u16() == 503 && !answer.headers.contains_key("retry-after") {
                    return Err(Failure::Broken);
                }
                expect(&answer, 201)?;
                placed.set(placed.get() + 1);
                Ok(())
            }
        };
        let spike = Rate {
            per_second: 10 * self.on(150, 100),
            seconds: 10,
            warm_up_seconds: 0,
            connections: 600,
        };
        let during = load::at_rate(&stack.merchants, spike, place("spike")).await;
        let other = during
            .failures
            .keys()
            .find(|it| **it != Failure::Status(503));
        self.report.fact(
            format!("spike of {} orders/s", spike.per_second),
            "201, or 503 with Retry-After",
            format!(
                "{} placed, refused {:?}",
                during.succeeded(),
                during.failures
            ),
            other.is_none(),
        );
        let ended = Instant::now();
        let mut merchant = Connection::new(stack.merchant());
        let mut number = 0;
        let place_one = place("after");
        while place_one(&mut merchant, number).await.is_err() {
            number += 1;
            sleep(POLL_INTERVAL).await;
        }
        let seconds = ended.elapsed().as_secs_f64();
        self.report.at_most(
            "first order after the spike",
            Level::Floor,
            5.0,
            "s",
            &[seconds],
        );
        let mut database = stack.open_database().await?;
        let kept: i64 = sql("select count(*) from attempts where reference_no is not null")
            .fetch_value(&mut database)
            .await?;
        let placed = placed.get();
        self.report.fact(
            "orders acknowledged in the spike",
            "all in the database",
            format!("{placed} acknowledged, {kept} kept"),
            u64::try_from(kept)? >= placed,
        );
        self.reconcile("spike", &stack)
    }

    /// kill -9 in the middle of journeys, of each process in turn; and PostgreSQL's own end.
    async fn kill(&mut self) -> Result<(), Error> {
        let mut stack = self.stack("kill", NotifyTo::Merchant).await?;
        let cookies = Rc::new(stack.buyers("buyer", BUYERS).await?);
        let placed = Rc::new(Placed::default());
        let rate = Rate {
            per_second: self.on(75, 50),
            seconds: 2,
            warm_up_seconds: 0,
            connections: CONNECTIONS,
        };
        let mut ready = Vec::new();
        for run in 0..10 * self.runs {
            let killed = index(run.into()) % stack.merchants.len();
            let load = place_beside(&stack, &cookies, &placed, rate, &format!("{run}-"));
            placed.killed.set(Some(stack.merchants[killed]));
            sleep(Duration::from_millis(400 + u64::from(run % 10) * 90)).await;
            stack.stop_merchant(killed);
            load.await?;
            ready.push(stack.start_merchant(killed).await?.as_secs_f64() * 1000.0);
        }
        placed.killed.set(None);
        self.report
            .at_most("ready after kill -9", Level::Floor, 1000.0, "ms", &ready);
        if stack.merchants.len() > 1 {
            let failures = placed.failures_elsewhere.get();
            self.report.fact(
                "orders of the other processes meanwhile",
                "0 failed",
                format!("{failures} failed"),
                failures == 0,
            );
        }
        if self.setup.database != Database::Sqlite {
            self.restart_postgres(&stack, &cookies, &placed, rate)
                .await?;
        }
        let mut database = stack.open_database().await?;
        let ids: HashSet<String> = sql("select id from orders")
            .fetch_values(&mut database)
            .await?
            .into_iter()
            .collect();
        let acknowledged = placed.acknowledged.take();
        let lost = acknowledged.iter().filter(|id| !ids.contains(*id)).count();
        self.report.fact(
            "orders acknowledged before the end of a process",
            "0 lost",
            format!("{} acknowledged, {lost} lost", acknowledged.len()),
            lost == 0,
        );
        // Inquiries find what the killed merchant did not hear.
        let deadline = Instant::now() + Duration::from_mins(2);
        while stack.reconcile()?.is_some() && Instant::now() < deadline {
            sleep(Duration::from_secs(1)).await;
        }
        self.reconcile("kill -9", &stack)
    }

    /// PostgreSQL ends as in a crash, in the middle of orders, and comes back.
    async fn restart_postgres(
        &mut self,
        stack: &Stack,
        cookies: &Rc<Vec<String>>,
        placed: &Rc<Placed>,
        rate: Rate,
    ) -> Result<(), Error> {
        let mut seconds = Vec::new();
        for run in 0..self.runs {
            let load = place_beside(stack, cookies, placed, rate, &format!("restart{run}-"));
            sleep(Duration::from_secs(1)).await;
            let began = Instant::now();
            stack.restart_postgres().await?;
            // Each process takes an order again.
            for (number, address) in stack.merchants.iter().enumerate() {
                let mut merchant = Connection::new(*address);
                let order = stack.order(&cookies[0], &format!("restarted{run}-{number}"));
                while expect(&merchant.send(&order).await?, 201).is_err() {
                    if began.elapsed() > Duration::from_mins(1) {
                        return Err("no order is taken after a restart of PostgreSQL".into());
                    }
                    sleep(POLL_INTERVAL).await;
                }
            }
            seconds.push(began.elapsed().as_secs_f64());
            load.await?;
        }
        let name = "orders taken after a restart of PostgreSQL";
        self.report.at_most(name, Level::Floor, 5.0, "s", &seconds);
        Ok(())
    }

    async fn idle(&mut self) -> Result<(), Error> {
        let stack = self.stack("idle", NotifyTo::Bench).await?;
        sleep(Duration::from_secs(2)).await;
        let memory = mebibytes(stack.merchant_memory()?);
        self.report
            .both("memory idle", [25.0, 15.0], "MiB", &[memory]);
        let healthy = Call::get("/healthz");
        let mut connections = Vec::new();
        for _ in 0..IDLE_CONNECTIONS {
            let mut connection = Connection::new(stack.merchant());
            connection.send(&healthy).await?;
            connections.push(connection);
        }
        let memory = mebibytes(stack.merchant_memory()?);
        let name = "memory with 10,000 idle connections";
        self.report.both(name, [200.0, 120.0], "MiB", &[memory]);
        let cookie = stack.buyers("buyer", 1).await?.remove(0);
        let list = Call::get("/api/orders").header("cookie", &cookie);
        let send = async move |merchant: &mut Connection, _| {
            // A connection of its own.
            *merchant = merchant.anew();
            expect(&merchant.send(&list).await?, 200)
        };
        let figures = load::at_rate(&stack.merchants, self.rate(50), send).await;
        let bounds = Bounds {
            p99: Some(50),
            ..Bounds::default()
        };
        let name = "new connections beside 10,000 idle ones";
        self.report
            .rate(name, Level::Floor, 50, bounds, Duration::ZERO, &[figures]);
        drop(connections);
        Ok(())
    }

    /// Journeys for a long time, and the memory meanwhile.
    async fn soak(&mut self) -> Result<(), Error> {
        let stack = Rc::new(self.stack("soak", NotifyTo::Merchant).await?);
        let rate = Rate {
            connections: 256,
            ..self.rate(self.on(60, 40))
        };
        let buying = Rc::clone(&stack);
        let send = async move |merchant: &mut Connection, number| {
            let bought = buy(&buying, merchant, &format!("soak{number}")).await;
            bought.map(|_| ())
        };
        let addresses = stack.merchants.clone();
        let load =
            tokio::task::spawn_local(async move { load::at_rate(&addresses, rate, send).await });
        let began = Instant::now();
        let mut memory = Vec::new();
        while !load.is_finished() {
            sleep(Duration::from_secs(5)).await;
            let ten_minutes = began.elapsed().as_secs_f64() / 600.0;
            memory.push((ten_minutes, mebibytes(stack.merchant_memory()?)));
        }
        let name = "journeys of the soak";
        self.report.rate(
            name,
            Level::Floor,
            rate.per_second,
            Bounds::default(),
            Duration::ZERO,
            &[load.await?],
        );
        let tenths = memory.chunks(memory.len().div_ceil(10).max(1));
        let tenths = tenths.filter_map(|tenth| tenth.last());
        let tenths: Vec<_> = tenths.map(|(_, memory)| format!("{memory:.1}")).collect();
        let found = format!("{} MiB", tenths.join(" "));
        self.report
            .fact("memory after each tenth of the soak", "", found, true);
        // In the first two thirds caches fill, SQLite's while its file grows.
        let after_start = memory.get(memory.len() * 2 / 3..).unwrap_or_default();
        let name = "growth of memory in the last third, for each ten minutes";
        self.report
            .at_most(name, Level::Floor, 0.5, "MiB", &[slope(after_start)]);
        self.reconcile("soak", &stack)
    }

    /// A database with many orders.
    async fn large(&mut self) -> Result<(), Error> {
        let mut stack = self.stack("large", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let mut merchant = Connection::new(stack.merchant());
        let notices = stack.paid_orders(&cookies[..1], "model", 1).await?;
        merchant.send(&notices[0]).await?;
        stack.stop_merchants();
        let orders = self.orders;
        let bytes = multiply(&stack, &self.setup.database, orders).await?;
        let per_order = bytes as f64 / 1024.0 / f64::from(orders);
        self.report.at_most(
            "database per order, with 5 events each",
            Level::Floor,
            2.5,
            "KiB",
            &[per_order],
        );
        let mut ready = Vec::new();
        for _ in 0..self.runs {
            stack.stop_merchant(0);
            ready.push(stack.start_merchant(0).await?.as_secs_f64() * 1000.0);
        }
        for other in 1..stack.merchants.len() {
            stack.start_merchant(other).await?;
        }
        let name = format!("start to ready with {orders} orders");
        match self.setup.database {
            Database::Sqlite => self.report.both(name, [500.0, 150.0], "ms", &ready),
            Database::Postgres(_) => {
                self.report
                    .at_most(name, Level::Floor, 1000.0, "ms", &ready);
            }
        }
        let mut database = stack.open_database().await?;
        let mut calls = Vec::new();
        // Of twenty buyers, each order, of whatever age.
        for cookie in &cookies[..20] {
            let newest = stack.newest_order(cookie).await?;
            let ids: Vec<String> = sql("select id from orders
                 where customer_id = (select customer_id from orders where id = $1)")
            .bind(&newest)
            .fetch_values(&mut database)
            .await?;
            calls.extend(ids.iter().map(|id| look(id, cookie)));
        }
        let calls = Rc::new(calls);
        let mut runs = Vec::new();
        for _ in 0..self.runs {
            let calls = Rc::clone(&calls);
            let send = async move |merchant: &mut Connection, number: u64| {
                let call = &calls[index(number * 7919) % calls.len()];
                expect(&merchant.send(call).await?, 200)
            };
            runs.push(load::at_rate(&stack.merchants, self.rate(500), send).await);
        }
        let bounds = Bounds {
            p99: Some(5),
            ..Bounds::default()
        };
        let name = format!("order read among {orders}");
        self.report
            .rate(name, Level::Floor, 500, bounds, Duration::ZERO, &runs);
        Ok(())
    }
}

/// One buyer's purchase. Returns how long it took from the payment until the page showed it.
async fn buy(stack: &Stack, merchant: &mut Connection, name: &str) -> Result<Duration, Failure> {
    let mut simulator = Connection::new(stack.simulator);
    let code = Stack::auth_code(&mut simulator, name).await?;
    let answer = merchant.send(&stack.exchange(&code)).await?;
    expect(&answer, 200)?;
    let cookie = cookie(&answer).ok_or(Failure::Broken)?;
    let answer = merchant.send(&stack.order(&cookie, name)).await?;
    expect(&answer, 201)?;
    let reference = reference(&answer).ok_or(Failure::Broken)?;
    let id = answer.json()?["id"].as_str().unwrap_or_default().to_owned();
    let paid = Instant::now();
    pay(&mut simulator, &reference).await?;
    let look = look(&id, &cookie);
    loop {
        let answer = merchant.send(&look).await?;
        expect(&answer, 200)?;
        let order = answer.json()?;
        if order["status"] == "paid" && order["pickup_code"].is_string() {
            return Ok(paid.elapsed());
        }
        if paid.elapsed() > Duration::from_secs(10) {
            return Err(Failure::Broken);
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// What came of orders that were placed while processes ended.
#[derive(Debug, Default)]
struct Placed {
    acknowledged: RefCell<Vec<String>>,
    /// The process that is killed during this run.
    killed: Cell<Option<SocketAddr>>,
    failures_elsewhere: Cell<u64>,
}

/// Places orders and pays them, beside what follows.
fn place_beside(
    stack: &Stack,
    cookies: &[String],
    placed: &Rc<Placed>,
    rate: Rate,
    prefix: &str,
) -> JoinHandle<Figures> {
    let calls: Vec<Call> = (0..rate.total())
        .map(|number| {
            let cookie = &cookies[index(number) % cookies.len()];
            stack.order(cookie, &format!("{prefix}{number}"))
        })
        .collect();
    let (addresses, simulator) = (stack.merchants.clone(), stack.simulator);
    let placed = Rc::clone(placed);
    let place = async move |merchant: &mut Connection, number| {
        let answer = merchant.send(&calls[index(number)]).await;
        let reference = answer.as_ref().ok().and_then(reference);
        let (Ok(answer), Some(reference)) = (answer, reference) else {
            if placed
                .killed
                .get()
                .is_some_and(|it| it != merchant.address())
            {
                placed
                    .failures_elsewhere
                    .set(placed.failures_elsewhere.get() + 1);
            }
            return Err(Failure::Broken);
        };
        let id = answer.json()?["id"].as_str().unwrap_or_default().to_owned();
        placed.acknowledged.borrow_mut().push(id);
        pay(&mut Connection::new(simulator), &reference).await
    };
    tokio::task::spawn_local(async move { load::at_rate(&addresses, rate, place).await })
}

/// Of the line that fits the points best (least squares).
fn slope(points: &[(f64, f64)]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|it| it.0), mean(|it| it.1));
    let both: f64 = points
        .iter()
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .sum();
    let square: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    both / square
}

/// What a page asks about its order.
fn look(id: &str, cookie: &str) -> Call {
    Call::get(format!("/api/orders/{id}")).header("cookie", cookie)
}

/// Whether this process, and so the merchant too, may have so many files open.
fn ensure_files(wanted: u32) -> Result<(), Error> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    let soft: u32 = soft
        .ok_or("no limit of files in /proc")?
        .parse()
        .unwrap_or(u32::MAX);
    if soft < wanted {
        return Err(format!("`idle` needs {wanted} open files: run `ulimit -n {wanted}` before, or leave it out with --only").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_line_through_the_points() {
        let found = slope(&[(1.0, 22.0), (2.0, 24.0), (3.0, 26.0), (4.0, 28.0)]);
        assert!((found - 2.0).abs() < 0.001, "{found}");
        let found = slope(&[(0.0, 10.0), (1.0, 13.0), (2.0, 10.0)]);
        assert!(found.abs() < 0.001, "{found}");
    }
}
