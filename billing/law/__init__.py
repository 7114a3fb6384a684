"""What the law says of a bill: rules as a dated table, asked by country."""
