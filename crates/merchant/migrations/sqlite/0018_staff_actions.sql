-- What staff did by command, and why. A row is written before its command acts, and another one, which names
-- it, with what came of it: one without is a command that broke off.
create table staff_actions (
    id integer primary key,
    at integer not null,
    -- Who, by their own word or by the name of the system's user.
    actor text not null check (length(actor) between 1 and 100),
    -- The command, such as refund or sign_out.
    command text not null,
    -- What it was about: an order's id, a refund's number; empty where it was about all.
    subject text not null,
    reason text not null check (length(reason) <= 500),
    -- Of a row that says what came of another one: that one's id, and what it was.
    result_of integer references staff_actions (id),
    result text,
    check ((result_of is null) = (result is null))
) strict;

create unique index results_of_staff_actions on staff_actions (result_of)
    where result_of is not null;

create trigger staff_actions_are_never_changed before update on staff_actions
begin
    select raise(abort, 'what staff did is append-only');
end;

create trigger staff_actions_are_never_removed before delete on staff_actions
begin
    select raise(abort, 'what staff did is append-only');
end;
