"""The pages: each route parses, calls one function and builds one context."""
