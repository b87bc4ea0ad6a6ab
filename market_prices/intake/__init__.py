"""From a file or a form to rows that can be recorded, none lost."""
