"""The only room that knows GraphQL: types, views, planner, rendering, error codes."""
