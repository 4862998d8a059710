"""The pages a payer or a cashier sees."""
