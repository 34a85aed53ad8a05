-- What staff asked to be given back and, from policy.refund_approval_from on, a second person has to ask for too.
create table refund_approvals (
    id bigint primary key generated always as identity,
    order_id text collate "C" not null references orders (id),
    amount bigint not null check (amount > 0),
    -- The name of the request, and the refund that is tried again; empty without: the second person asks for the same.
    asked_as text collate "C" not null,
    retry_of text collate "C" not null,
    -- Who asked first, as in staff_actions.
    asked_by text collate "C" not null check (length(asked_by) between 1 and 100),
    asked_at bigint not null,
    -- The second person; the refund is reserved in the same transaction.
    approved_by text collate "C" check (length(approved_by) between 1 and 100 and approved_by <> asked_by)
);

create index open_refund_approvals on refund_approvals (order_id) where approved_by is null;

create trigger refund_approvals_are_never_removed before delete on refund_approvals for each row
execute function refuse('what staff did is append-only');

create trigger refund_approvals_are_never_emptied before truncate on refund_approvals
execute function refuse('what is written down stays');

create trigger refund_approvals_stay_what_they_are
before update of order_id, amount, asked_as, retry_of, asked_by, asked_at on refund_approvals for each row
execute function refuse('what staff did is append-only');

create trigger a_refund_is_approved_once before update of approved_by on refund_approvals for each row
when (old.approved_by is not null) execute function refuse('what staff did is append-only');
