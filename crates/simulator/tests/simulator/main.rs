//! The simulator over real HTTP, with a merchant written from GoPay's documents.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests assert by unwrapping too"
)]

mod access_token;
mod authorization;
mod bridge;
mod cancel;
mod contract;
mod control;
mod faults;
mod gallery;
mod keys;
mod merchant;
mod notifications;
mod package;
mod pages;
mod payment;
mod phone;
mod profile;
mod receiver;
mod refund;
mod signature;
mod status;
