"""Words to an invoice: who is paid, how much, for what and when."""
