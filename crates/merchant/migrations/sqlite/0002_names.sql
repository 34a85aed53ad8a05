-- What the buyer is called, where they have let the shop have it. Personal data, so encrypted.
alter table customers add column name blob;
