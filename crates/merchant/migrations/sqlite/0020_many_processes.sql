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

-- 1: `merchant erase` has replaced all that says who they are, and their token is not used.
alter table customers add column erased integer not null default 0 check (erased in (0, 1));

-- What staff have dealt with in another way than by the command that `merchant attention` names, and what was the
-- newest of it then: of an order the id of its newest event, else the time in its own row.
create table resolutions (
    id text not null primary key,
    as_of integer not null
) strict;

-- Those to which nothing has happened since.
create view resolved_items as
select 'order' as kind, o.id as id from resolutions r join orders o on o.id = r.id
where r.as_of >= (
    select coalesce(max(e.id), 0) from attempts a
    join evidence e on e.external_id = a.external_id where a.order_id = o.id)
union all
select 'refund', f.number from resolutions r join refunds f on f.number = r.id
where f.state in ('parked', 'failed') and r.as_of >= f.try_at
union all
select 'fulfilment', f.id from resolutions r join fulfilments f on f.id = r.id
where f.state = 'parked' and r.as_of >= f.try_at
union all
select 'request', m.id from resolutions r join mini_app_requests m on m.id = r.id
where m.state in ('refused', 'dead_letter') and r.as_of >= m.try_at
union all
select 'notification', 'N' || n.id from resolutions r join unplaced_notifications n on 'N' || n.id = r.id
where r.as_of >= n.last_at;
