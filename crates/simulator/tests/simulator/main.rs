//! The simulator over HTTP, with a merchant written from GoPay's documents.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests assert by unwrapping too"
)]

mod access_token;
mod authorization;
mod bridge;
mod buyers;
mod cancel;
mod check;
mod command;
mod contract;
mod control;
mod core_api;
mod disagreements;
mod effects;
mod exchanges;
mod faults;
mod gallery;
mod keys;
mod merchant;
mod merchants;
mod mini_app;
mod mini_app_check;
mod mini_apps;
mod notifications;
mod outcomes;
mod package;
mod pages;
mod payment;
mod profile;
mod receiver;
mod recording;
mod refund;
mod rules;
mod sandbox;
mod sdk_faults;
mod seed;
mod signature;
mod snap;
mod status;
