-- What SQLite's migrations 1 to 19 lead to. Times are Unix milliseconds of the merchant's clock, money is whole
-- rupiah, truths are 0 and 1; texts are compared by their bytes, as SQLite does.

-- A buyer of one mini app. GoPay's id of them is kept as a keyed hash, enough to know them again, and sealed;
-- auth_token acts for them at GoPay and never expires, so it is sealed, too.
create table customers (
    id text collate "C" primary key,
    mini_app text collate "C" not null,
    account_hash bytea not null,
    gopay_account_id bytea,
    auth_token bytea not null,
    -- Counts the tokens that a buyer's sign-ins brought: the sealed one changes also when it is sealed anew.
    auth_token_version bigint not null default 0,
    -- GoPay did not take this buyer's token: what needs it waits for their next sign-in.
    auth_token_inactive bigint not null default 0,
    created_at bigint not null,
    -- Sealed.
    name bytea,
    unique (mini_app, account_hash)
);

-- The ids of the master keys that the merchant opened the database with when it was started last.
create table master_keys (id bytea primary key);

-- The cookie holds the token, this table its hash: a copy of the database signs nobody in.
create table sessions (
    token_hash bytea primary key,
    customer_id text collate "C" not null references customers (id),
    expires_at bigint not null,
    last_used_at bigint not null default 0
);

create index sessions_to_end on sessions (expires_at);
create index sessions_of_customer on sessions (customer_id);

-- Auth codes that were exchanged, as keyed hashes: each opens one session.
create table auth_codes (
    hash bytea primary key,
    seen_at bigint not null
);

create index auth_codes_to_forget on auth_codes (seen_at);

create table orders (
    id text collate "C" primary key,
    customer_id text collate "C" not null references customers (id),
    -- A repeated POST /api/orders finds the order it made the first time.
    idempotency_key text collate "C" not null,
    fingerprint bytea not null,
    lines text collate "C" not null,
    total bigint not null check (total > 0),
    created_at bigint not null,
    -- What the events below lead to, kept here for queries.
    status text collate "C" not null,
    -- The table that an order is brought to, where its buyer came by a table's address.
    table_name text collate "C",
    -- What a promo code took off an order; the total is what is left to pay. Both or neither.
    promo_code text collate "C",
    discount bigint check ((discount > 0) is not false
        and (discount is null) = (promo_code is null)),
    -- Whether an order is handed over only after an inquiry has said that it is paid, as the policy was when
    -- it was placed.
    confirmation text collate "C" not null default 'not_needed'
        check (confirmation in ('not_needed', 'awaited', 'received')),
    unique (customer_id, idempotency_key)
);

create index orders_of_customer on orders (customer_id, created_at desc);
create index open_orders_of_customer on orders (customer_id)
    where status in ('awaiting_payment', 'checking');

-- One request to GoPay for a payment. Written before its first byte is sent, so that
-- whatever happens to the answer, it can be repeated as it was or asked about.
create table attempts (
    -- X-EXTERNAL-ID
    external_id text collate "C" primary key,
    order_id text collate "C" not null references orders (id),
    number bigint not null,
    idempotency_key text collate "C" not null,
    -- The body but for chargeToken.
    request text collate "C" not null,
    created_at bigint not null,
    valid_until bigint not null,
    -- From GoPay's answer.
    reference_no text collate "C" unique,
    deeplink text collate "C",
    -- When the merchant asked GoPay about it last, and means to do so next;
    -- null once GoPay has said its last word.
    last_inquiry_at bigint not null,
    next_inquiry_at bigint,
    -- Somebody is talking to GoPay about it until then.
    leased_until bigint not null,
    -- 1 where GoPay has told of its money: the inquiry says whether the order is handed over.
    is_urgent bigint not null default 0 check (is_urgent in (0, 1)),
    unique (order_id, number),
    unique (order_id, idempotency_key)
);

create index inquiries_due on attempts ((
    case when next_inquiry_at > leased_until then next_inquiry_at else leased_until end
)) where next_inquiry_at is not null;
create index urgent_inquiries_due on attempts ((
    case when next_inquiry_at > leased_until then next_inquiry_at else leased_until end
)) where next_inquiry_at is not null and is_urgent = 1;

-- What GoPay said. Append-only: an order's status can always be computed anew.
create table evidence (
    id bigint primary key generated always as identity,
    external_id text collate "C" not null references attempts (external_id),
    source text collate "C" not null,
    finding text collate "C" not null,
    -- 0 where the finding has none.
    amount bigint not null,
    received_at bigint not null,
    -- The same thing said twice is said once.
    unique (external_id, finding, amount)
);

