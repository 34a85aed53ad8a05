//! Rewards, gems, reminders and pushes of the mini-app API.

use crate::merchant::{EXCHANGE, Merchant, read, text};
use reqwest::Method;
use serde_json::{Value, json};

const REWARDS: &str = "/v1/mini-apps/rewards";
const GEMS_BALANCE: &str = "/v1/mini-apps/gems/balance";
const OLDER_GEMS_BALANCE: &str = "/v1/mini-apps/users/gems/balance";
const GEMS_COLLECT: &str = "/v1/mini-apps/gems/collect";
const REMINDER: &str = "/v1/mini-apps/reminder";
const PUSH: &str = "/v1/mini-apps/notifications/push";
const PROFILE: &str = "/v1/mini-apps/users/profile";

/// The endpoints that need a `Request-Id`, and a good request to each.
fn requests() -> [(&'static str, Method, &'static str, Value); 4] {
    [
        ("rewards", Method::POST, REWARDS, coins(10_000)),
        ("gems_balance", Method::GET, GEMS_BALANCE, Value::Null),
        ("gems_collect", Method::POST, GEMS_COLLECT, collection(1)),
        ("push", Method::POST, PUSH, push()),
    ]
}

fn coins(value: u64) -> Value {
    json!({
        "amount": {"currency": "IDR", "value": value},
        "description": "Cashback for daily check-in",
        "reward_type": "GOPAY_COINS",
        "metadata": {"reference_id": "123"},
    })
}

fn gems(value: u64) -> Value {
    let mut gems = coins(value);
    gems["reward_type"] = json!("GOPAY_GEMS");
    gems["metadata"] = json!({"mini_app_name": "GoPay Pet", "activity_name": "check-in"});
    gems
}

fn collection(value: u64) -> Value {
    json!({
        "amount": {"currency": "IDR", "value": value},
        "description": "Gopay gems collect tesing",
        "metadata": {"mini_app_name": "GoPay Pet", "activity_name": "race"},
    })
}

fn reminder() -> Value {
    json!({
        "template_name": "KEDAI_PICK_UP",
        "reminder_id": "<reminder_id>",
        "template_parameters": {
            "message": "Food is ready",
            "cta_label_en": "Track",
            "cta_label_id": "Track",
            "amount": 12_000,
        },
    })
}

fn push() -> Value {
    json!({
        "template_name": "KEDAI_ORDER_READY",
        "template_parameters": {"amount": "100000", "currency": "IDR"},
    })
}

/// A buyer's merchant.
struct Caller {
    merchant: Merchant,
    auth_token: String,
}

