"""Who may write in the book: users, their roles and tokens; kept in the book's own database."""
