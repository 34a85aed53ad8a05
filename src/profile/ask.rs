//! Asks GoPay, by way of the merchant, what the buyer is called. Invariant: the name is in
//! memory only.

use super::{Answer, State};
use crate::api;
use crate::browser::storage;
use crate::context::Context;
use crate::session::{self, again};
use crate::text::Message;
use crate::trouble::Trouble;
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
    // Whoever has gone on without a name meanwhile has said what they want, and the merchant
    // may have learned it all the same.
    if context.profile.get_untracked() != State::Asking {
        if name.is_some() {
            let _ = take_back(context).await;
        }
        return;
    }
    if answer.is_final() {
        storage::keep_nameless();
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
            context.tell(Message::OnBehalf(name));
        }
        None => context.announcement.set(Some(Message::WithoutName)),
    }
}

/// They would rather not, now or any more.
pub fn skip(context: Context) {
    storage::keep_nameless();
    context.profile.set(State::Settled);
}

/// They were called by name, and would rather not be any more.
pub async fn forget(context: Context) {
    match take_back(context).await {
        Ok(_) => {
            skip(context);
            context.session.update(|state| {
                if let session::State::In(session) = state {
                    session.customer.name = None;
                }
            });
            context.announcement.set(Some(Message::WithoutName));
        }
        Err(trouble) => context.tell(Message::Happened(trouble)),
    }
}

async fn take_back(context: Context) -> Result<Profile, Trouble> {
    again::signed_in(*context.session, *context.cart, api::forget_profile).await
}

async fn ask(context: Context) -> (Answer, Option<String>) {
    let scope = match learn(context).await {
        // Unverified: that GoPay names the consent. What it does not name cannot be asked for.
        Ok(Learned::Unallowed(Some(scope))) => scope,
        answer => return read(answer),
    };
    match get_consent(&scope).await {
        Ok(Consent::Granted) => read(learn(context).await),
        Ok(_) => (Answer::Refused, None),
        Err(_) => (Answer::Failed, None),
    }
}

enum Learned {
    Profile(Profile),
    /// The buyer has not agreed to this scope yet, where GoPay names it.
    Unallowed(Option<String>),
}

async fn learn(context: Context) -> Result<Learned, Trouble> {
    let request = async || match api::learn_profile().await {
        Err(api::Error::Problem(problem)) if problem.code == ProblemCode::ConsentRequired => {
            Ok(Learned::Unallowed(problem.consent))
        }
        answer => answer.map(Learned::Profile),
    };
    again::signed_in(*context.session, *context.cart, request).await
}

fn read(answer: Result<Learned, Trouble>) -> (Answer, Option<String>) {
    match answer {
        Ok(Learned::Profile(Profile { name: Some(name) })) => (Answer::Named, Some(name)),
        Ok(Learned::Profile(Profile { name: None })) => (Answer::Nameless, None),
        Ok(Learned::Unallowed(_)) | Err(_) => (Answer::Failed, None),
    }
}
