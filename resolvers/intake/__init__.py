"""Taking a register's rows in: reading their values, judging them, recording them."""
