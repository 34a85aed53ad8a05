//! Controls of `docs/THREATS.md` that no other file of tests is about.

use crate::rows::tables;
use crate::test_env::{Buyer, TestEnv, coffee, problem};
use contract::{Order, OrderId, OrderStatus, ProblemCode};
use merchant::adapters::database::sql;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};
use tokio::task::JoinSet;
use uuid::Uuid;

/// All that an answer says, but the time and its id.
async fn whole(answer: Response) -> (StatusCode, Vec<String>, Value) {
    let status = answer.status();
    let headers = answer.headers().iter();
    let headers = headers.filter(|(name, _)| *name != "date" && *name != "x-request-id");
    let headers = headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
    let headers = headers.collect();
    let mut problem: Value = answer.json().await.unwrap();
    assert!(
        problem
            .as_object_mut()
            .unwrap()
            .remove("request_id")
            .is_some()
    );
    (status, headers, problem)
}

/// TM29: nor does an answer say whether there is an order that one does not have.
#[tokio::test]
async fn an_order_of_another_buyer_is_answered_like_one_that_is_not_there() {
    let env = TestEnv::new().await;
    let (budi, siti) = (env.sign_in("budi").await, env.sign_in("siti").await);
    let theirs = budi.order(&env).await.id;
    let nobodys = OrderId::from(Uuid::new_v4().to_string());
    for (method, end) in [
        (Method::GET, ""),
        (Method::POST, "/payment"),
        (Method::POST, "/cancel"),
    ] {
        let ask = async |id: &OrderId| {
            let url = env.merchant(&format!("/api/orders/{id}{end}"));
            let request = env.http.request(method.clone(), url);
            let request = request.header("cookie", &siti.cookie);
            whole(request.header("idempotency-key", "k").send().await.unwrap()).await
        };
        let answer = ask(&theirs).await;
        assert_eq!(answer.0, StatusCode::NOT_FOUND, "{method} {end}");
        assert_eq!(answer, ask(&nobodys).await, "{method} {end}");
    }
}

async fn names_of_tables(env: &TestEnv) -> Vec<String> {
    tables(&mut env.database().await).await
}

async fn rows(env: &TestEnv, table: &str) -> i64 {
    let count = format!("select count(*) from {table}").leak();
    let mut database = env.database().await;
    let count = sql(count).fetch_value(&mut database).await;
    count.unwrap()
}

/// TM31
#[tokio::test]
async fn sql_in_each_text_of_a_request_is_text() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let tables = names_of_tables(&env).await;
    for sql in [
        "'; drop table orders; --",
        "' or '1'='1",
        "\"; delete from sessions; --",
        "1) union select token_hash from sessions --",
        "%' or id like '%",
    ] {
        let path: String = url::form_urlencoded::byte_serialize(sql.as_bytes()).collect();
        let path = path.replace('+', "%20");
        let order_of = |product: &str, promo: &str, table: &str| {
            let lines = json!([{"product": product, "quantity": 1}]);
            json!({"lines": lines, "expected_total": 25_000, "promo": promo, "table": table})
        };
        let place = |body: Value| {
            let request = buyer.post(&env, "/api/orders").json(&body);
            request.header("idempotency-key", "k")
        };
        let cookie = Buyer {
            cookie: format!("sid={sql}"),
        };
        let requests: Vec<RequestBuilder> = vec![
            buyer.get(&env, &format!("/api/orders/{path}")),
            buyer.get(&env, &format!("/api/promo/{path}")),
            buyer
                .post(&env, &format!("/api/orders/{path}/cancel"))
                .header("idempotency-key", "k"),
            place(order_of(sql, "HEMAT10", "1")),
            place(order_of("kopi-susu", sql, "1")),
            place(order_of("kopi-susu", "HEMAT10", sql)),
            cookie.get(&env, "/api/orders"),
            env.http.get(env.merchant("/api/orders")).bearer_auth(sql),
        ];
        for request in requests {
            let status = request.send().await.unwrap().status();
            assert!(status.is_client_error(), "{sql}: {status}");
        }
        // A key may be any text, and stays one.
        let key = sql.replace(' ', "_");
        assert_eq!(buyer.place(&env, &key).await.status(), StatusCode::CREATED);
        assert_eq!(buyer.place(&env, &key).await.status(), StatusCode::CREATED);
    }
    assert_eq!(names_of_tables(&env).await, tables);
    assert_eq!(rows(&env, "orders").await, 6, "one a key");
    assert_eq!(buyer.see(&env, &order.id).await.id, order.id);
}

/// A source without its tests.
fn shipped(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap_or_default()
}

