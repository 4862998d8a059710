"""The web payments API: payments in a widget or by a link, refunds and postbacks, spoken as its document says."""
