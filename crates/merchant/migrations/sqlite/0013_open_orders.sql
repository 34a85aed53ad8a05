-- A buyer's orders that wait for their payment are counted before there is one more.
create index open_orders_of_customer on orders (customer_id)
    where status in ('awaiting_payment', 'checking');
