-- Whether an order is handed over only after an inquiry has said that it is paid, as the policy was when it
-- was placed: not_needed, awaited, received.
alter table orders add column confirmation text not null default 'not_needed'
    check (confirmation in ('not_needed', 'awaited', 'received'));

create trigger a_confirmation_is_received_once before update of confirmation on orders
when old.confirmation <> 'awaited' or new.confirmation <> 'received'
begin
    select raise(abort, 'an order is confirmed once');
end;

create trigger only_confirmed_orders_are_fulfilled before insert on fulfilments
when (select confirmation from orders where id = new.order_id) = 'awaited'
begin
    select raise(abort, 'the payment is not confirmed');
end;
