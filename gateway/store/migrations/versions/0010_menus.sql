-- Menus while they serve: which process serves which version of the pack, and what subscribers do on each screen.

-- What a process says of itself every half minute (machine time); who has not been heard of is gone.
create table pack_serving (
  process text primary key,
  digest text not null,
  since timestamptz not null,
  standing text not null check (standing in ('served', 'faulty', 'waits')),
  why text not null,
  heard_at timestamptz not null
);

-- Counts of a day of the programme, by screen. Each process has rows of its own, so that none waits for another; those
-- of days gone by are added up under no name. Nobody can be told from them.
create table menu_count (
  day date not null,
  screen text not null,
  process text not null,
  opened bigint not null,
  shown bigint not null,
  answered bigint not null,
  wrong bigint not null,
  ended bigint not null,
  resumed bigint not null,
  hung_up bigint not null,
  timed_out bigint not null,
  broken bigint not null,
  failed bigint not null,
  thought_ms bigint not null,
  written_at timestamptz not null, -- machine time
  primary key (day, screen, process)
);