impl Caller {
    async fn new() -> Self {
        let merchant = Merchant::new().await;
        let auth_token = merchant.auth_token("budi").await;
        Self {
            merchant,
            auth_token,
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> (u16, Value) {
        let url = format!("{}{path}", self.merchant.url);
        let mut request = self.merchant.http.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await
    }

    /// A request of the buyer with this token, under this `Request-Id` if there is one.
    async fn call_as(
        &self,
        auth_token: &str,
        method: Method,
        path: &str,
        request_id: &str,
        body: &Value,
    ) -> (u16, Value) {
        let bearer = format!("Bearer {auth_token}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Request-Id", request_id),
        ];
        let used = if request_id.is_empty() { 1 } else { 2 };
        self.send(method, path, &headers[..used], body.to_string())
            .await
    }

    async fn call(&self, method: Method, path: &str, id: &str, body: &Value) -> (u16, Value) {
        self.call_as(&self.auth_token, method, path, id, body).await
    }

    async fn post(&self, path: &str, id: &str, body: &Value) -> (u16, Value) {
        self.call(Method::POST, path, id, body).await
    }

    async fn configure(&self, settings: Value) {
        let path = "/control/mini-app";
        let (status, answer) = self.merchant.control(Method::PUT, path, settings).await;
        assert_eq!(status, 200, "{answer}");
    }

    async fn ledger(&self) -> Value {
        self.merchant.ask(Method::GET, "/control/ledger").await.1
    }
}

fn code((status, answer): &(u16, Value)) -> (u16, &str) {
    assert_eq!(answer["success"], false, "{answer}");
    let code = answer["error"]["code"].as_str();
    (*status, code.unwrap_or_default())
}

#[tokio::test]
async fn rewards_are_given_from_the_merchants_wallet() {
    let caller = Caller::new().await;
    caller.configure(json!({"wallet": 25_000})).await;
    let (status, given) = caller.post(REWARDS, "1", &coins(10_000)).await;
    assert_eq!((status, &given["success"]), (200, &json!(true)));
    assert!(text(&given["data"]["payment_id"]).starts_with("01"));
    let mut emoney = coins(5_000);
    emoney["reward_type"] = json!("EMONEY");
    assert_eq!(caller.post(REWARDS, "2", &emoney).await.0, 200);
    assert_eq!(caller.post(REWARDS, "3", &gems(2_000)).await.0, 200);
    let dry = caller.post(REWARDS, "4", &coins(8_001)).await;
    assert_eq!(code(&dry), (500, "900"));

    let ledger = caller.ledger().await;
    assert_eq!(ledger["mini_app"]["wallet"], 8_000);
    let budi = &ledger["buyers"]["budi"];
    assert_eq!(budi["coins"], 10_000);
    assert_eq!(budi["emoney"], 5_000);
    assert_eq!(budi["gems"], 2_000);
    let entries = caller.merchant.entries("mini_app_requested").await;
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0]["on"], "rewards");
    assert_eq!(entries[0]["buyer"], "budi");
    assert_eq!(entries[0]["request"], coins(10_000));
    assert_eq!(entries[0]["data"], given["data"]);
    assert_eq!(entries[3]["outcome"], "GENERIC_SERVICE_ERROR");
    assert_eq!(entries[3].get("request"), None);
    assert!(!ledger.to_string().contains(&caller.auth_token));
    caller.configure(json!({})).await;
    assert_eq!(caller.post(REWARDS, "4", &coins(8_001)).await.0, 200);
}

#[tokio::test]
async fn the_older_address_of_the_gems_is_refused_by_a_literal_gopay() {
    let caller = Caller::new().await;
    caller.post(REWARDS, "1", &gems(1_000)).await;
    for (requests, status) in [("each_form", 200), ("literal", 501)] {
        let switch = json!({"requests": requests});
        let merchant = &caller.merchant;
        merchant
            .control(Method::PUT, "/control/checkout", switch)
            .await;
        let answer = caller
            .call(Method::GET, OLDER_GEMS_BALANCE, requests, &Value::Null)
            .await;
        assert_eq!(answer.0, status, "{}", answer.1);
        if status == 200 {
            assert_eq!(answer.1["data"]["balance"], 1_000);
        }
    }
}

#[tokio::test]
async fn gems_are_counted_and_collected() {
    let caller = Caller::new().await;
    let balance = async |id: &str| {
        let answer = caller
            .call(Method::GET, GEMS_BALANCE, id, &Value::Null)
            .await;
        assert_eq!(answer.0, 200);
        answer.1["data"]["balance"].clone()
    };
    assert_eq!(balance("1").await, 0);
    caller.post(REWARDS, "2", &gems(1_000)).await;
    assert_eq!(balance("3").await, 1_000);
    let (status, collected) = caller.post(GEMS_COLLECT, "4", &collection(400)).await;
    assert_eq!(status, 200);
    assert!(collected["data"]["payment_id"].is_string());
    assert_eq!(balance("5").await, 600);
    let too_many = caller.post(GEMS_COLLECT, "6", &collection(601)).await;
    assert_eq!(code(&too_many), (400, "43001"));
    assert_eq!(balance("7").await, 600);
    let wallet = &caller.ledger().await["mini_app"]["wallet"];
    assert_eq!(*wallet, 10_000_000 - 1_000);
}

