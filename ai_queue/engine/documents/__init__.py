"""Documents: files to words, words to an invoice.

`reading.read` turns the bytes of a file into a `shapes.Document`: pages with words
and where they stand. Everything else works on that.
"""
