-- What staff asked to be given back and, from policy.refund_approval_from on, a second person has to ask for too.
create table refund_approvals (
    id integer primary key,
    order_id text not null references orders (id),
    amount integer not null check (amount > 0),
    -- The name of the request, and the refund that is tried again; empty without: the second person asks for the same.
    asked_as text not null,
    retry_of text not null,
    -- Who asked first, as in staff_actions.
    asked_by text not null check (length(asked_by) between 1 and 100),
    asked_at integer not null,
    -- The second person; the refund is reserved in the same transaction.
    approved_by text check (length(approved_by) between 1 and 100 and approved_by <> asked_by)
) strict;

create index open_refund_approvals on refund_approvals (order_id) where approved_by is null;

create trigger refund_approvals_are_never_removed before delete on refund_approvals
begin
    select raise(abort, 'what staff did is append-only');
end;

create trigger refund_approvals_stay_what_they_are
before update of id, order_id, amount, asked_as, retry_of, asked_by, asked_at on refund_approvals
begin
    select raise(abort, 'what staff did is append-only');
end;

create trigger a_refund_is_approved_once before update of approved_by on refund_approvals
when old.approved_by is not null
begin
    select raise(abort, 'what staff did is append-only');
end;
