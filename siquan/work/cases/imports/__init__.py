"""Read foreign tables of tickets: files → rows → tickets, without the database."""