-- Payments that GoPay said were made, and then that they were not, while it is asked again:
-- nothing is handed over for them.
create view contradicted_payments as
select attempts.order_id, attempts.external_id
from attempts
join evidence paid on paid.external_id = attempts.external_id and paid.finding = 'paid'
join evidence later on later.external_id = attempts.external_id and later.id > paid.id
    and later.finding in ('cancelled', 'failed', 'expired')
where attempts.next_inquiry_at is not null;

-- The outbox: what the shop owes for a paid order. The row is written in the transaction that
-- makes the order paid, and is the only one there will ever be for that order.
create table fulfilments (
    -- The name under which the merchant's own systems hear of it, the same every time.
    id text collate "C" primary key,
    order_id text collate "C" not null unique references orders (id),
    -- The newest evidence at that moment: all up to it says that the order is paid.
    evidence_id bigint not null references evidence (id),
    -- What the buyer shows at the counter; the day is Jakarta's, counted from 1970.
    day bigint not null,
    -- The number of the order among those that were paid on its day, from which its pick-up code follows.
    day_number bigint,
    pickup_code text collate "C" not null,
    paid_at bigint not null,
    state text collate "C" not null check (state in ('counter', 'pending', 'delivered', 'parked')),
    tries bigint not null default 0,
    -- What came of the last try: an HTTP status, or why there was none.
    answer text collate "C",
    -- When to try next; once it is delivered or parked, when that was.
    try_at bigint not null,
    -- Somebody is trying until then.
    leased_until bigint not null default 0,
    unique (day, pickup_code),
    unique (day, day_number)
);

-- The number of an order among those of its day is the sequence's next value less number_before: no transaction
-- waits for another one's commit to number its order.
create sequence paid_orders;
create table numbered_days (
    day bigint primary key,
    number_before bigint not null
);

create index fulfilments_to_deliver on fulfilments (try_at) where state = 'pending';
create index fulfilments_never_tried on fulfilments (try_at) where state = 'pending' and tries = 0;

-- What the shop gives back. A row is a reserve: it is written before GoPay hears of the refund,
-- and its money is given to nobody else until GoPay's own history tells how it ended.
create table refunds (
    -- partnerRefundNo: stands for this amount of this payment, for ever.
    number text collate "C" primary key check (number ~ '^[A-Za-z0-9_-]{1,64}$'),
    -- X-EXTERNAL-ID
    external_id text collate "C" not null unique,
    payment text collate "C" not null references attempts (external_id),
    amount bigint not null check (amount > 0),
    -- staff: somebody asked for it. surplus: the order was paid more than once.
    -- late: the money came after the buyer had been told that the order was over.
    cause text collate "C" not null check (cause in ('staff', 'surplus', 'late')),
    -- The body, byte for byte as it is sent every time.
    request text collate "C" not null,
    created_at bigint not null,
    -- open: to be sent or asked about. parked: the same, by a person. done, failed: at its end.
    state text collate "C" not null default 'open' check (state in ('open', 'parked', 'done', 'failed')),
    -- The first byte may have left then; and when that was the last time.
    sent_at bigint,
    last_sent_at bigint,
    -- What the last answer was worth.
    last_response text collate "C" not null default 'nothing' check (last_response in ('nothing', 'yes', 'no')),
    tries bigint not null default 0,
    -- What came of the last try, in words.
    answer text collate "C",
    -- When to try next; once it is at its end or parked, when that was.
    try_at bigint not null,
    -- Somebody talks to GoPay about it until then.
    leased_until bigint not null default 0,
    -- A failed refund that was tried again names the refund that took its place.
    retried_as text collate "C" references refunds (number),
    -- The name that staff gave their request: the same name of the same payment is the same request.
    asked_as text collate "C"
);

create index refunds_to_look_at on refunds (try_at) where state = 'open';
create index refunds_of_payment on refunds (payment);
create unique index refunds_retried_as on refunds (retried_as) where retried_as is not null;
create unique index refunds_asked_as on refunds (payment, asked_as) where asked_as is not null;

-- What GoPay signed about payments that are not in this database, for a person. An id that is absent is ''.
create table unplaced_notifications (
    id bigint primary key generated always as identity,
    reference_no text collate "C" not null,
    partner_reference_no text collate "C" not null,
    external_id text collate "C" not null,
    -- latestTransactionStatus
    status text collate "C" not null,
    amount text collate "C" not null,
    first_at bigint not null,
    last_at bigint not null,
    -- GoPay repeats itself.
    times bigint not null default 1,
    unique (reference_no, partner_reference_no, external_id, status, amount)
);

