//! Rewards, reminders and pushes: each once, for the right order, and with a clear end.

use crate::test_database::run_past;
use crate::test_env::{Buyer, TestEnv, problem};
use contract::{Order, OrderStatus, ProblemCode, Reward, RewardKind, RewardStatus, Rupiah};
use merchant::adapters::database::sql;
use merchant::domain::{
    mini_app_request::RequestState,
    mini_app_rules::{
        CoinsKind, CoinsRule, GemsRule, MiniAppRules, Placeholder, ReminderRule, TemplateRule, Text,
    },
};
use serde_json::{Value, json};
use std::{num::NonZeroU64, time::Duration};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};

fn text(text: &str) -> Text {
    Text::parse(text, Placeholder::PAID).unwrap()
}

fn coins(percent: u8) -> MiniAppRules {
    MiniAppRules {
        coins: Some(CoinsRule {
            kind: CoinsKind::Coins,
            percent,
            max: None,
            description: text("Pesanan {order}"),
        }),
        ..MiniAppRules::default()
    }
}

fn gems() -> MiniAppRules {
    MiniAppRules {
        gems: Some(GemsRule {
            amount: NonZeroU64::new(10).unwrap(),
            description: text("Pesanan {order}"),
            mini_app_name: "Kedai Senja".to_owned(),
            activity_name: "order".to_owned(),
        }),
        ..MiniAppRules::default()
    }
}

fn template(name: &str) -> TemplateRule {
    TemplateRule {
        name: name.to_owned(),
        parameters: [("message".to_owned(), text("{total}, kode {pickup_code}"))].into(),
    }
}

fn push() -> MiniAppRules {
    MiniAppRules {
        push: Some(template("KEDAI_ORDER_READY")),
        ..MiniAppRules::default()
    }
}

fn reminder() -> MiniAppRules {
    MiniAppRules {
        reminder: Some(ReminderRule {
            template: template("KEDAI_UNPAID"),
            delay: Duration::ZERO,
        }),
        ..MiniAppRules::default()
    }
}

async fn shop(rules: MiniAppRules) -> (TestEnv, Buyer) {
    let mut env = TestEnv::new().await;
    env.rules = rules;
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    (env, buyer)
}

async fn pay(env: &TestEnv, buyer: &Buyer) -> Order {
    let order = buyer.order(env).await;
    env.act("pay").await;
    buyer.wait_until(env, &order.id, OrderStatus::Paid).await;
    order
}

/// What GoPay has given and shown to the buyer.
async fn at_gopay(env: &TestEnv) -> Value {
    env.ledger().await["buyers"]["budi"].clone()
}

/// Waits until the newest of the requests has come to this state.
async fn wait_for(env: &TestEnv, state: RequestState, how_many: usize) {
    let store = env.store().await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let seen = store.requests(state).await.unwrap();
        (seen.len() == how_many).then_some(()).ok_or(seen)
    })
    .await;
}

/// What is pending is due now.
async fn skip_pauses(env: &TestEnv) {
    sql("update mini_app_requests set try_at = 0 where state = 'pending'")
        .execute(&mut env.database().await)
        .await
        .unwrap();
}

/// The requests of the mini-app API that GoPay carried out or refused, without repeated ones.
async fn requests(env: &TestEnv) -> Vec<Value> {
    let all = env.entries("mini_app_requested").await;
    all.into_iter()
        .filter(|it| it["repeated"] == false)
        .collect()
}

fn of_coins(amount: u64, status: RewardStatus) -> Vec<Reward> {
    vec![Reward {
        kind: RewardKind::Coins,
        amount,
        status,
    }]
}

#[tokio::test]
async fn a_paid_order_brings_coins_that_the_receipt_shows() {
    let (env, buyer) = shop(coins(5)).await;
    let order = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Accepted, 1).await;
    assert_eq!(at_gopay(&env).await["coins"], 2_500);
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.rewards, of_coins(2_500, RewardStatus::Given));
    let sent = &requests(&env).await[0]["request"];
    assert_eq!(sent["reward_type"], "GOPAY_COINS");
    assert_eq!(sent["metadata"]["reference_id"], order.id.as_str());
    let number = &order.id.as_str()[order.id.as_str().len() - 8..];
    let description = format!("Pesanan {}", number.to_ascii_uppercase());
    assert_eq!(sent["description"], description);
}

