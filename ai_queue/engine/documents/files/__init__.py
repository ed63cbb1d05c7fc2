"""Files to words: whatever was sent in, to pages with words and where they stand."""
