"""What is paid and what is charged: on account, by reference, and for the whole building."""
