-- What waits for a person is counted every few seconds, and is little.
create index orders_in_review on orders (created_at) where status = 'review';
create index fulfilment_dead_letters on fulfilments (try_at) where state = 'parked';
create index refund_dead_letters on refunds (created_at) where state = 'parked';
create index failed_refunds on refunds (created_at)
    where state = 'failed' and retried_as is null;
create index mini_app_requests_refused on mini_app_requests (created_at)
    where state = 'refused';
create index mini_app_request_dead_letters on mini_app_requests (created_at)
    where state = 'dead_letter';
create index buyers_to_sign_in on customers (id) where auth_token_inactive = 1;
