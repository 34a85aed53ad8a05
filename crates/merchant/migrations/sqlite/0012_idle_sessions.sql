-- When a session was last used, to within some minutes. Sessions of before end now: the app signs in
-- again, silently.
alter table sessions add column last_used_at integer not null default 0;