-- The outbox of the mini-app API: the rewards, reminders and pushes that orders lead to. A row is
-- written in the transaction that makes it due, once for each order and kind.
create table mini_app_requests (
    -- Request-Id: the idempotency key at GoPay, the same for every try.
    id text collate "C" primary key,
    order_id text collate "C" not null references orders (id),
    kind text collate "C" not null check (kind in (
        'coins', 'emoney', 'gems', 'gems_collection', 'reminder', 'reminder_removal', 'push')),
    -- The name that staff gave a request of theirs.
    asked_as text collate "C" not null default '',
    -- Of a reward: what the rule gives for the whole order, and what is sent; null before that.
    full_amount bigint check (full_amount > 0),
    amount bigint check (amount > 0 and amount <= full_amount),
    -- The body; of a removal, the reminder's id.
    request text collate "C" not null,
    created_at bigint not null,
    state text collate "C" not null default 'pending' check (state in (
        'pending', 'accepted', 'not_needed', 'refused', 'dead_letter')),
    -- Since when GoPay may have carried it out; null again after an answer that it certainly has not.
    first_sent_at bigint,
    tries bigint not null default 0,
    -- How often GoPay did not take the buyer's token.
    token_refusals bigint not null default 0,
    -- payment_id or reminder_id of GoPay's answer.
    gopay_id text collate "C",
    -- What came of the last try.
    answer text collate "C",
    -- When to try next; once it has ended, when that was.
    try_at bigint not null,
    leased_until bigint not null default 0,
    unique (order_id, kind, asked_as)
);

create index mini_app_requests_to_send on mini_app_requests (try_at) where state = 'pending';

-- What staff did by command, and why. A row is written before its command acts, and another one, which names
-- it, with what came of it: one without is a command that broke off.
create table staff_actions (
    id bigint primary key generated always as identity,
    at bigint not null,
    -- Who, by their own word or by the name of the system's user.
    actor text collate "C" not null check (length(actor) between 1 and 100),
    -- The command, such as refund or sign_out.
    command text collate "C" not null,
    -- What it was about: an order's id, a refund's number; empty where it was about all.
    subject text collate "C" not null,
    reason text collate "C" not null check (length(reason) <= 500),
    -- Of a row that says what came of another one: that one's id, and what it was.
    result_of bigint references staff_actions (id),
    result text collate "C",
    check ((result_of is null) = (result is null))
);

create unique index results_of_staff_actions on staff_actions (result_of)
    where result_of is not null;

-- What waits for a person is counted every few seconds, and is little.
create index orders_in_review on orders (created_at) where status = 'review';
create index fulfilment_dead_letters on fulfilments (try_at) where state = 'parked';
create index refund_dead_letters on refunds (created_at) where state = 'parked';
create index failed_refunds on refunds (created_at)
    where state = 'failed' and retried_as is null;
create index mini_app_requests_refused on mini_app_requests (created_at)
    where state = 'refused';
create index mini_app_request_dead_letters on mini_app_requests (created_at)
    where state = 'dead_letter';
create index buyers_to_sign_in on customers (id) where auth_token_inactive = 1;

-- The reason of a refusal is the trigger's argument.
create function refuse() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0];
end $$;

create trigger evidence_is_never_changed before update on evidence for each row
execute function refuse('evidence is append-only');

create trigger evidence_is_never_removed before delete on evidence for each row
execute function refuse('evidence is append-only');

create trigger staff_actions_are_never_changed before update on staff_actions for each row
execute function refuse('what staff did is append-only');

create trigger staff_actions_are_never_removed before delete on staff_actions for each row
execute function refuse('what staff did is append-only');

create trigger fulfilments_are_never_removed before delete on fulfilments for each row
execute function refuse('an order is fulfilled once for ever');

create trigger fulfilments_stay_what_they_are before update of id, order_id, evidence_id, day, pickup_code, paid_at
on fulfilments for each row
execute function refuse('what is owed does not change');

create trigger a_day_number_stays before update of day_number on fulfilments for each row
execute function refuse('what is owed does not change');

create trigger delivered_is_final before update of state on fulfilments for each row
when (old.state = 'delivered' and new.state <> 'delivered') execute function refuse('it was delivered');

create trigger orders_stay_what_they_are before update of id, customer_id, idempotency_key, fingerprint, lines, total, created_at
on orders for each row
execute function refuse('an order does not change');

create trigger a_confirmation_is_received_once before update of confirmation on orders for each row
when (old.confirmation <> 'awaited' or new.confirmation <> 'received') execute function refuse('an order is confirmed once');

create trigger attempts_stay_what_they_are before update of external_id, order_id, number, idempotency_key, request, created_at, valid_until
on attempts for each row
execute function refuse('an attempt does not change');

create trigger refunds_are_never_removed before delete on refunds for each row
execute function refuse('a refund is reserved once for ever');

