"""The plots of the HTML report: plain figures in, inline SVG out that takes its colours from the page.

Every module holds one kind of plot: the frozen figure it needs and the function that draws it. None of them
knows a soak kind; the `page` module of a kind makes figures of its report.
"""
