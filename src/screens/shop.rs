//! The menu: products and their quantities, and the order that is still to be paid.

use crate::browser::{self, package::asset};
use crate::checkout::{Event, State};
use crate::components::{Heading, Stepper, dyn_view, on_click};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Menu;
use contract::{OpenOrder, Product};
use leptos::prelude::*;

#[component]
pub fn Shop(context: Context) -> impl IntoView {
    // Signing in again, or a new name, does not rebuild the rows.
    let catalogue = Memo::new(move |_| context.with_catalogue(<[Product]>::to_vec));
    let locked = Memo::new(move |_| {
        context.is_awaiting()
            || (context.checkout).with(|state| !matches!(state, State::Browsing { .. }))
    });
    view! {
        <main class="page" data-bar="">
            <Heading
                words=context.menu(&Menu::Title)
                takes_focus=context.takes_focus()
            />
            <p class="lead">{context.menu(&Menu::Tagline)}</p>
            {dyn_view(move || reminder(context))}
            <ul class="menu">
                {dyn_view(move || rows(context, catalogue, locked))}
            </ul>
        </main>
    }
}

fn rows(context: Context, catalogue: Memo<Vec<Product>>, locked: Memo<bool>) -> AnyView {
    catalogue.with(|products| {
        let mut shown = Vec::new();
        let rows = (products.iter().enumerate())
            .map(|(index, product)| {
                let changed = Trigger::new();
                let pieces = context
                    .cart
                    .with_untracked(|cart| cart.quantity(&product.id));
                shown.push((product.id.clone(), pieces, changed));
                // The merchant lists products of one category together.
                let before = index.checked_sub(1).and_then(|it| products.get(it));
                let is_first = before.is_none_or(|before| before.category != product.category);
                row(context, product, changed, index, is_first, locked)
            })
            .collect_view();
        // One reader of the cart for all rows, so that a tap updates its own row only.
        let follow = dyn_view(move || {
            context.cart.with(|cart| {
                for (product, shown, changed) in &mut shown {
                    let pieces = cart.quantity(product);
                    if *shown != pieces {
                        *shown = pieces;
                        changed.notify();
                    }
                }
            });
            ().into_any()
        });
        view! { {rows} {follow} }.into_any()
    })
}

fn row(
    context: Context,
    product: &Product,
    changed: Trigger,
    index: usize,
    is_first: bool,
    locked: Memo<bool>,
) -> impl IntoView {
    let product = StoredValue::new(product.clone());
    let quantity = move || {
        changed.track();
        product
            .with_value(|product| (context.cart).with_untracked(|cart| cart.quantity(&product.id)))
    };
    let plus = move || product.with_value(|product| ["plus-", &product.id].concat());
    let name = product.with_value(|product| context.pick(&product.name));
    let about = product.with_value(|product| context.pick(&product.description));
    let buy = if product.with_value(|product| product.sold_out) {
        view! { <p class="sold-out">{context.menu(&Menu::SoldOut)}</p> }.into_any()
    } else {
        view! {
            <Stepper
                quantity
                locked
                id=plus()
                remove=context.menu(&Menu::Remove(name.clone()))
                add=context.menu(&Menu::Add(name.clone()))
                on_change=move |quantity| {
                    // The minus button disappears with the last piece, the focus must not.
                    if quantity == 0 {
                        browser::focus(&plus());
                    }
                    product.with_value(|product| context.set_quantity(product, quantity));
                }
            />
        }
        .into_any()
    };
    let (image, price, id) = product.with_value(|it| {
        let id = ["product-", &it.id].concat();
        (asset(&it.image), rupiah(it.price), id)
    });
    let category = product.with_value(|it| {
        let category = it.category.as_ref().filter(|_| is_first)?;
        let id = ["category-", &category.id].concat();
        Some(view! { <h2 class="category" id=id>{context.pick(&category.name)}</h2> })
    });
    view! {
        <li class="product" id=id>
            {category}
            <img
                src=image
                alt=""
                width="104"
                height="104"
                decoding="async"
                loading=if index < 6 { "eager" } else { "lazy" }
            />
            <h2>{name}</h2>
            <p class="about">{about}</p>
            <div class="buy">
                <p class="price" lang="id">{price}</p>
                {buy}
            </div>
        </li>
    }
}

/// The reminder of an order that waits for its payment.
fn reminder(context: Context) -> AnyView {
    if !context
        .checkout
        .with(|state| matches!(state, State::Browsing { .. }))
    {
        return ().into_any();
    }
    let order = (context.session).with(|session| session.session()?.open_order.clone());
    let Some(OpenOrder { id, total }) = order else {
        return ().into_any();
    };
    view! {
        <button
            type="button"
            class="waiting"
            on:click=on_click(move || context.send(Event::OrderTapped(id.clone())))
        >
            <span>
                {context.menu(&Menu::WaitingOrder)}
                <span class="amount" lang="id">{rupiah(total)}</span>
                {context.menu(&Menu::Waits)}
            </span>
            <span class="go">{context.menu(&Menu::Continue)}</span>
        </button>
    }
    .into_any()
}
