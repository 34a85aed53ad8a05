-- What GoPay signed about payments that are not in this database, for a person: after a backup
-- was put back, these are the payments that came after it. An id that is absent is ''.
create table unplaced_notifications (
    id integer primary key,
    reference_no text not null,
    partner_reference_no text not null,
    external_id text not null,
    -- latestTransactionStatus
    status text not null,
    amount text not null,
    first_at integer not null,
    last_at integer not null,
    -- GoPay repeats itself.
    times integer not null default 1,
    unique (reference_no, partner_reference_no, external_id, status, amount)
) strict;

-- Payments that GoPay said were made, and then that they were not, while it is asked again:
-- nothing is handed over for them.
create view contradicted_payments as
select attempts.order_id, attempts.external_id
from attempts
join evidence paid on paid.external_id = attempts.external_id and paid.finding = 'paid'
join evidence later on later.external_id = attempts.external_id and later.id > paid.id
    and later.finding in ('cancelled', 'failed', 'expired')
where attempts.look_at is not null;

-- As before; an amount of 0 could not be read, and stands for the order's.
drop trigger no_more_is_refunded_than_was_paid;
create trigger no_more_is_refunded_than_was_paid before insert on refunds
when new.amount
    + (select coalesce(sum(amount), 0) from refunds
       where payment = new.payment and state in ('open', 'parked'))
    + max((select coalesce(sum(amount), 0) from refunds
           where payment = new.payment and state = 'done'),
          (select coalesce(max(amount), 0) from evidence
           where external_id = new.payment and finding = 'refunded'))
    > coalesce(
        (select min(amount) from evidence
         where external_id = new.payment and finding in ('paid', 'paid_in_doubt') and amount > 0),
        (select total from orders join attempts on order_id = orders.id
         where external_id = new.payment and exists
             (select 1 from evidence where external_id = new.payment
              and finding in ('refunded', 'paid_in_doubt'))),
        0)
begin
    select raise(abort, 'more than is left of the payment');
end;
