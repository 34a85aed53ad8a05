//! What GoPay is told so that it offers GoPay Later for an order.

use super::catalogue::Catalogue;
use contract::{CustomerId, OrderLine};
use gopay_protocol::message::gopay_later::{Metadata, OrderInfo, SubOrder, UserInfo, number};

/// Who buys, and from whom.
#[derive(Debug, Clone)]
pub struct Parties<'a> {
    pub merchant_id: &'a str,
    pub customer_id: &'a CustomerId,
    /// When the buyer first signed in, in ISO 8601.
    pub registration_date: String,
}

/// `None` where a product has left the catalogue, or has no category there: GoPay does not take a
/// line without one.
pub fn metadata(
    parties: Parties<'_>,
    lines: &[OrderLine],
    catalogue: &Catalogue,
) -> Option<Metadata> {
    let sub_orders = lines.iter().map(|line| {
        let product = (catalogue.products().iter()).find(|it| it.id == line.product)?;
        let category = product.category.as_ref()?;
        Some(SubOrder {
            merchant_id: parties.merchant_id.to_owned(),
            category_id: category.id.clone(),
            category_one_name: category.name.id.clone(),
            category_two_name: None,
            sku_id: line.product.clone(),
            sku_name: line.name.id.clone(),
            quantity: number(line.quantity.get().into()),
            amount: number(line.price.times(line.quantity)?.get()),
            user_id: parties.customer_id.to_string(),
        })
    });
    let sub_orders = sub_orders.collect::<Option<_>>()?;
    Some(Metadata {
        order_info: OrderInfo { sub_orders },
        user_info: UserInfo {
            id: parties.customer_id.to_string(),
            registration_date: parties.registration_date,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Rupiah, Wording};
    use std::num::NonZeroU32;

    fn line(product: &str, price: u64) -> OrderLine {
        OrderLine {
            product: product.to_owned(),
            name: Wording {
                id: "Kopi".to_owned(),
                en: "Coffee".to_owned(),
            },
            quantity: NonZeroU32::new(2).unwrap(),
            price: Rupiah::new(price),
        }
    }

    fn metadata_of(line: OrderLine) -> Option<Metadata> {
        let product = |id: &str, more: &str| {
            format!(
                "[[product]]\nid = \"{id}\"\nname = {{ id = \"a\", en = \"a\" }}\n\
                 description = {{ id = \"a\", en = \"a\" }}\nprice = 1\nimage = \"/a\"\n{more}\n"
            )
        };
        let toml = [
            "[[category]]\nid = \"minum\"\nname = { id = \"Minuman\", en = \"Drinks\" }\n"
                .to_owned(),
            product("kopi", "category = \"minum\""),
            product("roti", ""),
        ];
        let parties = Parties {
            merchant_id: "G1",
            customer_id: &"c-7".into(),
            registration_date: "2026-11-22T19:04:05+07:00".to_owned(),
        };
        metadata(parties, &[line], &Catalogue::parse(&toml.concat()).unwrap())
    }

    #[test]
    fn each_line_is_told_with_its_category_its_pieces_and_what_they_cost() {
        let written = serde_json::to_value(metadata_of(line("kopi", 25_000)).unwrap()).unwrap();
        let expected = serde_json::json!({
            "order_info": {"sub_orders": [{
                "merchant_id": "G1",
                "category_id": "minum",
                "category_one_name": "Minuman",
                "sku_id": "kopi",
                "sku_name": "Kopi",
                "quantity": "2.0",
                "amount": "50000.0",
                "user_id": "c-7",
            }]},
            "user_info": {"id": "c-7", "registration_date": "2026-11-22T19:04:05+07:00"},
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn nothing_is_told_of_a_line_without_a_category() {
        for product in ["roti", "gone"] {
            assert_eq!(metadata_of(line(product, 1)), None, "{product}");
        }
    }
}
