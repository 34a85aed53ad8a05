-- The outbox: what the shop owes for a paid order. The row is written in the transaction that
-- makes the order paid, and is the only one there will ever be for that order.
create table fulfilments (
    -- The name under which the merchant's own systems hear of it, the same every time.
    id text primary key,
    order_id text not null unique references orders (id),
    -- The newest evidence at that moment: all up to it says that the order is paid.
    evidence_id integer not null references evidence (id),
    -- What the buyer shows at the counter; the day is Jakarta's, counted from 1970.
    day integer not null,
    pickup_code text not null,
    paid_at integer not null,
    -- counter: nobody but the counter has to hear of it.
    -- pending: the hook has to. delivered: it said that it did. parked: it was tried too often.
    state text not null check (state in ('counter', 'pending', 'delivered', 'parked')),
    tries integer not null default 0,
    -- What came of the last try: an HTTP status, or why there was none.
    answer text,
    -- When to try next; once it is delivered or parked, when that was.
    try_at integer not null,
    -- Somebody is trying until then.
    leased_until integer not null default 0,
    unique (day, pickup_code)
) strict;

create index fulfilments_to_deliver on fulfilments (try_at) where state = 'pending';

-- Orders that were paid before there was an outbox were handed over without it.
insert into fulfilments (id, order_id, evidence_id, day, pickup_code, paid_at, state, try_at)
select lower(hex(randomblob(16))), order_id, evidence_id, day,
       printf('%04d', row_number() over (partition by day order by paid_at, order_id)),
       paid_at, 'counter', paid_at
from (
    select orders.id as order_id,
           max(evidence.id) as evidence_id,
           min(received_at) filter (where finding = 'paid') as paid_at,
           (min(received_at) filter (where finding = 'paid') + 25200000) / 86400000 as day
    from orders
    join attempts on attempts.order_id = orders.id
    join evidence on evidence.external_id = attempts.external_id
    where orders.status = 'paid'
    group by orders.id
);

create trigger only_paid_orders_are_fulfilled before insert on fulfilments
when (select status from orders where id = new.order_id) is not 'paid'
begin
    select raise(abort, 'the order is not paid');
end;

create trigger fulfilments_are_never_removed before delete on fulfilments
begin
    select raise(abort, 'an order is fulfilled once for ever');
end;

create trigger fulfilments_stay_what_they_are
before update of id, order_id, evidence_id, day, pickup_code, paid_at on fulfilments
begin
    select raise(abort, 'what is owed does not change');
end;

create trigger delivered_is_final before update of state on fulfilments
when old.state = 'delivered' and new.state <> 'delivered'
begin
    select raise(abort, 'it was delivered');
end;

-- What was ordered, and what GoPay was asked for, stay as they were.
create trigger orders_stay_what_they_are
before update of id, customer_id, idempotency_key, fingerprint, lines, total, created_at on orders
begin
    select raise(abort, 'an order does not change');
end;

create trigger attempts_stay_what_they_are
before update of external_id, order_id, number, idempotency_key, request, created_at, valid_until
on attempts
begin
    select raise(abort, 'an attempt does not change');
end;