/// I-47
#[tokio::test]
async fn coins_are_given_once_whatever_is_repeated() {
    let (mut env, buyer) = shop(coins(5)).await;
    env.faults(json!([
        {"on": "rewards", "do": "answer_lost"},
        {"on": "rewards", "do": "html"},
        {"on": "rewards", "do": "error_500"},
    ]))
    .await;
    let order = pay(&env, &buyer).await;
    let reference = env.references().await.remove(0);
    for _ in 0..2 {
        env.repeat(&reference, json!({})).await;
        env.restart_merchant().await;
    }
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        skip_pauses(&env).await;
        let seen = buyer.see(&env, &order.id).await.rewards;
        (seen == of_coins(2_500, RewardStatus::Given))
            .then_some(())
            .ok_or(seen)
    })
    .await;
    assert_eq!(at_gopay(&env).await["coins"], 2_500);
    assert_eq!(
        env.store()
            .await
            .requests(RequestState::Accepted)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn without_a_rule_nothing_is_sent() {
    let (env, buyer) = shop(MiniAppRules::default()).await;
    let order = pay(&env, &buyer).await;
    assert_eq!(buyer.see(&env, &order.id).await.rewards, []);
    assert_eq!(requests(&env).await, Vec::<Value>::new());
    let staff = env.staff().await;
    let listed = staff.requests(true).await.unwrap();
    assert_eq!(
        listed,
        "dead letter: 0, refused: 0, pending: 0, accepted: 0, not needed: 0"
    );
}

#[tokio::test]
async fn gems_are_given_read_and_collected() {
    let (env, buyer) = shop(gems()).await;
    let order = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Accepted, 1).await;
    let staff = env.staff().await;
    let id = order.id.as_str();
    let balance = staff.gems(env.config(), id).await.unwrap();
    assert_eq!(balance, format!("the buyer of {id} has 10 gems"));
    let apps = env.config().mini_apps;
    let four = NonZeroU64::new(4).unwrap();
    for _ in 0..2 {
        let entered = staff.collect_gems(&apps, id, four, "A").await.unwrap();
        assert!(
            entered.contains("is entered") || entered.contains("before"),
            "{entered}"
        );
    }
    let five = NonZeroU64::new(5).unwrap();
    let conflict = staff.collect_gems(&apps, id, five, "A").await.unwrap_err();
    assert!(
        conflict.to_string().contains("another amount"),
        "{conflict}"
    );
    wait_for(&env, RequestState::Accepted, 2).await;
    assert_eq!(at_gopay(&env).await["gems"], 6);
    let sent = &requests(&env).await[0]["request"]["metadata"];
    assert_eq!(sent["activity_name"], "order");
}

#[tokio::test]
async fn a_reward_is_not_sent_for_money_that_went_back_before() {
    let rules = MiniAppRules {
        reward_delay: Duration::from_hours(1),
        ..coins(10)
    };
    let (env, buyer) = shop(rules).await;
    let order = pay(&env, &buyer).await;
    let staff = env.staff().await;
    staff.refund(order.id.as_str(), None).await.unwrap();
    buyer
        .wait_until(&env, &order.id, OrderStatus::Refunded)
        .await;
    skip_pauses(&env).await;
    wait_for(&env, RequestState::NotNeeded, 1).await;
    assert_eq!(requests(&env).await, Vec::<Value>::new());
    assert_eq!(buyer.see(&env, &order.id).await.rewards, []);
}

#[tokio::test]
async fn coins_given_for_money_that_went_back_shrink_the_next_reward() {
    let (env, buyer) = shop(coins(10)).await;
    let first = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Accepted, 1).await;
    let staff = env.staff().await;
    let part = Some(Rupiah::new(20_000));
    staff.refund(first.id.as_str(), part).await.unwrap();
    buyer
        .wait_until(&env, &first.id, OrderStatus::PartiallyRefunded)
        .await;
    let second = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Accepted, 2).await;
    let seen = buyer.see(&env, &second.id).await;
    assert_eq!(seen.rewards, of_coins(3_000, RewardStatus::Given));
    assert_eq!(at_gopay(&env).await["coins"], 8_000);
    let third = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Accepted, 3).await;
    let seen = buyer.see(&env, &third.id).await;
    assert_eq!(seen.rewards, of_coins(5_000, RewardStatus::Given));
}

#[tokio::test]
async fn a_buyer_whom_gopay_gives_nothing_is_told_so() {
    let (env, buyer) = shop(coins(5)).await;
    let refused = json!({"refused_buyers": ["budi"]});
    env.control_put("mini-app", refused).await;
    let order = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Refused, 1).await;
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.rewards, of_coins(2_500, RewardStatus::Refused));
    let listed = env.staff().await.requests(false).await.unwrap();
    assert!(listed.contains("refused (4060)"), "{listed}");
    assert!(listed.contains("points them to GoPay's Help"), "{listed}");
}

