"""The picture of a menu.

Reads downward: `model` is what there is to draw, `make` finds it in a menu file, `layout` places boxes and routes
arrows, `mermaid`, `svg` and `page` write. What a walk, a dialogue or a metric knows of screens joins the picture by the
names of screens. Refuses to judge a menu: that is `lint`, and a menu that it blames is drawn all the same.
"""
