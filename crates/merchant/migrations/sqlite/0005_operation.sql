-- A failed refund that was tried again names the refund that took its place, so that it is tried
-- again once, by whomever.
alter table refunds add column retried_as text references refunds (number);
create unique index refunds_retried_as on refunds (retried_as) where retried_as is not null;

-- The name that staff gave their request: the same name of the same payment is the same request.
alter table refunds add column asked_as text;
create unique index refunds_asked_as on refunds (payment, asked_as) where asked_as is not null;

create trigger a_refund_is_retried_once before update of retried_as on refunds
when old.retried_as is not null or old.state <> 'failed'
begin
    select raise(abort, 'it was tried again, or need not be');
end;

create trigger a_refund_is_named_once before update of asked_as on refunds
when old.asked_as is not null
begin
    select raise(abort, 'a refund does not change');
end;

-- Auth codes that were exchanged, as keyed hashes: each opens one session.
create table auth_codes (
    hash blob primary key,
    seen_at integer not null
) strict, without rowid;

create index auth_codes_to_forget on auth_codes (seen_at);

-- Sessions that have ended are removed at each sign-in.
create index sessions_to_end on sessions (expires_at);