#[tokio::test]
async fn what_gopay_has_not_configured_waits_for_staff() {
    let (env, buyer) = shop(coins(5)).await;
    let none = json!({"reward_types": []});
    env.control_put("mini-app", none).await;
    let order = pay(&env, &buyer).await;
    wait_for(&env, RequestState::DeadLetter, 1).await;
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.rewards, of_coins(2_500, RewardStatus::Pending));
    let staff = env.staff().await;
    let listed = staff.requests(false).await.unwrap();
    assert!(listed.contains("dead letter  coins 2500"), "{listed}");
    assert!(listed.contains("ask GoPay for it"), "{listed}");
    env.control_put("mini-app", json!({})).await;
    let id = env
        .store()
        .await
        .requests(RequestState::DeadLetter)
        .await
        .unwrap()[0]
        .0
        .id
        .clone();
    staff.retry_request(&id, false).await.unwrap();
    wait_for(&env, RequestState::Accepted, 1).await;
    assert_eq!(at_gopay(&env).await["coins"], 2_500);
    let twice = staff.retry_request(&id, true).await.unwrap_err();
    assert!(twice.to_string().contains("is accepted"), "{twice}");
}

/// The wallet is the merchant's: a failure without a reason is tried again, and then says so.
#[tokio::test]
async fn a_wallet_that_runs_dry_is_named_to_staff_and_filled_in_time() {
    let (env, buyer) = shop(coins(5)).await;
    env.control_put("mini-app", json!({"wallet": 100})).await;
    pay(&env, &buyer).await;
    let store = env.store().await;
    let pending = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let seen = store.requests(RequestState::Pending).await.unwrap();
        let tried = seen.iter().any(|(it, _)| it.answer.is_some());
        tried.then(|| seen[0].0.clone()).ok_or(seen)
    })
    .await;
    assert!(pending.answer.unwrap().contains("(900)"));
    env.control_put("mini-app", json!({"wallet": 10_000})).await;
    skip_pauses(&env).await;
    wait_for(&env, RequestState::Accepted, 1).await;
    assert_eq!(at_gopay(&env).await["coins"], 2_500);
}

#[tokio::test]
async fn a_token_that_gopay_does_not_take_leads_to_a_silent_sign_in() {
    let (env, buyer) = shop(coins(5)).await;
    env.faults(json!([{"on": "rewards", "do": "error_code", "value": "110"}]))
        .await;
    let order = pay(&env, &buyer).await;
    let listed = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let listed = env.staff().await.requests(false).await.unwrap();
        let waits = listed.contains("until the buyer signs in again");
        waits.then(|| listed.clone()).ok_or(listed)
    })
    .await;
    assert!(listed.contains("token inactive (110)"), "{listed}");
    let path = format!("/api/orders/{}", order.id);
    let ended = problem(buyer.get(&env, &path).send().await.unwrap()).await;
    assert_eq!(ended.code, ProblemCode::SessionRequired);
    let buyer = env.sign_in("budi").await;
    wait_for(&env, RequestState::Accepted, 1).await;
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.rewards, of_coins(2_500, RewardStatus::Given));
}

#[tokio::test]
async fn a_token_that_is_refused_again_after_a_sign_in_waits_for_staff() {
    let (env, buyer) = shop(push()).await;
    let refused = json!({"on": "push", "do": "error_code", "value": "5003"});
    env.faults(json!([refused, refused])).await;
    pay(&env, &buyer).await;
    let store = env.store().await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let seen = store.requests(RequestState::Pending).await.unwrap();
        let waits = seen.iter().any(|(_, awaits_sign_in)| *awaits_sign_in);
        waits.then_some(()).ok_or(seen)
    })
    .await;
    let buyer = env.sign_in("budi").await;
    wait_for(&env, RequestState::DeadLetter, 1).await;
    let listed = env.staff().await.requests(false).await.unwrap();
    assert!(listed.contains("may use this API"), "{listed}");
    let orders = buyer.orders(&env).await;
    assert_eq!(orders.len(), 1, "the new session stays");
}

