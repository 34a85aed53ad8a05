-- What the shop gives back. A row is a reserve: it is written before GoPay hears of the refund,
-- and its money is given to nobody else until GoPay's own history tells how it ended.
create table refunds (
    -- partnerRefundNo: stands for this amount of this payment, for ever.
    number text primary key
        check (length(number) between 1 and 64 and number not glob '*[^A-Za-z0-9_-]*'),
    -- X-EXTERNAL-ID
    external_id text not null unique,
    payment text not null references attempts (external_id),
    amount integer not null check (amount > 0),
    -- staff: somebody asked for it. surplus: the order was paid more than once.
    -- late: the money came after the buyer had been told that the order was over.
    cause text not null check (cause in ('staff', 'surplus', 'late')),
    -- The body, byte for byte as it is sent every time.
    request text not null,
    created_at integer not null,
    -- open: to be sent or asked about. parked: the same, by a person. done, failed: at its end.
    state text not null default 'open' check (state in ('open', 'parked', 'done', 'failed')),
    -- The first byte may have left then; and when that was the last time.
    sent_at integer,
    sent_again_at integer,
    -- What the last answer was worth.
    said text not null default 'nothing' check (said in ('nothing', 'yes', 'no')),
    tries integer not null default 0,
    -- What came of the last try, in words.
    answer text,
    -- When to try next; once it is at its end or parked, when that was.
    try_at integer not null,
    -- Somebody talks to GoPay about it until then.
    leased_until integer not null default 0
) strict;

create index refunds_to_look_at on refunds (try_at) where state = 'open';
create index refunds_of_payment on refunds (payment);

-- What was paid is what GoPay said; what went back is what GoPay said, or what we know better.
create trigger no_more_is_refunded_than_was_paid before insert on refunds
when new.amount
    + (select coalesce(sum(amount), 0) from refunds
       where payment = new.payment and state in ('open', 'parked'))
    + max((select coalesce(sum(amount), 0) from refunds
           where payment = new.payment and state = 'done'),
          (select coalesce(max(amount), 0) from evidence
           where external_id = new.payment and finding = 'refunded'))
    > coalesce(
        (select min(amount) from evidence
         where external_id = new.payment and finding in ('paid', 'paid_in_doubt')),
        (select total from orders join attempts on order_id = orders.id
         where external_id = new.payment and exists
             (select 1 from evidence where external_id = new.payment and finding = 'refunded')),
        0)
begin
    select raise(abort, 'more than is left of the payment');
end;

create trigger refunds_are_never_removed before delete on refunds
begin
    select raise(abort, 'a refund is reserved once for ever');
end;

create trigger refunds_stay_what_they_are
before update of number, external_id, payment, amount, cause, request, created_at on refunds
begin
    select raise(abort, 'a refund does not change');
end;

create trigger the_end_of_a_refund_is_final before update of state on refunds
when old.state in ('done', 'failed') and new.state <> old.state
begin
    select raise(abort, 'it is at its end');
end;
