-- The outbox of the mini-app API: the rewards, reminders and pushes that orders lead to. A row is
-- written in the transaction that makes it due, once for each order and kind.
create table mini_app_requests (
    -- Request-Id: the idempotency key at GoPay, the same for every try.
    id text primary key,
    order_id text not null references orders (id),
    kind text not null check (kind in (
        'coins', 'emoney', 'gems', 'gems_collection', 'reminder', 'reminder_removal', 'push')),
    -- The name that staff gave a request of theirs.
    asked_as text not null default '',
    -- Of a reward: what the rule gives for the whole order, and what is sent; null before that.
    full_amount integer check (full_amount > 0),
    amount integer check (amount > 0 and amount <= full_amount),
    -- The body; of a removal, the reminder's id.
    request text not null,
    created_at integer not null,
    state text not null default 'pending' check (state in (
        'pending', 'accepted', 'not_needed', 'refused', 'dead_letter')),
    -- Since when GoPay may have carried it out; null again after an answer that it certainly has not.
    first_sent_at integer,
    tries integer not null default 0,
    -- How often GoPay did not take the buyer's token.
    token_refusals integer not null default 0,
    -- payment_id or reminder_id of GoPay's answer.
    gopay_id text,
    -- What came of the last try.
    answer text,
    -- When to try next; once it has ended, when that was.
    try_at integer not null,
    leased_until integer not null default 0,
    unique (order_id, kind, asked_as)
) strict;

create index mini_app_requests_to_send on mini_app_requests (try_at) where state = 'pending';

create trigger mini_app_requests_are_never_removed before delete on mini_app_requests
begin
    select raise(abort, 'a request is made once for ever');
end;

create trigger mini_app_requests_stay_what_they_are
before update of id, order_id, kind, asked_as, full_amount, created_at on mini_app_requests
begin
    select raise(abort, 'a request does not change');
end;

create trigger what_was_sent_does_not_change
before update of amount, request, first_sent_at on mini_app_requests
when old.first_sent_at is not null and new.first_sent_at is not null and (
    new.amount is not old.amount or new.request <> old.request
    or new.first_sent_at <> old.first_sent_at)
begin
    select raise(abort, 'it was sent');
end;

create trigger the_end_of_a_request_is_final before update of state on mini_app_requests
when old.state in ('accepted', 'not_needed') and new.state <> old.state
begin
    select raise(abort, 'it is at its end');
end;

create trigger no_reward_without_payment before insert on mini_app_requests
when new.kind in ('coins', 'emoney', 'gems', 'push')
    and (select status from orders where id = new.order_id) is not 'paid'
begin
    select raise(abort, 'the order is not paid');
end;

-- GoPay did not take this buyer's token: what needs it waits for their next sign-in.
alter table customers add column auth_token_inactive integer not null default 0;
