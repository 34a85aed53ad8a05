-- What is due is found by an index, however much there is that is not.

-- 1 where GoPay has told of its money: the inquiry says whether the order is handed over.
alter table attempts add column is_urgent integer not null default 0 check (is_urgent in (0, 1));
update attempts set is_urgent = 1
where next_inquiry_at is not null and exists (
    select 1 from evidence where evidence.external_id = attempts.external_id
    and finding in ('paid', 'paid_in_doubt', 'refunded'));

-- An attempt under a lease is due when that has expired.
drop index attempts_to_look_at;
create index inquiries_due on attempts (max(next_inquiry_at, leased_until))
    where next_inquiry_at is not null;
create index urgent_inquiries_due on attempts (max(next_inquiry_at, leased_until))
    where next_inquiry_at is not null and is_urgent = 1;

create index fulfilments_never_tried on fulfilments (try_at) where state = 'pending' and tries = 0;

-- The number of the order among those that were paid on its day, from which its pick-up code follows.
alter table fulfilments add column day_number integer;
update fulfilments set day_number = numbered.number
from (
    select id, row_number() over (partition by day order by paid_at, id) - 1 as number
    from fulfilments
) as numbered
where numbered.id = fulfilments.id;
create unique index fulfilment_numbers on fulfilments (day, day_number);
create trigger a_day_number_stays before update of day_number on fulfilments
begin
    select raise(abort, 'what is owed does not change');
end;
