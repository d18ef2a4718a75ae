"""Keeping the index (`index`, out of what `texts` gathers), and what curators keep (`curate`)."""
