"""What is paid and asked: on account, by reference, and for the whole building."""