/// TM31: the text of a statement lives as long as the program, so one that is made at run time is leaked,
/// or given to sqlx in its wrapper for that.
#[test]
fn no_statement_is_made_at_run_time() {
    fn search(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                search(&path, found);
            } else {
                let source = fs::read_to_string(&path).unwrap();
                let is_made = |name| shipped(&source).contains(name);
                if is_made("AssertSqlSafe") || is_made("leak()") {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    let mut found = Vec::new();
    search(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert_eq!(found, [""; 0]);
}

/// TM37
#[tokio::test]
async fn an_id_or_a_token_is_random_and_the_database_takes_each_once() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let (mut tokens, mut orders) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..20 {
        let token = env.sign_in("siti").await.cookie.replace("sid=", "");
        assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit()));
        tokens.insert(token);
        let id = buyer.order(&env).await.id;
        let uuid = Uuid::parse_str(id.as_str()).unwrap();
        assert_eq!(uuid.get_version_num(), 7, "{id}");
        orders.insert(id.as_str().to_owned());
    }
    assert_eq!((tokens.len(), orders.len()), (20, 20));
    let mut database = env.database().await;
    for table in ["customers", "sessions", "orders", "attempts"] {
        let again = format!("insert into {table} select * from {table} limit 1").leak();
        let refused = database.run_script(again).await.unwrap_err().to_string();
        let refused = refused.to_lowercase();
        assert!(refused.contains("unique constraint"), "{table}: {refused}");
    }
}

/// TM40: the cause is in the log.
#[tokio::test]
async fn an_answer_to_a_failure_says_nothing_of_its_cause() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await.id;
    let mut database = env.database().await;
    let rename = |from: &str, to: &str| &*format!("alter table {from} rename to {to}").leak();
    database
        .run_script(rename("sessions", "gone"))
        .await
        .unwrap();
    for request in [
        buyer.get(&env, &format!("/api/orders/{order}")),
        buyer.get(&env, "/api/orders"),
        buyer
            .post(&env, "/api/orders")
            .header("idempotency-key", "k")
            .json(&coffee()),
        buyer.cancel(&env, &order),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem = problem(answer).await;
        assert_eq!(problem.code, ProblemCode::Internal);
        assert_eq!(problem.title, "The merchant has a problem");
        assert_eq!((problem.detail, problem.consent), (None, None));
    }
    database
        .run_script(rename("gone", "sessions"))
        .await
        .unwrap();
}

/// TM34: nothing of the simulator and no failpoint is built into the merchant.
#[tokio::test]
async fn the_merchant_has_no_route_of_the_simulator() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let manifest: toml::Table = manifest.unwrap().parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    assert!(dependencies.contains_key("axum"));
    for tool in ["simulator", "simulation", "test-kit"] {
        assert!(!dependencies.contains_key(tool), "{tool}");
    }
    assert!(
        !manifest["features"]
            .as_table()
            .unwrap()
            .contains_key("default")
    );
    let env = TestEnv::new().await;
    env.build_app();
    for path in [
        "/control/ledger",
        "/control/keys",
        "/bridge/call",
        "/v1/mini-apps/authorizations/token",
        "/v1.0/access-token/b2b",
        "/sdk/stable/gp-container.min.js",
        "/debug",
        "/metrics",
    ] {
        let simulators = env.http.get(format!("http://{}{path}", env.gopay)).send();
        let simulators = simulators.await.unwrap().text().await.unwrap();
        let get = env.http.get(env.merchant(path)).send().await.unwrap();
        let is_page = get.headers()["content-type"] == "text/html; charset=utf-8";
        assert!(is_page || get.status() == StatusCode::NOT_FOUND, "{path}");
        assert_ne!(get.text().await.unwrap(), simulators, "{path}");
        let post = env.http.post(env.merchant(path)).body("{}").send().await;
        assert_eq!(
            post.unwrap().status(),
            StatusCode::METHOD_NOT_ALLOWED,
            "{path}"
        );
    }
}

/// I-34, also where connections to the database are scarce.
#[tokio::test]
async fn pages_that_ask_at_once_get_each_their_own_order() {
    let env = TestEnv::new().await;
    let mut buyers = Vec::new();
    for name in ["budi", "siti", "ani"] {
        let buyer = env.sign_in(name).await;
        let mut orders = Vec::new();
        for _ in 0..2 {
            let order = buyer.order(&env).await;
            let cancelled = buyer.cancel(&env, &order.id).send().await.unwrap();
            assert_eq!(cancelled.status(), StatusCode::OK);
            orders.push(order.id);
        }
        buyers.push((buyer, orders));
    }
    let mut pages = JoinSet::new();
    // An order is asked for several times at once, too.
    for _ in 0..5 {
        for (at, (buyer, _)) in buyers.iter().enumerate() {
            for (of, (_, orders)) in buyers.iter().enumerate() {
                for id in orders {
                    let request = buyer.get(&env, &format!("/api/orders/{id}"));
                    let id = id.clone();
                    pages.spawn(async move { (at == of, id, request.send().await.unwrap()) });
                }
            }
        }
    }
    for (is_own, id, answer) in pages.join_all().await {
        if is_own {
            let order: Order = answer.json().await.unwrap();
            assert_eq!(order.id, id);
            assert_eq!(order.status, OrderStatus::Cancelled);
        } else {
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        }
    }
}
