-- What a promo code took off an order; the total is what is left to pay. Both or neither.
alter table orders add column promo_code text;
alter table orders add column discount integer check ((discount > 0) is not false
    and (discount is null) = (promo_code is null));
