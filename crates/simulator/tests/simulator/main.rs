//! The simulator over real HTTP, with a merchant written from GoPay's documents.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests assert by unwrapping too"
)]

mod access_token;
mod authorization;
mod bridge;
mod cancel;
mod control;
mod keys;
mod merchant;
mod notifications;
mod pages;
mod payment;
mod receiver;
mod signature;
mod status;
