"""The pages of payment orders: choosing a bank, paying by transfer, and coming back."""
