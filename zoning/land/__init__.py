"""What is known of every cell before any rule is asked."""