#[tokio::test]
async fn a_reminder_is_shown_until_its_removal() {
    let caller = Caller::new().await;
    let mut ids = Vec::new();
    for request_id in ["", ""] {
        let (status, created) = caller
            .call(Method::PUT, REMINDER, request_id, &reminder())
            .await;
        assert_eq!(status, 200);
        ids.push(text(&created["data"]["reminder_id"]));
    }
    let reminders = async || caller.ledger().await["buyers"]["budi"]["reminders"].clone();
    let shown = reminders().await;
    assert_eq!(shown.as_array().unwrap().len(), 2);
    assert_eq!(shown[0]["reminder_id"], json!(ids[0]));
    assert_eq!(shown[0]["mini_app"], "kedai");
    assert_eq!(shown[0]["template_name"], "KEDAI_PICK_UP");
    let parameters = reminder()["template_parameters"].clone();
    assert_eq!(shown[0]["template_parameters"], parameters);

    let path = format!("{REMINDER}/{}", ids[0]);
    let remove = async |token: &str, id: &str| {
        caller
            .call_as(token, Method::DELETE, &path, id, &Value::Null)
            .await
    };
    let siti = caller.merchant.auth_token("siti").await;
    let not_found = json!({"success": false, "error": {"description": "Reminder not found"}});
    assert_eq!(remove(&siti, "").await, (404, not_found.clone()));
    let done = (200, json!({"success": true}));
    assert_eq!(remove(&caller.auth_token, "1").await, done);
    assert_eq!(remove(&caller.auth_token, "1").await, done);
    assert_eq!(remove(&caller.auth_token, "").await, (404, not_found));
    assert_eq!(reminders().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_push_reaches_its_buyer_only() {
    let caller = Caller::new().await;
    let answer = caller.post(PUSH, "1", &push()).await;
    assert_eq!(answer, (200, json!({"success": true})));
    let buyers = &caller.ledger().await["buyers"];
    let mut shown = push();
    shown["mini_app"] = json!("kedai");
    assert_eq!(buyers["budi"]["pushes"], json!([shown]));
    assert_eq!(buyers["siti"], Value::Null);
}

#[tokio::test]
async fn a_repeated_request_id_has_one_answer_and_one_effect() {
    let caller = Caller::new().await;
    caller.post(REWARDS, "gems", &gems(1_000)).await;
    for (endpoint, method, path, body) in requests() {
        let first = caller.call(method.clone(), path, "1", &body).await;
        assert_eq!(first.0, 200, "{endpoint}");
        let again = caller.call(method, path, "1", &body).await;
        assert_eq!(first, again, "{endpoint}");
    }
    let first = caller.call(Method::PUT, REMINDER, "1", &reminder()).await;
    let again = caller.call(Method::PUT, REMINDER, "1", &reminder()).await;
    assert_eq!(first, again);
    let ledger = caller.ledger().await;
    let budi = &ledger["buyers"]["budi"];
    assert_eq!(
        (&budi["coins"], &budi["gems"]),
        (&json!(10_000), &json!(999))
    );
    assert_eq!(budi["pushes"].as_array().unwrap().len(), 1);
    assert_eq!(budi["reminders"].as_array().unwrap().len(), 1);
    let entries = caller.merchant.entries("mini_app_requested").await;
    let repeated = entries.iter().filter(|entry| entry["repeated"] == true);
    assert_eq!(repeated.count(), 5);

    let other = caller.post(REWARDS, "1", &coins(1)).await;
    assert_eq!(code(&other), (409, "310"));
    let siti = caller.merchant.auth_token("siti").await;
    let other = caller
        .call_as(&siti, Method::POST, REWARDS, "1", &coins(10_000))
        .await;
    assert_eq!(code(&other), (409, "310"));
}

#[tokio::test]
async fn a_refused_request_id_can_be_used_again() {
    let caller = Caller::new().await;
    caller.configure(json!({"wallet": 0})).await;
    assert_eq!(code(&caller.post(REWARDS, "1", &coins(1)).await).0, 500);
    caller.configure(json!({})).await;
    assert_eq!(caller.post(REWARDS, "1", &coins(1)).await.0, 200);
}

#[tokio::test]
async fn token_and_request_id_are_checked() {
    let caller = Caller::new().await;
    let bearer = format!("Bearer {}", caller.auth_token);
    let id = ("Request-Id", "1");
    let all = requests()
        .into_iter()
        .chain([("reminder", Method::PUT, REMINDER, reminder())]);
    for (endpoint, method, path, body) in all {
        for (headers, refused) in [
            (vec![id], (401, "303")),
            (vec![id, ("Authorization", "")], (401, "303")),
            (
                vec![id, ("Authorization", &*caller.auth_token)],
                (401, "310"),
            ),
            (vec![id, ("Authorization", "Bearer no")], (401, "110")),
            (vec![("Authorization", &*bearer)], (400, "303")),
        ] {
            if endpoint == "reminder" && refused == (400, "303") {
                continue;
            }
            let answer = caller
                .send(method.clone(), path, &headers, body.to_string())
                .await;
            assert_eq!(code(&answer), refused, "{endpoint}");
        }
    }
    assert_eq!(caller.ledger().await["buyers"], json!({}));
}

/// Changes one field of a body, or takes it away.
fn with(mut body: Value, pointer: &str, value: Value) -> String {
    *body.pointer_mut(pointer).unwrap() = value;
    body.to_string()
}

#[tokio::test]
async fn a_body_of_another_form_is_refused() {
    let caller = Caller::new().await;
    let long = json!("x".repeat(257));
    let sample = json!({"mini_app_name": "GoPay Pet"});
    for (path, body, refused) in [
        (REWARDS, "{".to_owned(), "902"),
        (REWARDS, "{}".to_owned(), "310"),
        (
            REWARDS,
            with(coins(1), "/reward_type", json!("CASH")),
            "310",
        ),
        (REWARDS, coins(0).to_string(), "305"),
        (REWARDS, with(coins(1), "/amount/value", json!(-1)), "305"),
        (REWARDS, with(coins(1), "/amount/value", json!("1")), "305"),
        (
            REWARDS,
            with(coins(1), "/amount/currency", json!("USD")),
            "305",
        ),
        (REWARDS, with(coins(1), "/description", long.clone()), "305"),
        (REWARDS, with(coins(1), "/description", json!("")), "305"),
        (REWARDS, with(gems(1), "/metadata", sample.clone()), "305"),
        (GEMS_COLLECT, String::new(), "902"),
        (GEMS_COLLECT, collection(0).to_string(), "305"),
        (
            GEMS_COLLECT,
            with(collection(1), "/metadata", sample),
            "305",
        ),
        (
            GEMS_COLLECT,
            with(collection(1), "/description", long),
            "305",
        ),
        (PUSH, "<html>".to_owned(), "902"),
        (PUSH, "{}".to_owned(), "305"),
        (
            PUSH,
            with(push(), "/template_parameters", Value::Null),
            "305",
        ),
        (
            PUSH,
            with(push(), "/template_parameters/amount", json!(1)),
            "2903",
        ),
        (PUSH, with(push(), "/template_name", json!("NO")), "40003"),
        (REMINDER, "{".to_owned(), "310"),
        (
            REMINDER,
            with(reminder(), "/template_parameters", json!([])),
            "310",
        ),
        (
            REMINDER,
            with(reminder(), "/template_name", json!("NO")),
            "40003",
        ),
    ] {
        let method = if path == REMINDER {
            Method::PUT
        } else {
            Method::POST
        };
        let bearer = format!("Bearer {}", caller.auth_token);
        let headers = [("Authorization", &*bearer), ("Request-Id", "1")];
        let answer = caller.send(method, path, &headers, body.clone()).await;
        let status = if refused == "40003" { 404 } else { 400 };
        assert_eq!(code(&answer), (status, refused), "{path} {body}");
    }
    assert_eq!(caller.ledger().await["buyers"], json!({}));
}

#[tokio::test]
async fn gopay_refuses_what_is_not_configured() {
    let caller = Caller::new().await;
    for (settings, path, body, refused) in [
        (
            json!({"reward_types": ["GOPAY_GEMS"]}),
            REWARDS,
            coins(1),
            (404, "40006"),
        ),
        (
            json!({"reward_types": ["GOPAY_COINS"]}),
            REWARDS,
            gems(1),
            (404, "19007"),
        ),
        (
            json!({"reward_types": []}),
            GEMS_COLLECT,
            collection(1),
            (404, "19007"),
        ),
        (json!({"max_gems": 9}), REWARDS, gems(10), (400, "43001")),
        (
            json!({"max_gems": 9}),
            GEMS_COLLECT,
            collection(10),
            (400, "43001"),
        ),
        (
            json!({"refused_buyers": ["budi"]}),
            REWARDS,
            coins(1),
            (403, "4060"),
        ),
        (json!({"templates": []}), PUSH, push(), (404, "40003")),
    ] {
        caller.configure(settings.clone()).await;
        let answer = caller.post(path, "1", &body).await;
        assert_eq!(code(&answer), refused, "{settings} {path}");
    }
    caller.configure(json!({"refused_buyers": ["budi"]})).await;
    let siti = caller.merchant.auth_token("siti").await;
    let given = caller
        .call_as(&siti, Method::POST, REWARDS, "2", &coins(1))
        .await;
    assert_eq!(given.0, 200);
    let wrong = json!({"nonsense": 1});
    let path = "/control/mini-app";
    let (status, _) = caller.merchant.control(Method::PUT, path, wrong).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn every_code_of_the_pages_can_be_planned() {
    let caller = Caller::new().await;
    let endpoints = requests().into_iter().chain([
        ("reminder", Method::PUT, REMINDER, reminder()),
        ("profile", Method::GET, PROFILE, Value::Null),
        ("authorization", Method::POST, EXCHANGE, Value::Null),
    ]);
    for (endpoint, method, path, body) in endpoints {
        for (planned, status) in [
            ("105", 404),
            ("110", 401),
            ("159", 404),
            ("303", 400),
            ("305", 400),
            ("310", 400),
            ("900", 500),
            ("902", 400),
            ("2903", 400),
            ("4060", 403),
            ("5003", 401),
            ("19007", 404),
            ("40001", 404),
            ("40003", 404),
            ("40006", 404),
            ("43001", 400),
            ("400001", 404),
            ("400002", 404),
            ("400004", 403),
            ("another", 400),
        ] {
            let fault = json!([{"on": endpoint, "do": "error_code", "value": planned}]);
            let path_of_plan = "/control/faults";
            let (accepted, _) = caller
                .merchant
                .control(Method::PUT, path_of_plan, fault)
                .await;
            assert_eq!(accepted, 200);
            let answer = caller.call(method.clone(), path, "1", &body).await;
            assert_eq!(code(&answer), (status, planned), "{endpoint}");
        }
    }
    assert_eq!(caller.ledger().await["buyers"], json!({}));
    for wrong in [
        json!({"on": "payment", "do": "error_code"}),
        json!({"on": "rewards", "do": "error_code", "value": 4060}),
        json!({"on": "rewards", "do": "error_code", "case": 1}),
    ] {
        let (path, fault) = ("/control/faults", json!([wrong]));
        let (status, _) = caller.merchant.control(Method::PUT, path, fault).await;
        assert_eq!(status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_repeated_under_its_request_id() {
    let caller = Caller::new().await;
    let fault = json!([{"on": "rewards", "do": "html"}, {"on": "rewards", "do": "error_500"}]);
    caller
        .merchant
        .control(Method::PUT, "/control/faults", fault)
        .await;
    let lost = caller.post(REWARDS, "1", &coins(10_000)).await;
    assert!(lost.1.is_string());
    let failed = caller.post(REWARDS, "1", &coins(10_000)).await;
    assert_eq!(code(&failed), (500, "900"));
    let given = caller.post(REWARDS, "1", &coins(10_000)).await;
    assert!(given.1["data"]["payment_id"].is_string());
    let ledger = caller.ledger().await;
    assert_eq!(ledger["buyers"]["budi"]["coins"], 10_000);
    caller.merchant.ask(Method::POST, "/control/reset").await;
    assert_eq!(caller.ledger().await["buyers"], json!({}));
}