/// I-47: a buyer who comes back after days signs in, and a reward that GoPay may have given is not sent
/// under an id that GoPay may have forgotten.
#[tokio::test]
async fn a_reward_that_may_have_been_given_is_not_sent_again_days_later() {
    let (env, buyer) = shop(coins(5)).await;
    env.faults(json!([
        {"on": "rewards", "do": "answer_lost"},
        {"on": "rewards", "do": "error_code", "value": "110"},
    ]))
    .await;
    pay(&env, &buyer).await;
    let store = env.store().await;
    let id = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        skip_pauses(&env).await;
        let seen = store.requests(RequestState::Pending).await.unwrap();
        let waiting = seen.iter().find(|(_, awaits_sign_in)| *awaits_sign_in);
        waiting.map(|(request, _)| request.id.clone()).ok_or(seen)
    })
    .await;
    let mut database = env.database().await;
    let long_ago = "update mini_app_requests set first_sent_at = first_sent_at - 86400000";
    let trigger = "what_was_sent_does_not_change";
    run_past(&mut database, trigger, "mini_app_requests", long_ago).await;
    env.sign_in("budi").await;
    wait_for(&env, RequestState::DeadLetter, 1).await;
    assert_eq!(at_gopay(&env).await["coins"], 2_500);
    let staff = env.staff().await;
    let refused = staff.retry_request(&id, false).await.unwrap_err();
    assert!(refused.to_string().contains("say --again"), "{refused}");
    staff.retry_request(&id, true).await.unwrap();
    wait_for(&env, RequestState::Accepted, 1).await;
}

#[tokio::test]
async fn a_push_tells_of_the_receipt_with_the_orders_own_words() {
    let (env, buyer) = shop(push()).await;
    let order = pay(&env, &buyer).await;
    wait_for(&env, RequestState::Accepted, 1).await;
    let code = buyer.see(&env, &order.id).await.pickup_code.unwrap();
    let pushes = &at_gopay(&env).await["pushes"];
    let expected = json!([{
        "mini_app": "kedai",
        "template_name": "KEDAI_ORDER_READY",
        "template_parameters": {"message": format!("Rp50.000, kode {code}")},
    }]);
    assert_eq!(*pushes, expected);
}

#[tokio::test]
async fn a_template_that_gopay_does_not_have_waits_for_staff() {
    let (env, buyer) = shop(push()).await;
    env.control_put("mini-app", json!({"templates": []})).await;
    pay(&env, &buyer).await;
    wait_for(&env, RequestState::DeadLetter, 1).await;
    let listed = env.staff().await.requests(false).await.unwrap();
    assert!(listed.contains("GoPay has no such template"), "{listed}");
}

#[tokio::test]
async fn a_reminder_of_an_unpaid_order_is_removed_when_it_is_paid() {
    let (env, buyer) = shop(reminder()).await;
    let order = buyer.order(&env).await;
    wait_for(&env, RequestState::Accepted, 1).await;
    let reminders = at_gopay(&env).await["reminders"].clone();
    assert_eq!(reminders.as_array().unwrap().len(), 1);
    assert_eq!(reminders[0]["template_name"], "KEDAI_UNPAID");
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    wait_for(&env, RequestState::Accepted, 2).await;
    assert_eq!(at_gopay(&env).await["reminders"], json!([]));
}

/// GoPay's answer is lost, so the merchant does not know the reminder when the order ends: it asks
/// for the same again, and removes it.
#[tokio::test]
async fn a_reminder_whose_answer_was_lost_is_removed_all_the_same() {
    let (env, buyer) = shop(reminder()).await;
    env.faults(json!([{"on": "reminder", "do": "answer_lost"}]))
        .await;
    let order = buyer.order(&env).await;
    env.wait_for("mini_app_requested", 0).await;
    buyer.cancel(&env, &order.id).send().await.unwrap();
    skip_pauses(&env).await;
    buyer
        .wait_until(&env, &order.id, OrderStatus::Cancelled)
        .await;
    wait_for(&env, RequestState::Accepted, 2).await;
    assert_eq!(at_gopay(&env).await["reminders"], json!([]));
    assert_eq!(requests(&env).await.len(), 2, "one creation, one removal");
}

#[tokio::test]
async fn an_order_that_is_paid_at_once_needs_no_reminder() {
    let rules = MiniAppRules {
        reminder: Some(ReminderRule {
            delay: Duration::from_mins(3),
            ..reminder().reminder.unwrap()
        }),
        ..MiniAppRules::default()
    };
    let (env, buyer) = shop(rules).await;
    pay(&env, &buyer).await;
    skip_pauses(&env).await;
    wait_for(&env, RequestState::NotNeeded, 1).await;
    assert_eq!(requests(&env).await, Vec::<Value>::new());
}
