"""The connector to banks that speak the Berlin Group's NextGenPSD2 framework (XS2A 1.3), for payments from accounts."""
