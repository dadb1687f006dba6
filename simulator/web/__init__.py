"""Handsets in the browser: a page, and the little API behind it.

`phone` is one handset with its SMS, `bench` the few that stand side by side, `journal` what has happened to them;
none of them knows HTTP. `app` gives them a face, `guard` keeps other pages out, `static` is what the browser runs.
"""
