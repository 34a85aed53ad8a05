-- Times are unix milliseconds of the merchant's clock; money is whole rupiah.

-- A buyer. GoPay's id of them is only kept as a keyed hash, enough to know them again;
-- auth_token acts for them at GoPay and never expires, so it is encrypted.
create table customers (
    id text primary key,
    account_hash blob not null unique,
    auth_token blob not null,
    created_at integer not null
) strict;

-- The cookie holds the token, this table its hash: a copy of the database signs nobody in.
create table sessions (
    token_hash blob primary key,
    customer_id text not null references customers (id),
    expires_at integer not null
) strict, without rowid;

create table orders (
    id text primary key,
    customer_id text not null references customers (id),
    -- A repeated POST /api/orders finds the order it made the first time.
    idempotency_key text not null,
    fingerprint blob not null,
    lines text not null,
    total integer not null check (total > 0),
    created_at integer not null,
    -- The fold over the evidence below, kept here for queries.
    status text not null,
    unique (customer_id, idempotency_key)
) strict;

create index orders_of_customer on orders (customer_id, created_at desc);

-- One request to GoPay for a payment. Written before its first byte is sent, so that
-- whatever happens to the answer, it can be repeated as it was or asked about.
create table attempts (
    -- X-EXTERNAL-ID
    external_id text primary key,
    order_id text not null references orders (id),
    number integer not null,
    idempotency_key text not null,
    -- The body but for chargeToken.
    request text not null,
    created_at integer not null,
    valid_until integer not null,
    -- From GoPay's answer.
    reference_no text unique,
    deeplink text,
    -- When the merchant asked GoPay about it last, and means to do so next;
    -- null once GoPay has said its last word.
    looked_at integer not null,
    look_at integer,
    -- Somebody is talking to GoPay about it until then.
    leased_until integer not null,
    unique (order_id, number),
    unique (order_id, idempotency_key)
) strict;

create index attempts_to_look_at on attempts (look_at) where look_at is not null;

-- What GoPay said. Append-only: an order's status can always be computed anew.
create table evidence (
    id integer primary key,
    external_id text not null references attempts (external_id),
    source text not null,
    finding text not null,
    -- 0 where the finding has none.
    amount integer not null,
    received_at integer not null,
    -- The same thing said twice is said once.
    unique (external_id, finding, amount)
) strict;

create trigger evidence_is_never_changed before update on evidence
begin
    select raise(abort, 'evidence is append-only');
end;

create trigger evidence_is_never_removed before delete on evidence
begin
    select raise(abort, 'evidence is append-only');
end;
