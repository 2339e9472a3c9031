"""Stripe: Checkout Sessions, refunds, disputes and payouts, behind Kassa's protocol of providers."""
