-- When an attempt's inquiry is due, in the words that both databases understand.
drop index inquiries_due;
drop index urgent_inquiries_due;
create index inquiries_due on attempts (
    case when next_inquiry_at > leased_until then next_inquiry_at else leased_until end
) where next_inquiry_at is not null;
create index urgent_inquiries_due on attempts (
    case when next_inquiry_at > leased_until then next_inquiry_at else leased_until end
) where next_inquiry_at is not null and is_urgent = 1;
