//! What is measured.

use crate::{
    Error,
    http::{Call, Connection},
    large::multiply,
    load::{self, Failure, Figures, Rate},
    report::{Bounds, Level, Report, mebibytes},
    rival,
    stack::{NotifyTo, Programs, Stack, UPSTREAM, cookie, expect, index, pay, reference},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sqlx::{ConnectOptions, Connection as _, sqlite::SqliteConnectOptions};
use std::{
    cell::{Cell, RefCell},
    fs,
    path::PathBuf,
    rc::Rc,
    time::Duration,
};
use tokio::time::{Instant, sleep};

const CONNECTIONS: u32 = 64;
const BUYERS: u32 = 200;

/// Requests that a status poll of a page makes.
const POLL: Duration = Duration::from_millis(20);

const SCENARIOS: [&str; 14] = [
    "binary",
    "notifications",
    "duplicates",
    "forged",
    "backlog",
    "create",
    "poll",
    "sign-in",
    "journey",
    "spike",
    "kill",
    "idle",
    "large",
    "rival",
];

const IDLE_CONNECTIONS: u32 = 10_000;

pub(crate) struct Bench {
    pub(crate) programs: Programs,
    pub(crate) rival: Option<PathBuf>,
    pub(crate) folder: PathBuf,
    pub(crate) runs: u32,
    pub(crate) seconds: u32,
    pub(crate) orders: u32,
    pub(crate) only: Option<String>,
    pub(crate) report: Report,
}

impl Bench {
    pub(crate) async fn run(&mut self) -> Result<(), Error> {
        if let Some(only) = &self.only {
            let unknown = only.split(',').find(|name| !SCENARIOS.contains(name));
            if let Some(unknown) = unknown {
                return Err(
                    format!("there is no scenario {unknown:?}: {}", SCENARIOS.join(", ")).into(),
                );
            }
        }
        if self.wants("idle") {
            ensure_files(IDLE_CONNECTIONS + 600)?;
        }
        for name in SCENARIOS {
            if !self.wants(name) {
                continue;
            }
            match name {
                "binary" => self.binary()?,
                "notifications" => self.notifications().await?,
                "duplicates" => self.duplicates().await?,
                "forged" => self.forged().await?,
                "backlog" => self.backlog().await?,
                "create" => self.create().await?,
                "poll" => self.poll().await?,
                "sign-in" => self.sign_in().await?,
                "journey" => self.journey().await?,
                "spike" => self.spike().await?,
                "kill" => self.kill().await?,
                "idle" => self.idle().await?,
                "large" => self.large().await?,
                _ => {
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

    fn wants(&self, scenario: &str) -> bool {
        let only = self.only.as_deref();
        only.is_none_or(|only| only.split(',').any(|only| only == scenario))
    }

    async fn stack(&self, name: &str, notify: NotifyTo) -> Result<Stack, Error> {
        eprintln!("{name}");
        Stack::start(&self.programs, &self.folder.join(name), notify).await
    }

    const fn rate(&self, per_second: u32) -> Rate {
        Rate {
            per_second,
            seconds: self.seconds,
            warm_up_seconds: 1,
            connections: CONNECTIONS,
        }
    }

    fn reconcile(&mut self, scenario: &'static str, stack: &Stack) -> Result<(), Error> {
        let differs = stack.reconcile()?;
        let holds = differs.is_none();
        let found = differs.unwrap_or_else(|| "0 differences".to_owned());
        self.report
            .fact(scenario, "reconcile: 0 differences", found, holds);
        Ok(())
    }

    fn binary(&mut self) -> Result<(), Error> {
        let bytes = fs::metadata(&self.programs.merchant)?.len();
        let size = mebibytes(bytes);
        self.report
            .at_most("release binary", Level::Floor, 15.0, "MiB", &[size]);
        self.report
            .at_most("release binary", Level::Star, 9.0, "MiB", &[size]);
        Ok(())
    }

    /// Notifications about distinct orders.
    async fn notifications(&mut self) -> Result<(), Error> {
        let stack = self.stack("notifications", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let mut memory = Vec::new();
        for level in Level::ALL {
            let per_second = level.pick(800, 3000);
            let mut runs = Vec::new();
            for run in 0..self.runs {
                let count = u64::from(per_second) * u64::from(self.seconds + 1);
                let prefix = format!("{level:?}{run}-");
                let calls = Rc::new(stack.paid_orders(&cookies, &prefix, count).await?);
                let send = async move |merchant: &mut Connection, number| {
                    expect(&merchant.send(&calls[index(number)]).await?, 200)
                };
                runs.push(load::at_rate(stack.merchant, self.rate(per_second), send).await);
                if level == Level::Floor {
                    memory.push(mebibytes(stack.merchant_peak_memory()?));
                }
            }
            let bounds = Bounds {
                p50: Some(15),
                p99: Some(60),
                p999: Some(250),
            };
            let name = "notifications, distinct orders";
            self.report
                .rate(name, level, per_second, bounds, Duration::ZERO, &runs);
        }
        self.report
            .at_most("most memory at load", Level::Floor, 96.0, "MiB", &memory);
        self.report
            .at_most("most memory at load", Level::Star, 48.0, "MiB", &memory);
        self.reconcile("notifications, distinct orders", &stack)
    }

    /// The same hundred notifications, again and again.
    async fn duplicates(&mut self) -> Result<(), Error> {
        let stack = self.stack("duplicates", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", 10).await?;
        let calls = Rc::new(stack.paid_orders(&cookies, "order", 100).await?);
        // All of them once.
        let first = Rc::clone(&calls);
        let once = load::at_once(stack.merchant, 8, 100, async move |merchant, number| {
            expect(&merchant.send(&first[index(number)]).await?, 200)
        })
        .await;
        if once.failed() > 0 {
            return Err(format!("the first notifications: {:?}", once.failures).into());
        }
        for level in Level::ALL {
            let per_second = level.pick(4000, 8000);
            let mut runs = Vec::new();
            for _ in 0..self.runs {
                let calls = Rc::clone(&calls);
                let send = async move |merchant: &mut Connection, number| {
                    expect(&merchant.send(&calls[index(number % 100)]).await?, 200)
                };
                runs.push(load::at_rate(stack.merchant, self.rate(per_second), send).await);
            }
            let bounds = Bounds {
                p99: Some(40),
                ..Bounds::default()
            };
            let name = "notifications, duplicates";
            self.report
                .rate(name, level, per_second, bounds, Duration::ZERO, &runs);
        }
        self.reconcile("notifications, duplicates", &stack)
    }

    /// Notifications with a wrong signature, while a hundred real ones come each second.
    async fn forged(&mut self) -> Result<(), Error> {
        let stack = self.stack("forged", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        for level in Level::ALL {
            let per_second = level.pick(6000, 12_000);
            let (mut forged_runs, mut real_runs) = (Vec::new(), Vec::new());
            for run in 0..self.runs {
                let count = 100 * u64::from(self.seconds + 1);
                let prefix = format!("{level:?}{run}-");
                let calls = Rc::new(stack.paid_orders(&cookies, &prefix, count).await?);
                let signature = STANDARD.encode([0x5a; 256]);
                let forged = calls[0].clone().header("x-signature", &signature);
                let forge = async move |merchant: &mut Connection, _| {
                    expect(&merchant.send(&forged).await?, 401)
                };
                let real = async move |merchant: &mut Connection, number| {
                    expect(&merchant.send(&calls[index(number)]).await?, 200)
                };
                let real_rate = Rate {
                    connections: 16,
                    ..self.rate(100)
                };
                let (forged, real) = tokio::join!(
                    load::at_rate(stack.merchant, self.rate(per_second), forge),
                    load::at_rate(stack.merchant, real_rate, real),
                );
                forged_runs.push(forged);
                real_runs.push(real);
            }
            let name = "forged notifications";
            self.report.rate(
                name,
                level,
                per_second,
                Bounds::default(),
                Duration::ZERO,
                &forged_runs,
            );
            let bounds = Bounds {
                p99: Some(100),
                ..Bounds::default()
            };
            let name = "real ones meanwhile";
            self.report
                .rate(name, level, 100, bounds, Duration::ZERO, &real_runs);
        }
        self.reconcile("forged notifications", &stack)
    }

    /// What GoPay repeats after an outage, all at once; a refused one is sent again.
    async fn backlog(&mut self) -> Result<(), Error> {
        let stack = self.stack("backlog", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let mut seconds = Vec::new();
        for run in 0..self.runs {
            let calls = Rc::new(
                stack
                    .paid_orders(&cookies, &format!("{run}-"), 10_000)
                    .await?,
            );
            let send = async move |merchant: &mut Connection, number| loop {
                let answer = merchant.send(&calls[index(number)]).await?;
                if answer.status.as_u16() != 503 {
                    break expect(&answer, 200);
                }
            };
            let figures = load::at_once(stack.merchant, 128, 10_000, send).await;
            if figures.failed() > 0 {
                return Err(format!("backlog: {:?}", figures.failures).into());
            }
            seconds.push(figures.took.as_secs_f64());
        }
        let name = "backlog of 10,000 notifications";
        self.report.at_most(name, Level::Floor, 15.0, "s", &seconds);
        self.report.at_most(name, Level::Star, 5.0, "s", &seconds);
        self.reconcile(name, &stack)
    }

    async fn create(&mut self) -> Result<(), Error> {
        let stack = self.stack("create", NotifyTo::Bench).await?;
        let cookies = Rc::new(stack.buyers("buyer", BUYERS).await?);
        let stack = Rc::new(stack);
        for level in Level::ALL {
            let per_second = level.pick(150, 400);
            let mut runs = Vec::new();
            for run in 0..self.runs {
                let (placing, cookies) = (Rc::clone(&stack), Rc::clone(&cookies));
                let send = async move |merchant: &mut Connection, number| {
                    let cookie = &cookies[index(number) % cookies.len()];
                    let call = placing.order(cookie, &format!("{level:?}{run}-{number}"));
                    let answer = merchant.send(&call).await?;
                    expect(&answer, 201)?;
                    reference(&answer).map(|_| ()).ok_or(Failure::Broken)
                };
                runs.push(load::at_rate(stack.merchant, self.rate(per_second), send).await);
            }
            let bounds = Bounds {
                p50: Some(15),
                p99: Some(80),
                ..Bounds::default()
            };
            let name = "payments created, without GoPay's 50 ms";
            self.report
                .rate(name, level, per_second, bounds, UPSTREAM, &runs);
        }
        self.reconcile("payments created", &stack)
    }

    /// Pages that ask about their orders, while 300 notifications a second are written.
    async fn poll(&mut self) -> Result<(), Error> {
        let stack = self.stack("poll", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        // Of orders that are paid: about others GoPay is asked, for which the page waits.
        let mut polls = Vec::new();
        for notification in stack
            .paid_orders(&cookies, "polled", u64::from(BUYERS))
            .await?
        {
            Connection::new(stack.merchant).send(&notification).await?;
        }
        for cookie in &cookies {
            let list = Call::get("/api/orders").header("cookie", cookie);
            let list = Connection::new(stack.merchant).send(&list).await?.json()?;
            let id = list[0]["id"].as_str().ok_or("no order")?;
            polls.push(Call::get(format!("/api/orders/{id}")).header("cookie", cookie));
        }
        let polls = Rc::new(polls);
        for level in Level::ALL {
            let per_second = level.pick(3000, 8000);
            let mut runs = Vec::new();
            for run in 0..self.runs {
                let count = 300 * u64::from(self.seconds + 1);
                let prefix = format!("{level:?}{run}-");
                let calls = Rc::new(stack.paid_orders(&cookies, &prefix, count).await?);
                let polls = Rc::clone(&polls);
                let poll = async move |merchant: &mut Connection, number| {
                    let call = &polls[index(number) % polls.len()];
                    expect(&merchant.send(call).await?, 200)
                };
                let notify = async move |merchant: &mut Connection, number| {
                    expect(&merchant.send(&calls[index(number)]).await?, 200)
                };
                let (polled, notified) = tokio::join!(
                    load::at_rate(stack.merchant, self.rate(per_second), poll),
                    load::at_rate(stack.merchant, self.rate(300), notify),
                );
                if notified.failed() > 0 {
                    return Err(format!("notifications: {:?}", notified.failures).into());
                }
                runs.push(polled);
            }
            let bounds = Bounds {
                p99: Some(25),
                ..Bounds::default()
            };
            let name = "order status, 300 notifications/s beside";
            self.report
                .rate(name, level, per_second, bounds, Duration::ZERO, &runs);
        }
        self.reconcile("order status", &stack)
    }

    async fn sign_in(&mut self) -> Result<(), Error> {
        let stack = self.stack("sign-in", NotifyTo::Bench).await?;
        for level in Level::ALL {
            let per_second = level.pick(150, 400);
            let mut runs = Vec::new();
            for _ in 0..self.runs {
                let mut simulator = Connection::new(stack.simulator);
                let mut calls = Vec::new();
                for number in 0..per_second * (self.seconds + 1) {
                    let buyer = format!("buyer{}", number % 1000);
                    let code = Stack::auth_code(&mut simulator, &buyer).await?;
                    calls.push(stack.exchange(&code));
                }
                let send = async move |merchant: &mut Connection, number| {
                    let answer = merchant.send(&calls[index(number)]).await?;
                    expect(&answer, 200)?;
                    cookie(&answer).map(|_| ()).ok_or(Failure::Broken)
                };
                runs.push(load::at_rate(stack.merchant, self.rate(per_second), send).await);
            }
            let bounds = Bounds {
                p99: Some(60),
                ..Bounds::default()
            };
            let name = "sign-ins, without GoPay's 50 ms";
            self.report
                .rate(name, level, per_second, bounds, UPSTREAM, &runs);
        }
        Ok(())
    }

    /// From the sign-in to the page that shows a paid order.
    async fn journey(&mut self) -> Result<(), Error> {
        let stack = Rc::new(self.stack("journey", NotifyTo::Merchant).await?);
        for level in Level::ALL {
            let per_second = level.pick(60, 200);
            let (mut runs, mut visible) = (Vec::new(), Vec::new());
            for run in 0..self.runs {
                let waits = Rc::new(RefCell::new(Vec::new()));
                let (journey, found) = (Rc::clone(&stack), Rc::clone(&waits));
                let send = async move |merchant: &mut Connection, number| {
                    let wait = buy(&journey, merchant, &format!("{level:?}{run}-{number}")).await?;
                    found.borrow_mut().push(wait);
                    Ok(())
                };
                let rate = Rate {
                    connections: 256,
                    ..self.rate(per_second)
                };
                runs.push(load::at_rate(stack.merchant, rate, send).await);
                let p99 = Figures::of(waits.take()).quantile(0.99);
                visible.push(p99.as_secs_f64() * 1000.0);
            }
            let name = "journey: sign in, order, pay, paid";
            self.report.rate(
                name,
                level,
                per_second,
                Bounds::default(),
                Duration::ZERO,
                &runs,
            );
            self.report
                .at_most("paid until visible, p99", level, 1000.0, "ms", &visible);
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
            per_second: 1500,
            seconds: 10,
            warm_up_seconds: 0,
            connections: 600,
        };
        let during = load::at_rate(stack.merchant, spike, place("spike")).await;
        let other = during
            .failures
            .keys()
            .find(|it| **it != Failure::Status(503));
        self.report.fact(
            "spike of 1,500 orders/s",
            "201, or 503 with Retry-After",
            format!(
                "{} placed, refused {:?}",
                during.succeeded(),
                during.failures
            ),
            other.is_none(),
        );
        let ended = Instant::now();
        let mut merchant = Connection::new(stack.merchant);
        let mut number = 0;
        let place_one = place("after");
        while place_one(&mut merchant, number).await.is_err() {
            number += 1;
            sleep(POLL).await;
        }
        let seconds = ended.elapsed().as_secs_f64();
        self.report.at_most(
            "first order after the spike",
            Level::Floor,
            5.0,
            "s",
            &[seconds],
        );
        let options = SqliteConnectOptions::new()
            .filename(stack.database())
            .read_only(true);
        let mut database = options.connect().await?;
        let kept: i64 =
            sqlx::query_scalar("select count(*) from attempts where reference_no is not null")
                .fetch_one(&mut database)
                .await?;
        database.close().await?;
        let placed = placed.get();
        self.report.fact(
            "orders acknowledged in the spike",
            "all in the database",
            format!("{placed} acknowledged, {kept} kept"),
            u64::try_from(kept)? >= placed,
        );
        self.reconcile("spike", &stack)
    }

    /// kill -9 in the middle of journeys.
    async fn kill(&mut self) -> Result<(), Error> {
        let mut stack = self.stack("kill", NotifyTo::Merchant).await?;
        let cookies = Rc::new(stack.buyers("buyer", BUYERS).await?);
        let mut ready = Vec::new();
        let acknowledged = Rc::new(RefCell::new(Vec::new()));
        for run in 0..10 * self.runs {
            let (address, simulator) = (stack.merchant, stack.simulator);
            let calls: Vec<Call> = (0..150)
                .map(|number| {
                    stack.order(&cookies[number % cookies.len()], &format!("{run}-{number}"))
                })
                .collect();
            let found = Rc::clone(&acknowledged);
            let place = async move |merchant: &mut Connection, number| {
                let answer = merchant.send(&calls[index(number)]).await?;
                let reference = reference(&answer).ok_or(Failure::Broken)?;
                let id = answer.json()?["id"].as_str().unwrap_or_default().to_owned();
                found.borrow_mut().push(id);
                pay(&mut Connection::new(simulator), &reference).await
            };
            let rate = Rate {
                per_second: 75,
                seconds: 2,
                warm_up_seconds: 0,
                connections: CONNECTIONS,
            };
            let load = tokio::task::spawn_local(load::at_rate(address, rate, place));
            sleep(Duration::from_millis(400 + u64::from(run % 10) * 90)).await;
            stack.stop_merchant();
            load.await?;
            ready.push(stack.start_merchant().await?.as_secs_f64() * 1000.0);
        }
        self.report
            .at_most("ready after kill -9", Level::Floor, 1000.0, "ms", &ready);
        let options = SqliteConnectOptions::new()
            .filename(stack.database())
            .read_only(true);
        let mut database = options.connect().await?;
        let ids: Vec<String> = sqlx::query_scalar("select id from orders")
            .fetch_all(&mut database)
            .await?;
        database.close().await?;
        let acknowledged = acknowledged.take();
        let lost = acknowledged.iter().filter(|id| !ids.contains(id)).count();
        self.report.fact(
            "orders acknowledged before kill -9",
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

    async fn idle(&mut self) -> Result<(), Error> {
        let stack = self.stack("idle", NotifyTo::Bench).await?;
        sleep(Duration::from_secs(2)).await;
        let memory = mebibytes(stack.merchant_memory()?);
        self.report
            .at_most("memory idle", Level::Floor, 25.0, "MiB", &[memory]);
        self.report
            .at_most("memory idle", Level::Star, 15.0, "MiB", &[memory]);
        let healthy = Call::get("/healthz");
        let mut connections = Vec::new();
        for _ in 0..IDLE_CONNECTIONS {
            let mut connection = Connection::new(stack.merchant);
            connection.send(&healthy).await?;
            connections.push(connection);
        }
        let memory = mebibytes(stack.merchant_memory()?);
        let name = "memory with 10,000 idle connections";
        self.report
            .at_most(name, Level::Floor, 200.0, "MiB", &[memory]);
        self.report
            .at_most(name, Level::Star, 120.0, "MiB", &[memory]);
        let cookie = stack.buyers("buyer", 1).await?.remove(0);
        let list = Call::get("/api/orders").header("cookie", &cookie);
        let send = async move |merchant: &mut Connection, _| {
            // A connection of its own.
            *merchant = merchant.anew();
            expect(&merchant.send(&list).await?, 200)
        };
        let figures = load::at_rate(stack.merchant, self.rate(50), send).await;
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

    /// A database with many orders.
    async fn large(&mut self) -> Result<(), Error> {
        let mut stack = self.stack("large", NotifyTo::Bench).await?;
        let cookies = stack.buyers("buyer", BUYERS).await?;
        let mut merchant = Connection::new(stack.merchant);
        let notices = stack.paid_orders(&cookies[..1], "model", 1).await?;
        merchant.send(&notices[0]).await?;
        stack.stop_merchant();
        let orders = self.orders;
        let bytes = multiply(&stack, orders).await?;
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
            stack.stop_merchant();
            ready.push(stack.start_merchant().await?.as_secs_f64() * 1000.0);
        }
        self.report.at_most(
            format!("start to ready with {orders} orders"),
            Level::Floor,
            500.0,
            "ms",
            &ready,
        );
        self.report.at_most(
            format!("start to ready with {orders} orders"),
            Level::Star,
            150.0,
            "ms",
            &ready,
        );
        let options = SqliteConnectOptions::new()
            .filename(stack.database())
            .read_only(true);
        let mut database = options.connect().await?;
        let mut calls = Vec::new();
        // Of twenty buyers, each order, of whatever age.
        for cookie in &cookies[..20] {
            let list = Call::get("/api/orders").header("cookie", cookie);
            let list = Connection::new(stack.merchant).send(&list).await?.json()?;
            let newest = list[0]["id"].as_str().ok_or("a buyer has no orders")?;
            let ids: Vec<String> = sqlx::query_scalar(
                "select id from orders
                 where customer_id = (select customer_id from orders where id = ?)",
            )
            .bind(newest)
            .fetch_all(&mut database)
            .await?;
            calls.extend(
                (ids.iter())
                    .map(|id| Call::get(format!("/api/orders/{id}")).header("cookie", cookie)),
            );
        }
        database.close().await?;
        let calls = Rc::new(calls);
        let mut runs = Vec::new();
        for _ in 0..self.runs {
            let calls = Rc::clone(&calls);
            let send = async move |merchant: &mut Connection, number: u64| {
                let call = &calls[index(number * 7919) % calls.len()];
                expect(&merchant.send(call).await?, 200)
            };
            runs.push(load::at_rate(stack.merchant, self.rate(500), send).await);
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
    let look = Call::get(format!("/api/orders/{id}")).header("cookie", &cookie);
    loop {
        let answer = merchant.send(&look).await?;
        expect(&answer, 200)?;
        let order: Value = answer.json()?;
        if order["status"] == "paid" && order["pickup_code"].is_string() {
            return Ok(paid.elapsed());
        }
        if paid.elapsed() > Duration::from_secs(10) {
            return Err(Failure::Broken);
        }
        sleep(POLL).await;
    }
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
