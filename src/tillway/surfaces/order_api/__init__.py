"""The payment orders API: pay-by-bank orders, refunds with limits and webhooks, spoken as its document says."""
