-- Not in a copy of the database: what the processes of the merchant share of its account at GoPay is made anew.

-- The token of the process that asked last.
create table access_tokens (
    -- Of the private key and where the token is asked for with it.
    key blob not null primary key,
    -- One more with each token.
    version integer not null,
    -- Null before the first token.
    sealed blob,
    valid_until integer not null,
    -- Until when no other process asks.
    leased_until integer not null
) strict;

-- Until when an API is not asked, because GoPay answered 429.
create table gopay_pauses (
    account blob not null,
    api text not null,
    paused_until integer not null,
    primary key (account, api)
) strict;

-- What staff have settled in another way than by the command that `merchant attention` names, unless something has
-- happened to it since.
create index settled_by_staff on staff_actions (subject) where command = 'settle';

create view settled_items as
select 'order' as kind, o.id as id from staff_actions s join orders o on o.id = s.subject
where s.command = 'settle' and s.result not like 'refused: %' and s.at >= (
    select coalesce(max(e.received_at), 0) from attempts a
    join evidence e on e.external_id = a.external_id where a.order_id = o.id)
union
select 'refund', r.number from staff_actions s join refunds r on r.number = s.subject
where s.command = 'settle' and s.result not like 'refused: %'
    and r.state in ('parked', 'failed') and s.at >= r.try_at
union
select 'fulfilment', f.id from staff_actions s join fulfilments f on f.id = s.subject
where s.command = 'settle' and s.result not like 'refused: %'
    and f.state = 'parked' and s.at >= f.try_at
union
select 'request', r.id from staff_actions s join mini_app_requests r on r.id = s.subject
where s.command = 'settle' and s.result not like 'refused: %'
    and r.state in ('refused', 'dead_letter') and s.at >= r.try_at
union
select 'notification', n.reference_no from staff_actions s
join unplaced_notifications n on n.reference_no = s.subject
where s.command = 'settle' and s.result not like 'refused: %' and s.at >= n.last_at;
