"""The only room that knows Casbin: rules, their table, the vocabulary of permission."""
