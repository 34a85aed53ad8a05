-- The table that an order is brought to, where its buyer came by a table's address.
alter table orders add column table_name text;
