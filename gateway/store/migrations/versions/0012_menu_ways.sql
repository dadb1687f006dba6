-- What subscribers do in menus, closer: inputs that were refused, by screen and by what was wrong with them, and which
-- ways of the menu were taken.

alter table menu_count add column refused bigint not null default 0;
alter table menu_count alter column refused drop default;

-- Counts of a day of the programme by name: ways as the menu calls them, and refused inputs as `gift_code.too_short`.
-- Rows of processes are written and added up as in menu_count.
create table menu_named_count (
  day date not null,
  kind text not null check (kind in ('way', 'refused')),
  name text not null,
  process text not null,
  count bigint not null,
  written_at timestamptz not null, -- machine time
  primary key (day, kind, name, process)
);
