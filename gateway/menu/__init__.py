"""USSD menus: a file that people edit, what is proved of it, and a pure engine that walks it.

Reads downward: `source` is the file, `load` makes a `model.Menu` of it, `lint` proves it, `engine` walks it with a
`state.State`, `paginate` divides what is too long, `picture` draws it; `graph` is its arrows. What is typed, what is
kept, and which number stands before a choice are decided in `typed`, `kept` and `numbering`. Refuses to know loyalty,
sockets and clocks: what it needs of them comes as arguments (`ActionSpec`, `Profile`, `Vocabulary`, `Outcome`).
"""
