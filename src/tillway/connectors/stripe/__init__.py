"""Our side of Stripe: payment intents with 3-D Secure, paid on a page of ours that holds Stripe's own form."""
