-- The buyer's id at GoPay, sealed: the keyed hash of it can be made again under another master key.
-- Null until the first sign-in after this version came.
alter table customers add column gopay_account_id blob;

-- Counts the tokens that a buyer's sign-ins brought: the sealed one changes also when it is sealed anew.
alter table customers add column auth_token_version integer not null default 0;

-- The ids of the master keys that the merchant opened the database with when it was started last.
create table master_keys (id blob primary key) strict;
