//! Asks GoPay for the buyer's name, through the merchant. Invariant: the name is in memory only.

use super::{Answer, State};
use crate::api;
use crate::browser::storage;
use crate::context::Context;
use crate::session::{self, reauth};
use crate::text::Message;
use crate::user_error::UserError;
use contract::{ProblemCode, Profile};
use gopay_container::consent::{Consent, get_consent};
use leptos::prelude::*;

/// The buyer agrees to be called by the name that GoPay knows.
pub async fn agree(context: Context) {
    if context.profile.get_untracked() != State::Open {
        return;
    }
    context.profile.set(State::Asking);
    let (answer, name) = ask(context).await;
    // The buyer has skipped meanwhile. The merchant may have got the name all the same.
    if context.profile.get_untracked() != State::Asking {
        if name.is_some() {
            let _ = forget_name(context).await;
        }
        return;
    }
    if answer.is_final() {
        storage::save_name_declined();
    }
    context
        .profile
        .update(|state| *state = state.answered(answer));
    match name {
        Some(name) => {
            context.session.update(|state| {
                if let session::State::In(session) = state {
                    session.customer.name = Some(name.clone());
                }
            });
            context.notify(Message::OnBehalf(name));
        }
        None => context.announcement.set(Some(Message::WithoutName)),
    }
}

/// The buyer declines, for good.
pub fn skip(context: Context) {
    storage::save_name_declined();
    context.profile.set(State::Settled);
}

/// The buyer has the name forgotten.
pub async fn forget(context: Context) {
    match forget_name(context).await {
        Ok(_) => {
            skip(context);
            context.session.update(|state| {
                if let session::State::In(session) = state {
                    session.customer.name = None;
                }
            });
            context.announcement.set(Some(Message::WithoutName));
        }
        Err(error) => context.notify(Message::ErrorTitle(error)),
    }
}

async fn forget_name(context: Context) -> Result<Profile, UserError> {
    reauth::with_reauth(*context.session, *context.cart, api::forget_profile).await
}

async fn ask(context: Context) -> (Answer, Option<String>) {
    let scope = match fetch_name(context).await {
        // Unverified: that GoPay names the consent. An unnamed consent cannot be requested.
        Ok(NameAnswer::ConsentRequired(Some(scope))) => scope,
        answer => return read(answer),
    };
    match get_consent(&scope).await {
        Ok(Consent::Granted) => read(fetch_name(context).await),
        Ok(_) => (Answer::Refused, None),
        Err(_) => (Answer::Failed, None),
    }
}

enum NameAnswer {
    Profile(Profile),
    /// The buyer has not consented; the scope, where GoPay names it.
    ConsentRequired(Option<String>),
}

async fn fetch_name(context: Context) -> Result<NameAnswer, UserError> {
    let request = async || match api::fetch_profile().await {
        Err(api::Error::Problem(problem)) if problem.code == ProblemCode::ConsentRequired => {
            Ok(NameAnswer::ConsentRequired(problem.consent))
        }
        answer => answer.map(NameAnswer::Profile),
    };
    reauth::with_reauth(*context.session, *context.cart, request).await
}

fn read(answer: Result<NameAnswer, UserError>) -> (Answer, Option<String>) {
    match answer {
        Ok(NameAnswer::Profile(Profile { name: Some(name) })) => (Answer::Named, Some(name)),
        Ok(NameAnswer::Profile(Profile { name: None })) => (Answer::Nameless, None),
        Ok(NameAnswer::ConsentRequired(_)) | Err(_) => (Answer::Failed, None),
    }
}
