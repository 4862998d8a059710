"""The gift-card API: paying with gift cards, spoken as its document says."""