create trigger refunds_stay_what_they_are before update of number, external_id, payment, amount, cause, request, created_at
on refunds for each row
execute function refuse('a refund does not change');

create trigger the_end_of_a_refund_is_final before update of state on refunds for each row
when (old.state in ('done', 'failed') and new.state <> old.state) execute function refuse('it is at its end');

create trigger a_refund_is_retried_once before update of retried_as on refunds for each row
when (old.retried_as is not null or old.state <> 'failed') execute function refuse('it was tried again, or need not be');

create trigger a_refund_is_named_once before update of asked_as on refunds for each row
when (old.asked_as is not null) execute function refuse('a refund does not change');

create trigger mini_app_requests_are_never_removed before delete on mini_app_requests for each row
execute function refuse('a request is made once for ever');

create trigger mini_app_requests_stay_what_they_are before update of id, order_id, kind, asked_as, full_amount, created_at
on mini_app_requests for each row
execute function refuse('a request does not change');

create trigger what_was_sent_does_not_change before update of amount, request, first_sent_at on mini_app_requests for each row
when (old.first_sent_at is not null and new.first_sent_at is not null and (
    new.amount is distinct from old.amount or new.request <> old.request
    or new.first_sent_at <> old.first_sent_at)) execute function refuse('it was sent');

create trigger the_end_of_a_request_is_final before update of state on mini_app_requests for each row
when (old.state in ('accepted', 'not_needed') and new.state <> old.state) execute function refuse('it is at its end');

create trigger customers_stay_with_their_mini_app before update of mini_app on customers for each row
when (old.mini_app <> '' and new.mini_app <> old.mini_app) execute function refuse('a buyer does not change the mini app');

create trigger evidence_are_never_emptied before truncate on evidence
execute function refuse('what is written down stays');

create trigger fulfilments_are_never_emptied before truncate on fulfilments
execute function refuse('what is written down stays');

create trigger refunds_are_never_emptied before truncate on refunds
execute function refuse('what is written down stays');

create trigger mini_app_requests_are_never_emptied before truncate on mini_app_requests
execute function refuse('what is written down stays');

create trigger orders_are_never_emptied before truncate on orders
execute function refuse('what is written down stays');

create trigger attempts_are_never_emptied before truncate on attempts
execute function refuse('what is written down stays');

create function only_paid_orders_are_fulfilled() returns trigger language plpgsql as $$
begin
    if (select status from orders where id = new.order_id) is distinct from 'paid' then
        raise exception 'the order is not paid';
    end if;
    return new;
end $$;
create trigger only_paid_orders_are_fulfilled before insert on fulfilments for each row
execute function only_paid_orders_are_fulfilled();

create function only_confirmed_orders_are_fulfilled() returns trigger language plpgsql as $$
begin
    if (select confirmation from orders where id = new.order_id) = 'awaited' then
        raise exception 'the payment is not confirmed';
    end if;
    return new;
end $$;
create trigger only_confirmed_orders_are_fulfilled before insert on fulfilments for each row
execute function only_confirmed_orders_are_fulfilled();

create function no_reward_without_payment() returns trigger language plpgsql as $$
begin
    if new.kind in ('coins', 'emoney', 'gems', 'push')
        and (select status from orders where id = new.order_id) is distinct from 'paid' then
        raise exception 'the order is not paid';
    end if;
    return new;
end $$;
create trigger no_reward_without_payment before insert on mini_app_requests for each row
execute function no_reward_without_payment();

create function no_more_is_refunded_than_was_paid() returns trigger language plpgsql as $$
begin
    -- Two that do not see each other would take the same money.
    perform 1 from attempts where external_id = new.payment for no key update;
    if new.amount
        + (select coalesce(sum(amount), 0) from refunds
           where payment = new.payment and state in ('open', 'parked'))
        + greatest((select coalesce(sum(amount), 0) from refunds
                    where payment = new.payment and state = 'done'),
                   (select coalesce(max(amount), 0) from evidence
                    where external_id = new.payment and finding = 'refunded'))
        > coalesce(
            (select min(amount) from evidence
             where external_id = new.payment and finding in ('paid', 'paid_in_doubt')
             and amount > 0),
            (select total from orders join attempts on order_id = orders.id
             where external_id = new.payment and exists
                 (select 1 from evidence where external_id = new.payment
                  and finding in ('refunded', 'paid_in_doubt'))),
            0) then
        raise exception 'more than is left of the payment';
    end if;
    return new;
end $$;
create trigger no_more_is_refunded_than_was_paid before insert on refunds for each row
execute function no_more_is_refunded_than_was_paid();

create trigger staff_actions_are_never_emptied before truncate on staff_actions
execute function refuse('what is written down stays');
