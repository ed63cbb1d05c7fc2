"""Documents: files to words, words to an invoice.

`files.reading.read` turns the bytes of a file into a `files.shapes.Document`: pages
with words and where they stand. `bills` works on that and opens no file.
"""
