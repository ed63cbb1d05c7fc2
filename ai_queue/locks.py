# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Namespaces of PostgreSQL's advisory locks, one for each thing that is locked."""

#: checksums of files that are about to be read
FILE_LOCK = 7719
#: numbers of bills that are about to be written
NUMBER_LOCK = 7720
#: adding up calls
TOTAL_LOCK = 7721
#: vendors that are about to be made partners
VENDOR_LOCK = 7722
