-- A buyer of two mini apps is two buyers here: each app has its own auth_token, consent and orders.
-- SQLite cannot change a unique constraint, so the table is made anew; migrations run without
-- foreign keys, and the references to it stay.
create table customers_of_mini_apps (
    id text primary key,
    -- '' in a database of an earlier version, which supported one mini app; the next start gives it its id.
    mini_app text not null,
    account_hash blob not null,
    auth_token blob not null,
    created_at integer not null,
    -- What the buyer is called, where they have let the shop have it. Personal data, so encrypted.
    name blob,
    -- GoPay did not take this buyer's token: what needs it waits for their next sign-in.
    auth_token_inactive integer not null default 0,
    unique (mini_app, account_hash)
) strict;

insert into customers_of_mini_apps
select id, '', account_hash, auth_token, created_at, name, auth_token_inactive from customers;

drop table customers;
alter table customers_of_mini_apps rename to customers;

create trigger customers_stay_with_their_mini_app before update of mini_app on customers
when old.mini_app <> '' and new.mini_app <> old.mini_app
begin
    select raise(abort, 'a buyer does not change the mini app');
end;
