-- Columns get the names of what they hold; indexes, triggers and views follow.
alter table attempts rename column look_at to next_inquiry_at;
alter table attempts rename column looked_at to last_inquiry_at;
alter table refunds rename column said to last_response;
alter table refunds rename column sent_again_at to last_sent_at;
